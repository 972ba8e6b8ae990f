"""One scope of a source file while it is being read; both readers of Python write into it."""

from typing import Any

from release_harness.steps.evidence.impact.expressions import texts_of
from release_harness.steps.evidence.impact.extract.shapes import is_main, is_type_checking
from release_harness.steps.evidence.impact.facts import Condition, Expr, Import, Parameter, Statement, Symbol

IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_SILENT = frozenset({"s", "k", "o"})
_new = tuple.__new__


class Reading:
    """What is true of the whole file while it is read."""

    __slots__ = ("exports", "exports_unclear", "not_understood", "symbols", "too_deep")

    def __init__(self) -> None:
        """Start with nothing read."""
        self.symbols: list[Symbol] = []
        self.exports: list[str] | None = None
        self.exports_unclear = False
        self.too_deep: list[int] = []
        self.not_understood: list[int] = []

    def exported(self, target: Expr | None, value: Expr, *, more: bool = False) -> None:
        """Keep what `__all__ = […]` or `__all__ += […]` says; anything else than plain texts makes it unknown."""
        if target != ["n", "__all__"]:
            return
        names = texts_of(value)
        if names is None and value != ["l", []]:
            self.exports_unclear = True
        else:
            self.exports = [*(self.exports or ()), *(names or ())] if more else names or []

    def extended(self, call: Expr) -> None:
        """Keep what `__all__.extend([…])` and `__all__.append(…)` say."""
        function = call[1]
        if function[0] == "a" and function[1] == ["n", "__all__"] and len(call[2]) == 1:
            self.exported(function[1], call[2][0], more=True)


class Scope:
    """Collects the statements of one module, class or function."""

    __slots__ = (
        "body",
        "conditions",
        "flags",
        "imports",
        "in_function",
        "main",
        "optional",
        "outer_names",
        "prefix",
        "reading",
        "typing_only",
        "under",
    )

    def __init__(self, reading: Reading, prefix: str, *, in_function: bool) -> None:
        """Start an empty scope."""
        self.reading = reading
        self.prefix = prefix
        self.in_function = in_function
        self.body: list[Statement] = []
        self.imports: list[Import] = []
        self.conditions: list[Condition] = []
        self.flags: list[str] = []
        self.under = -1
        self.main = False
        self.typing_only = False
        self.optional = False
        self.outer_names: set[str] = set()

    def do(self, line: int, value: Expr, how: str = "") -> None:
        """Keep an expression that is evaluated, unless it mentions nothing."""
        if value[0] not in _SILENT:
            self.body.append(_new(Statement, ("do", line, value, None, None, self.under, how)))

    def bind(self, line: int, target: Expr, value: Expr | None, how: str = "", annotation: Expr | None = None) -> None:
        """Keep a binding."""
        self.body.append(_new(Statement, ("set", line, value, target, annotation, self.under, how)))

    def give(self, line: int, value: Expr, how: str = "") -> None:
        """Keep what is returned or yielded, unless it is None."""
        if value[0] != "o" and value != ["k", None]:
            self.body.append(_new(Statement, ("return", line, value, None, None, self.under, how)))

    def yields(self, line: int, value: Expr | None, how: str) -> None:
        """Keep what a generator gives, and that it is one."""
        if "generator" not in self.flags:
            self.flags.append("generator")
        if value is not None:
            self.give(line, value, how)

    def imported(self, module: str, level: int, name: str, bound: str, line: int) -> None:
        """Keep one imported name."""
        row = (module, level, name, bound, line, self.typing_only, self.optional)
        self.imports.append(_new(Import, row))

    def enter(self) -> tuple[int, bool, bool]:
        """Return what `leave` puts back after the branches of one statement."""
        return self.under, self.typing_only, self.main

    def leave(self, before: tuple[int, bool, bool]) -> None:
        """Stand again where the scope stood before the branches."""
        self.under, self.typing_only, self.main = before

    def stand_under(self, test: Expr, outer: int, *, negated: bool) -> None:
        """Let what follows stand under one branch."""
        self.conditions.append(_new(Condition, (test, negated, outer)))
        self.under = len(self.conditions) - 1
        if test[0] == "k" or test[0] == "c":
            return
        side = is_type_checking(test)
        if side:
            self.typing_only = side < 0 if negated else side > 0
        if not self.prefix and is_main(test):
            self.main = not negated
            if "main" not in self.flags:
                self.flags.append("main")

    def outer(self, word: str, names: list[str]) -> None:
        """Keep which names belong to an outer scope (`global:name`, `nonlocal:name`)."""
        for name in names:
            flag = f"{word}:{name}"
            if flag not in self.flags:
                self.flags.append(flag)
            if word == "global":
                self.outer_names.add(name)

    def open(
        self,
        kind: str,
        name: str,
        lines: tuple[int, int, int],
        decorators: list[Expr],
        bases: list[Expr],
        keywords: dict[str, Expr],
        parameters: list[Parameter],
        returns: Expr | None,
    ) -> "Scope":
        """Add a function or class and return its own scope."""
        qualname = name if name in self.outer_names else self.prefix + name
        is_function = kind != "class"
        inner = Scope(self.reading, qualname + (".<locals>." if is_function else "."), in_function=is_function)
        for decorator in decorators:
            mark = _mark(decorator)
            if mark:
                inner.flags.append(mark)
        if self.main:
            inner.main = True
            inner.flags.append("main")
        row: tuple[Any, ...] = (qualname, kind, *lines, decorators, bases, keywords, parameters, returns)
        self.reading.symbols.append(_new(Symbol, (*row, inner.imports, inner.body, inner.conditions, inner.flags)))
        return inner


_MARKS = {
    "overload": "overload",
    "property": "property",
    "cached_property": "property",
    "hybrid_property": "property",
    "abstractproperty": "property",
    "setter": "setter",
    "deleter": "setter",
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
    "abstractmethod": "abstract",
}


def _mark(decorator: Expr) -> str:
    form = decorator[0]
    if form == "n":
        return _MARKS.get(decorator[1], "") if decorator[1] not in {"setter", "deleter"} else ""
    return _MARKS.get(decorator[2], "") if form == "a" else ""
