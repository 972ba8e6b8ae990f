"""Console scripts, `__main__.py` and scripts that run when they are started: functions that no library dispatches to."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.click import GROUP_TYPES
from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.packaging import (
    NamedEntry,
    named_entries,
    script_of,
    target_symbol,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name, path_of
from release_harness.steps.evidence.impact.entries.registering import Maker, product
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Statement, Symbol
from release_harness.steps.evidence.model.impact import EntryPoint

DISPATCHERS = frozenset({"django.core.management.execute_from_command_line", "typer.Typer", "typer.run", "unittest.main", "pytest.main",
                         "doctest.testmod", "unittest.TestProgram"})  # fmt: skip
DOCUMENT_FOLDERS = frozenset({"docs", "doc", "docs_src", "examples", "example", "samples", "benchmarks", "benchmark"})


class Scripts:
    """The adapter of scripts."""

    name = "scripts"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""
    whole_tree = True

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the module of a file that does something when it is started as a program."""
        module = file.facts.module
        main = file.path.endswith("/__main__.py") or file.path == "__main__.py"
        if main and module.body:
            yield self._started(file, "main", 1, [each for each in module.body if each.kind == "do"])
        elif not main and any(each == ["n", "__name__"] for test in module.conditions for each in walk(test.test)):
            body = [each for each in module.body if _is_main(module, each.under)]
            if body:
                yield self._started(file, "script", body[0].line, body)

    def _started(self, file: FileView, kind: str, line: int, body: Sequence[Statement]) -> Registration:
        module = file.facts.module
        called = [file.resolve(module, call[1]) for each in body for call in walk(each.value) if call[0] == "c"]
        data = {
            "module": file.module,
            "runs": sorted({each.symbol for each in called} - {""}),
            "types": sorted({each.type or each.external for each in called} - {""}),
        }
        return Registration(self.name, kind, file.id_of(module), line, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return console scripts that are no command of a library, and modules that run by themselves."""
        maker = Maker(self.name, program)
        named = list(self._named(maker, program))
        entries = [each for each, _ in named if each is not None]
        missing = tuple(text for _, text in named if text)
        for each in product(found, "main", "script"):
            path = path_of(each.scope)
            if DOCUMENT_FOLDERS & set(path.split("/")) or _is_dispatcher(program, each):
                continue
            if each.kind == "main":
                name = f"python -m {str(each.data['module']).removesuffix('.__main__')}"
            else:
                name = f"python {path}"
            entries.append(maker.entry("cli", name, each.scope, each.line))
        return Discovery(framework=self.name, entries=tuple(dict.fromkeys(entries)), unknown=missing)

    def _named(self, maker: Maker, program: ProgramView) -> Iterator[tuple[EntryPoint | None, str]]:
        for each in named_entries(program):
            symbol = target_symbol(program, each.target)
            if not symbol or symbol.endswith(":"):
                own = program.resolve_dotted(each.target.partition(":")[0].strip()).symbol
                # a target inside the tree whose function does not exist is a broken script; one outside is a library's
                text = f"{each.path} names {each.target} as {each.name}, which does not resolve" if own else ""
                yield None, text
            elif _is_plain(program, symbol) and not is_test_path(path_of(symbol)):
                yield _entry(maker, each, symbol), ""


def _is_dispatcher(program: ProgramView, found: Registration) -> bool:
    """Tell whether a script only hands over to commands that have entries of their own."""
    if any(each in DISPATCHERS or each.rpartition(".")[2] in GROUP_TYPES for each in found.data["types"]):
        return True
    return any(not _is_plain(program, each) for each in found.data["runs"] if program.symbol(each) is not None)


def _entry(maker: Maker, named: NamedEntry, symbol: str) -> EntryPoint:
    script = script_of(named)
    if script:
        return maker.entry("cli", script, symbol, named.line)
    return maker.entry("hook", f"{named.group}: {named.name}", symbol, named.line, registered_on=named.path)


def _is_plain(program: ProgramView, symbol: str) -> bool:
    """Tell whether a target is no command or group of Click or Typer, which have adapters of their own."""
    facts: Symbol | None = program.symbol(symbol)
    if facts is None:
        return False
    return not any(last_name(each) in {"command", "group"} for each in facts.decorators)


def _is_main(module: Symbol, under: int) -> bool:
    while under >= 0:
        condition = module.conditions[under]
        if any(each == ["n", "__name__"] for each in walk(condition.test)) and not condition.negated:
            return True
        under = condition.outer
    return False
