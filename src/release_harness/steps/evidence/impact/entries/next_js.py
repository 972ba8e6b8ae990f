"""Next.js: what the folders of `app` and `pages` serve, its middleware, and server actions."""

import re
from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.call_routes import NOT_OURS
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.facts import FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT, Names, names_of
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_ENDINGS = r"\.(?:tsx|ts|jsx|js|mjs)$"
APP = re.compile(
    r"^(?P<root>(?:.*/)?(?:src/)?)app/(?P<folders>(?:.*/)?)(?P<file>page|route|layout|template|error|loading|default)"
    + _ENDINGS
)
PAGES = re.compile(r"^(?P<root>(?:.*/)?(?:src/)?)pages/(?P<rest>.+)" + _ENDINGS)
MIDDLEWARE = re.compile(r"^(?P<root>(?:.*/)?)(?:src/)?(?:middleware|proxy)" + _ENDINGS)
WRAPPERS = frozenset({"layout", "template", "error", "loading", "default"})
CONFIGS = ("next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs")


class Next:
    """Reads the folders and exports of Next.js."""

    name = "Next.js"
    languages = ECMASCRIPT
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note the files that Next.js serves, and functions that run on the server when a page calls them."""
        path = file.path
        if NOT_OURS.search(path) or not file.facts.parser:
            return
        if APP.match(path) or PAGES.match(path) or MIDDLEWARE.match(path):
            yield Registration(self.name, "file", f"{path}:", 1, {})
        for symbol in self.actions(file.facts):
            yield Registration(self.name, "action", f"{path}:{symbol.qualname}", symbol.line, {})

    def actions(self, facts: FileFacts) -> Iterator[Symbol]:
        """Yield the functions under `"use server"`."""
        if says(facts.symbols[0], "use server"):
            for symbol in facts.symbols[1:]:
                if "exported" in symbol.flags and symbol.kind in {"async", "function"}:
                    yield symbol
            return
        for symbol in facts.symbols[1:]:
            if says(symbol, "use server"):
                yield symbol

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return what the files serve; folders count only below a project of Next.js."""
        roots = self.roots(program)
        if not roots:
            return Discovery(framework=self.name)
        names = names_of(program)
        entries: list[EntryPoint] = []
        around: list[Around] = []
        wrappers: list[tuple[str, SymbolId, str]] = []
        pages: list[tuple[str, EntryPoint]] = []
        for each in found:
            path, _, qualname = each.scope.rpartition(":")
            if not any(path.startswith(root) for root in roots):
                continue
            if each.kind == "action":
                name = f"{qualname} ({path})"
                entries.append(
                    EntryPoint(
                        kind="api", name=name, framework=self.name, handler=each.scope, path=path, line=each.line
                    )
                )
                continue
            made, wrapper = self.of_file(names, path, roots)
            entries.extend(made)
            pages.extend((path.rpartition("/")[0] + "/", one) for one in made)
            wrappers.extend(wrapper)
        for folder, symbol, reason in wrappers:
            keys = frozenset(entry.key for place, entry in pages if place.startswith(folder))
            around.append(Around(symbol, reason, keys))
        unique = {(each.key, each.handler): each for each in entries}
        return Discovery(
            framework=self.name, entries=tuple(unique[key] for key in sorted(unique)), around=tuple(around)
        )

    def roots(self, program: ProgramView) -> tuple[str, ...]:
        """Return the folders of projects of Next.js, each with a slash at its end."""
        found = set()
        for path in program.all_paths:
            folder, _, name = path.rpartition("/")
            if name in CONFIGS:
                found.add(f"{folder}/" if folder else "")
            elif name == "package.json" and "node_modules" not in folder:
                text = program.read_text(path) or ""
                if '"next":' in text:
                    found.add(f"{folder}/" if folder else "")
        return tuple(sorted(found))

    def of_file(
        self, names: Names, path: str, roots: Sequence[str]
    ) -> tuple[list[EntryPoint], list[tuple[str, SymbolId, str]]]:
        """Return the entries of one file, or what it puts around others."""
        below = max((root for root in roots if path.startswith(root)), key=len)
        inner = path[len(below) :]
        app, pages, middleware = APP.match(inner), PAGES.match(inner), MIDDLEWARE.match(inner)
        if app is not None and app["root"] in {"", "src/"}:
            if app["file"] in WRAPPERS:
                return [], [(path.rpartition("/")[0] + "/", self.default(names, path), app["file"])]
            url = route_of(app["folders"])
            if app["file"] == "route":
                return list(self.handlers(names, path, url)), []
            return [self.entry("page", url, self.default(names, path), path)], []
        if pages is not None and pages["root"] in {"", "src/"}:
            return self.of_pages(names, path, pages["rest"])
        if middleware is not None and middleware["root"] == "":
            symbol = next((f"{path}:{each}" for each in ("middleware", "proxy") if self.has(names, path, each)), "")
            return [], [(below, symbol or self.default(names, path), "middleware")]
        return [], []

    def of_pages(self, names: Names, path: str, rest: str) -> tuple[list[EntryPoint], list[tuple[str, SymbolId, str]]]:
        """Return the entries of one file below `pages`."""
        last = rest.rpartition("/")[2]
        folder = path[: -len(path.rpartition("/")[2])]
        if last in {"_app", "_document"}:
            return [], [(folder, self.default(names, path), last)]
        url = route_of(rest.removesuffix("index").rstrip("/") + "/" if last == "index" else rest + "/")
        if rest.startswith("api/"):
            return [self.entry("http", f"ANY {url}", self.default(names, path), path)], []
        made = [self.entry("page", url, self.default(names, path), path)]
        return made, []

    def handlers(self, names: Names, path: str, url: str) -> Iterator[EntryPoint]:
        """Yield one entry for each method that a route file exports."""
        module = names.module(path)
        for verb in VERBS:
            if module is not None and verb in (module.facts.exports or ()):
                found = names.exported(path, verb)
                handler = found.symbol if found.symbol and not found.symbol.endswith(":") else f"{path}:"
                yield self.entry("http", f"{verb} {url}", handler, path)

    def has(self, names: Names, path: str, name: str) -> bool:
        """Tell whether a module exports a name."""
        module = names.module(path)
        return module is not None and name in (module.facts.exports or ())

    def default(self, names: Names, path: str) -> SymbolId:
        """Return what a module exports as its default."""
        found = names.exported(path, "default")
        here = found.symbol and names.symbol(found.symbol) is not None
        return found.symbol if here else f"{path}:"

    def entry(self, kind: str, name: str, handler: SymbolId, path: str) -> EntryPoint:
        """Return one entry."""
        return EntryPoint(kind=kind, name=name, framework=self.name, handler=handler, path=path, line=1)


def says(symbol: Symbol, directive: str) -> bool:
    """Tell whether a scope starts with a directive such as `"use server"`."""
    return f"directive:{directive}" in symbol.flags


def route_of(folders: str) -> str:
    """Return the path that folders serve: groups and slots add nothing, parameters are written `{name}`."""
    parts = []
    for each in folders.strip("/").split("/"):
        if not each or each.startswith(("(", "@")):
            continue
        if each.startswith("[") and each.endswith("]"):
            name = each.strip("[]")
            parts.append("{" + (name[3:] + "*" if name.startswith("...") else name) + "}")
        else:
            parts.append(each)
    return "/" + "/".join(parts)


FRAMEWORK = Next()
