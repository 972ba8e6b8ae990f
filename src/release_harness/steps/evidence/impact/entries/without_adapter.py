"""Frameworks that have entry points and no adapter here: named, so that what they serve is not taken for unreached."""

from collections.abc import Iterable, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path

SERVING = {
    "@trpc/server": "tRPC",
    "@remix-run/node": "Remix",
    "@remix-run/server-runtime": "Remix",
    "@react-router/dev/routes": "React Router",
    "@react-router/fs-routes": "React Router",
    "@react-router/node": "React Router",
    "koa": "Koa",
    "@koa/router": "Koa",
    "@hapi/hapi": "hapi",
    "@sveltejs/kit": "SvelteKit",
    "@apollo/server": "Apollo",
    "type-graphql": "TypeGraphQL",
    "jakarta.ws.rs": "JAX-RS",
    "javax.ws.rs": "JAX-RS",
    "io.micronaut.http.annotation": "Micronaut",
    "io.ktor.server.routing": "Ktor",
}
"""Module that only the serving side imports -> name of the framework."""


class WithoutAdapter:
    """Says which frameworks of a tree are not read."""

    name = "without adapter"
    languages = frozenset({"typescript", "tsx", "javascript", "vue", "java", "kotlin"})
    libraries = frozenset(SERVING)
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the frameworks that one file of the product imports."""
        if is_test_path(file.path):
            return
        for name in sorted({SERVING[each] for each in file.imports if each in SERVING}):
            yield Registration(self.name, "import", f"{file.path}:", 0, {"of": name})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:  # noqa: ARG002 - the contract
        """Return one sentence for each framework."""
        counts: dict[str, int] = {}
        for each in found:
            counts[each.data["of"]] = counts.get(each.data["of"], 0) + 1
        unknown = tuple(
            f"there is no adapter for {name}, which {count} {'file imports' if count == 1 else 'files import'}: "
            "its entry points are not in the list"
            for name, count in sorted(counts.items())
        )
        return Discovery(framework=self.name, unknown=unknown)


FRAMEWORK = WithoutAdapter()
