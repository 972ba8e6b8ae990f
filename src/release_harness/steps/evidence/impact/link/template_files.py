"""Links one template: the pages that it names, and what its names may stand for once the tree tells what is given to templates.

A template imports nothing of Python, so its links depend on nothing but itself. What it uses is kept as texts that start with
a brace, which no text of a program does; `entries.templates` says which functions, filters and pages go by them.
"""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.template_names import MACRO, NAME, TAG
from release_harness.steps.evidence.impact.expressions import dotted, parts_of
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names, OtherFile
from release_harness.steps.evidence.impact.link.record import FileLink, registrations_of
from release_harness.steps.evidence.impact.link.sink import Sink

_OF_THE_LANGUAGE = frozenset(
    {
        "loop",
        "forloop",
        "self",
        "super",
        "caller",
        "varargs",
        "kwargs",
        "range",
        "dict",
        "lipsum",
        "cycler",
        "joiner",
        "namespace",
    }
)


def link_template(names: Names, path: str, facts: FileFacts, frameworks: Sequence[Framework]) -> FileLink:
    """Return the links of one template."""
    sink = Sink(path)
    macros = [each.qualname for each in facts.symbols if each.qualname]
    for symbol in facts.symbols:
        _Reader(sink, path, symbol, macros, facts.symbols[0]).read()
    registrations = registrations_of(OtherFile(names, path, facts), frameworks, sink.drop)
    return FileLink(
        sink.rows(), {}, {}, macros, [], sink.calls_count, sink.unresolved_count, dict(sorted(sink.dropped.items())),
        registrations, [],
    )  # fmt: skip


class _Reader:
    """Reads the statements of a page or of one macro."""

    def __init__(self, sink: Sink, path: str, symbol: Symbol, macros: Iterable[str], page: Symbol) -> None:
        self.sink = sink
        self.path = path
        self.symbol = symbol
        self.macros = frozenset(macros)
        self.pages: dict[str, str] = {}
        """Name that a page is imported as -> its name."""
        self.from_pages = {each.bound: (each.module, each.name) for each in (*page.imports, *symbol.imports)}
        for statement in (*page.body, *symbol.body):
            value, target = statement.value, statement.target
            if value and target and value[0] == "c" and value[1] == ["n", "%import"] and value[2][0][0] == "s":
                self.pages[target[-1]] = value[2][0][1]
        given = [each.target for each in symbol.body if each.target is not None]
        self.own = {name for target in given for name in _bound(target)} - self.pages.keys()
        self.own.update(each.name for each in symbol.parameters)

    def read(self) -> None:
        self.sink.enter(self.symbol.qualname)
        self.sink.text(NAME)
        for imported in self.symbol.imports:
            self.sink.line = imported.line
            self.sink.text(imported.module)
        for statement in self.symbol.body:
            self.sink.line = statement.line
            self._read(statement.value)
        for parameter in self.symbol.parameters:
            self._read(parameter.default)

    def _read(self, expr: Expr | None) -> None:
        if expr is None:
            return
        form = expr[0]
        if form == "n":
            self._name(expr[1])
        elif form == "s":
            self.sink.text(expr[1])
        elif form == "a":
            self._attribute(expr)
        if form == "c":
            self.sink.line = expr[4] or self.sink.line
            self.sink.calls_count += 1
            self._read(expr[1])
            for each in (*expr[2], *expr[3].values()):
                self._read(each)
            return
        if form != "n":
            for each in parts_of(expr):
                self._read(each)

    def _name(self, name: str) -> None:
        if name[0] in "|?":
            self.sink.text(NAME + name)
        elif name[0] == "%":
            self.sink.text(TAG + name[1:])
        elif name in self.from_pages:
            module, macro = self.from_pages[name]
            self.sink.text(MACRO + f"{module}:{macro}")
        elif name in self.macros and name not in self.own:
            self.sink.symbol(f"{self.path}:{name}")
        elif name not in self.own and name not in self.pages and name not in _OF_THE_LANGUAGE:
            self.sink.text(NAME + name)

    def _attribute(self, expr: Expr) -> None:
        base, name = expr[1], str(expr[2])
        if base[0] == "n" and base[1] in self.pages:
            self.sink.text(MACRO + f"{self.pages[base[1]]}:{name}")
            return
        self.sink.mentioned.add(name)
        chain = dotted(expr)
        if chain and chain.partition(".")[0] not in self.own:
            self.sink.text(NAME + chain)
        receiver = base[-1] if base[0] in {"n", "a"} else ""
        # A template of Django calls what it names, so that a method may stand there like an attribute.
        self.sink.unknown_member(receiver, name, called=True)


def _bound(target: Expr) -> Iterator[str]:
    if target[0] == "n":
        yield target[1]
    for each in target[1] if target[0] == "l" else ():
        yield from _bound(each)
