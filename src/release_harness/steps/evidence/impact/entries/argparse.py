"""argparse: the function that parses is a command, and so is each function that a subparser names by `set_defaults(func=…)`."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.packaging import named_entries, script_of, target_symbol
from release_harness.steps.evidence.impact.entries.reading import index_of, path_of
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    Use,
    call_uses,
    module_of,
    product,
    registration,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, dotted, text_of
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint

HANDLER_KEYWORDS = ("func", "function", "handler", "command", "run", "action", "callback", "fn", "main", "cmd")
PARSERS = frozenset({"argparse.ArgumentParser", "argparse.ArgumentParser.parse_args"})


class Argparse:
    """The adapter of argparse."""

    name = "argparse"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return parsers' handlers and the functions that parse."""
        yield from self._subcommands(file)
        if "argparse" in file.imports:
            yield from self._parsing(file)

    def _subcommands(self, file: FileView) -> Iterator[Registration]:
        names = _subparser_names(file)
        for use in call_uses(file, ("set_defaults",)):
            if use.call is None:
                continue
            for keyword in HANDLER_KEYWORDS:
                target = target_of(file, use.scope, use.call[3].get(keyword))
                if target:
                    said = names.get((use.scope.qualname, _owner_key(use)), "")
                    data = {"symbol": target, "name": said}
                    yield registration(self.name, "subcommand", file, use, data)

    def _parsing(self, file: FileView) -> Iterator[Registration]:
        """Yield the functions that parse arguments under a parser with a program name, or are called from `__main__`."""
        for use in call_uses(file, ("parse_args", "parse_known_args")):
            if use.scope.kind in {"function", "async"}:
                yield registration(self.name, "parse", file, use, {"symbol": file.id_of(use.scope)})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return one entry for each subcommand, under the name of the script whose module holds it."""
        maker = Maker(self.name, program)
        scripts = {
            path_of(target): script
            for each in named_entries(program)
            if (script := script_of(each)) and (target := target_symbol(program, each.target))
        }
        return Discovery(
            framework=self.name, entries=tuple(_entries(maker, program, product(found, "subcommand"), scripts))
        )


def _entries(
    maker: Maker, program: ProgramView, found: Iterable[Registration], scripts: dict[str, str]
) -> Iterator[EntryPoint]:
    only = next(iter(scripts.values())) if len(set(scripts.values())) == 1 else ""
    seen = set()
    for each in found:
        symbol = each.data["symbol"]
        facts = program.symbol(symbol)
        if facts is None or facts.kind == "class" or symbol in seen:
            continue
        seen.add(symbol)
        path = path_of(each.scope)
        script = scripts.get(path) or only or module_of(program, path)
        own = each.data["name"] or symbol.rpartition(":")[2].rpartition(".")[2].replace("_", "-")
        yield maker.entry("cli", f"{script} {own}", symbol, each.line, confidence=Confidence.HIGH)


def _owner_key(use: Use) -> str:
    return use.owner_text


def _subparser_names(file: FileView) -> dict[tuple[str, str], str]:
    """Return the names of the subparsers of a file by scope and variable; `self.x` counts as a variable."""
    found = {}
    for site in index_of(file.facts).calls.get("add_parser", ()):
        name = text_of(argument(site.call, 0, "name"))
        target = dotted(site.statement.target)
        if name is not None and target and site.statement.value == site.call:
            found[_place(site.scope, target)] = name
    return found


def _place(scope: Symbol, target: str) -> tuple[str, str]:
    return (scope.qualname, target)
