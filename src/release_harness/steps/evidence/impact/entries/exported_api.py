"""The exported interface of a library: what its packages offer to programs that install it.

A tree counts as a library when it has an installable package and no entry point of an application (a route, a task, a
consumer); of a package with console scripts only what its root itself exports counts. A project that knows better says `exported_api: [package]`. What is
offered: the names of `__all__` and the imports of a package's `__init__`, and the public names of its public modules; past
`NAMES_LIMIT` names only those of the packages' roots are entries, and the rest is counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.packaging import named_entries, packages, script_of
from release_harness.steps.evidence.impact.entries.reading import (
    index_of,
    is_test_path,
    last_name,
    path_of,
    qualname_of,
)
from release_harness.steps.evidence.impact.entries.registering import Maker
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

NAMES_LIMIT = 1500
APPLICATION_LIBRARIES = frozenset({
    "fastapi.FastAPI", "flask.Flask", "celery.Celery", "starlette.applications.Starlette", "aiohttp.web.Application",
    "sanic.Sanic", "litestar.Litestar", "django.core.management.execute_from_command_line", "quart.Quart", "bottle.Bottle",
    "django.core.wsgi.get_wsgi_application", "pyramid.config.Configurator", "tornado.web.Application",
})  # fmt: skip
_APPLICATION_NAMES = sorted({each.rpartition(".")[2] for each in APPLICATION_LIBRARIES})
NO_PRODUCT = frozenset({"docs", "doc", "docs_src", "examples", "example", "samples", "benchmarks", "benchmark", "scripts", "tools",
                        "migrations", "vendor", "_vendor", "third_party", "demo", "demos"})  # fmt: skip


class ExportedApi:
    """The adapter of exported interfaces."""

    name = "exported api"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""
    whole_tree = True

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the public names of a public module, and whether the file makes an application."""
        if is_test_path(file.path) or NO_PRODUCT & set(file.path.split("/")[:-1]):
            return
        if _makes_application(file):
            yield Registration(self.name, "application", file.id_of(file.facts.module), 1, {})
        parts = file.module.split(".")
        if any(each.startswith("_") for each in parts) or not parts[0] or parts[0] in {"setup", "conftest", "manage"}:
            return
        names = list(_names(file))
        if names:
            data = {
                "names": names,
                "module": file.module,
                "root": file.path.endswith("/__init__.py") and len(parts) == 1,
            }
            yield Registration(self.name, "module", file.id_of(file.facts.module), 1, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return an entry for each name that the tree offers, when it is a library."""
        said = declared_packages(program.declared())
        installable = packages(program)
        applications = [each for each in found if each.kind == "application"]
        if not said and (not installable or applications):
            return Discovery(framework=self.name)
        roots = said or _roots(installable, found)
        modules = [each for each in found if each.kind == "module" and _is_below(each.data["module"], roots)]
        unknown: tuple[str, ...] = ()
        if not said and any(script_of(each) for each in named_entries(program)):
            modules = [each for each in modules if each.data["root"]]
        if sum(len(each.data["names"]) for each in modules) > NAMES_LIMIT:
            count = sum(len(each.data["names"]) for each in modules)
            modules = [each for each in modules if each.data["root"] or each.data["module"] in roots]
            unknown = (f"of {count} exported names only those of {', '.join(sorted(roots))} itself are entries",)
        entries = tuple(_entries(Maker(self.name, program), program, modules))
        return Discovery(framework=self.name, entries=entries, unknown=unknown)


def declared_packages(declared: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the packages that a project says it exports: rows `{"exported_api": ["package"]}`."""
    found: set[str] = set()
    for row in declared:
        said = row.get("exported_api")
        found.update(each for each in said if isinstance(each, str)) if isinstance(said, list | tuple) else None
    return frozenset(found)


def _makes_application(file: FileView) -> bool:
    calls = index_of(file.facts).calls
    sites = (site for name in _APPLICATION_NAMES for site in calls.get(name, ()))
    if any(file.resolve(site.scope, site.call[1]).external in APPLICATION_LIBRARIES for site in sites):
        return True
    # Some projects make an application of a class of their own.
    return any(
        last_name(base) in _APPLICATION_NAMES
        and file.resolve(file.facts.module, base).external in APPLICATION_LIBRARIES
        for symbol in file.facts.symbols
        if symbol.kind == "class"
        for base in symbol.bases
    )


def _names(file: FileView) -> Iterator[str]:
    """Yield the names that a module offers: `__all__` where it says so, else what it defines, and imports of a package."""
    facts = file.facts
    if facts.exports is not None:
        yield from dict.fromkeys(facts.exports)
        return
    seen = set()
    for each in facts.symbols:
        if each.qualname and "." not in each.qualname and not each.qualname.startswith("_"):
            seen.add(each.qualname)
            yield each.qualname
    if file.path.endswith("/__init__.py"):
        for taken in facts.module.imports:
            if taken.name and taken.bound not in seen and not taken.bound.startswith("_") and not taken.typing_only:
                seen.add(taken.bound)
                yield taken.bound


def _roots(installable: Sequence[Any], found: Sequence[Registration]) -> frozenset[str]:
    """Return the top packages that distributions ship: those they name, else those named like one of them, else all."""
    tops = {str(each.data["module"]).partition(".")[0] for each in found if each.kind == "module"}
    said = {each.split("/")[-1] for package in installable for each in package.modules} & tops
    named = {package.name.lower().replace("-", "_").replace(".", "_") for package in installable}
    alike = {
        each
        for each in tops
        if each.lower() in named or f"py{each.lower()}" in named or f"python_{each.lower()}" in named
    }
    return frozenset(said or alike or tops)


def _is_below(module: str, roots: frozenset[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in roots)


def _entries(maker: Maker, program: ProgramView, modules: Sequence[Registration]) -> Iterator[EntryPoint]:
    seen: set[SymbolId] = set()
    for each in sorted(modules, key=lambda row: (str(row.data["module"]).count("."), str(row.data["module"]))):
        path = path_of(each.scope)
        for name in each.data["names"]:
            symbol = program.resolve(f"{path}:", ["n", name]).symbol
            if not symbol or symbol in seen or not qualname_of(symbol) or program.symbol(symbol) is None:
                continue
            seen.add(symbol)
            yield maker.entry("api", f"{each.data['module']}.{name}", symbol, each.line, guards=(), registered_on=path)
            yield from _methods(maker, program, symbol, f"{each.data['module']}.{name}", seen)


def _methods(
    maker: Maker, program: ProgramView, owner: SymbolId, name: str, seen: set[SymbolId]
) -> Iterator[EntryPoint]:
    """Yield the public methods of an exported class, with those that it inherits from classes of the tree."""
    view = program.class_of(owner)
    for each in (owner, *(base for base in view.bases if ":" in base)) if view else ():
        inner = program.class_of(each)
        for method, symbol in (inner.methods if inner else {}).items():
            if (not method.startswith("_") or method in {"__init__", "__call__", "__enter__"}) and symbol not in seen:
                seen.add(symbol)
                receiver = owner if each != owner else ""
                yield maker.entry(
                    "api", f"{name}.{method}", symbol, 0, guards=(), registered_on=owner, receiver=receiver
                )
