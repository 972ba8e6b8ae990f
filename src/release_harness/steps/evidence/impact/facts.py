"""What one source file says, in one schema for every language; keyed by content, so nothing here knows the file's name.

Facts are named tuples and nested lists, not records: a million lines give half a million of them, and they
are written as JSON to the cache. Expressions are lists whose first item says what they are, see `expressions`.
"""

import json
from typing import Any, NamedTuple

EXTRACTOR_VERSION = 10
"""Part of every cache key; raised whenever the same bytes would give other facts."""

Expr = list[Any]
"""One expression, see `expressions`."""


class Parameter(NamedTuple):
    """One parameter of a function."""

    name: str
    kind: str
    """`positional`, `keyword`, `args` or `kwargs`; positional-only counts as positional."""
    annotation: Expr | None
    default: Expr | None


class Import(NamedTuple):
    """One imported name: `import a.b as c` has no `name`; `from .a import b as c` has module `a`, level 1, name `b`."""

    module: str
    level: int
    """Count of leading dots."""
    name: str
    """Empty for `import module`; `*` for a star import."""
    bound: str
    """Name that it binds in its scope; for `import a.b` that is `a`. Empty for a star import and for a bare side-effect import."""
    line: int
    typing_only: bool = False
    """Under `if TYPE_CHECKING`."""
    optional: bool = False
    """Inside `try` with an `except ImportError`."""


class Statement(NamedTuple):
    """One statement that holds an expression worth keeping, in source order."""

    kind: str
    """`do` (expression, condition, raise, assert, del), `set` (assignment; also `with` and `for` targets), `return` (also yield)."""
    line: int
    value: Expr | None
    target: Expr | None = None
    """For `set`."""
    annotation: Expr | None = None
    """For an annotated `set`."""
    under: int = -1
    """Index into the symbol's `conditions` of the innermost `if` it stands under; -1 for none."""
    how: str = ""
    """For `set`: `with` (the value is a context manager), `for` (it is iterated), `aug` (augmented), `walrus`, `except` (the value
    is the class that was caught), `case` (a name that a pattern captures; the value is the class it matched, if any), `type`
    (`type X = …`), `type parameter`, `for key` (in Go the first name of a loop); for `do`: `assert`, `raise`, `await`, `with`,
    `except`, `del`, `go` (it runs beside what follows); for `return`: `yield`, `yield from`. Empty otherwise."""


class Condition(NamedTuple):
    """One branch of an `if` (or `case`, ternary excluded) that statements stand under."""

    test: Expr
    negated: bool
    """True in the `else` branch."""
    outer: int
    """Index of the enclosing condition, or -1."""


class Symbol(NamedTuple):
    """A module, class or function of a file; the first symbol of a file is always its module with an empty qualname."""

    qualname: str
    """As the language's runtime says it: `Items.get`, `create_app.<locals>.index`."""
    kind: str
    """`module`, `class`, `function` or `async`; other languages add `interface`, `enum`, `type`, `object`."""
    first_line: int
    """With its decorators."""
    line: int
    """Of the name."""
    end_line: int
    decorators: list[Expr]
    bases: list[Expr]
    keywords: dict[str, Expr]
    """Keywords of a class statement, such as `metaclass`."""
    parameters: list[Parameter]
    returns: Expr | None
    imports: list[Import]
    body: list[Statement]
    """Statements of this scope alone; nested functions and classes have symbols of their own, lambdas belong to their scope."""
    conditions: list[Condition]
    flags: list[str]
    """Marks: `overload`, `property`, `setter`, `staticmethod`, `classmethod`, `abstract`, `generator`, `main` (under
    `__name__ == "__main__"`; on a module that has such a part), `global:NAME` and `nonlocal:NAME` (the name that this scope
    binds belongs to an outer one); other languages: `exported`, `default-export`, `test`, `endless` (it holds a loop that nothing but itself ends). Two definitions of one name are two
    symbols of one qualname, in source order."""


class FileFacts(NamedTuple):
    """All that is kept of one file."""

    language: str
    parser: str
    """`ast`, `tree-sitter`, or empty when nothing could read it."""
    problem: str
    """Why it could not be read, or what was left out; empty when all is well."""
    partial: bool
    """True when there were syntax errors and only the rest was read."""
    lines_count: int
    symbols: list[Symbol]
    exports: list[str] | None
    """`__all__` where it is a plain list, or the exported names of a module of another language; None when not said."""
    encoding_guessed: bool = False

    @property
    def module(self) -> Symbol:
        """The module's own scope."""
        return self.symbols[0]


def facts_to_bytes(facts: FileFacts) -> bytes:
    """Return the canonical JSON of the facts: the same facts always give the same bytes."""
    return json.dumps(facts, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def facts_from_bytes(content: bytes) -> FileFacts:
    """Return the facts that `facts_to_bytes` wrote; raises ValueError, TypeError or KeyError when they are no such facts."""
    language, parser, problem, partial, lines_count, symbols, exports, guessed = json.loads(content)
    return FileFacts(
        language, parser, problem, partial, lines_count, [_symbol(each) for each in symbols], exports, guessed
    )


def _symbol(row: list[Any]) -> Symbol:
    symbol = Symbol._make(row)
    return symbol._replace(
        parameters=[Parameter._make(each) for each in symbol.parameters],
        imports=[Import._make(each) for each in symbol.imports],
        body=[Statement._make(each) for each in symbol.body],
        conditions=[Condition._make(each) for each in symbol.conditions],
    )
