"""Expressions as facts keep them: lists that start with one letter, the same for every language.

| form | meaning |
|---|---|
| `["n", name]` | a name |
| `["a", base, attribute]` | an attribute |
| `["c", function, [arguments], {keyword: value}, line]` | a call; `["*", e]` is a starred argument, keyword `**` a double-starred one |
| `["s", text]` | a string constant, cut at 400 characters |
| `["f", [parts]]` | a formatted or concatenated string; constant parts are `["s", …]` |
| `["k", value]` | another constant: number, true, false, null (`...` and bytes are null) |
| `["l", [items]]` | list, tuple or set |
| `["d", [[key, value], …]]` | dictionary; a double-starred part has the key null |
| `["i", base, index]` | subscript |
| `["b", [operands]]` | operators, comparisons, conditionals: only what they hold is kept, without constants that are no text |
| `["b", [operands], mark]` | the same, not flattened: mark `|`, `&` or `~` is the operator; `?` and some of the letters `b` (body), `t` (test) and `o` (otherwise) is a conditional, and the letters say which of its parts the operands are |
| `["g", [elements], [[target, iterated], …], [conditions]]` | comprehension; the targets are names of its own; of a dictionary the element is a `d` |
| `["m", [body, defaults…], [parameter names]]` | lambda or function expression without a symbol of its own |
| `["y", qualname]` | a nested function or class expression that has a symbol of its own (other languages) |

`await x` is `x`; a walrus is its target name, and a `set` statement (`how` is `walrus`) stands before; a `yield` inside an
expression is a `return` statement before. Calls inside a formatted string carry the line where that string begins.
Annotations written as strings are read as expressions. What holds nothing worth keeping is `["o"]`.
"""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.facts import Expr

TEXT_LIMIT = 400
OTHER: Expr = ["o"]


def dotted(expr: Expr | None) -> str:
    """Return `a.b.c` for a plain chain of names, or empty."""
    parts: list[str] = []
    while expr and expr[0] == "a":
        parts.append(expr[2])
        expr = expr[1]
    if not expr or expr[0] != "n":
        return ""
    parts.append(expr[1])
    return ".".join(reversed(parts))


def text_of(expr: Expr | None) -> str | None:
    """Return the text of a string constant, or None."""
    return expr[1] if expr and expr[0] == "s" else None


def is_call(expr: Expr | None) -> bool:
    """Tell whether it is a call."""
    return bool(expr) and expr is not None and expr[0] == "c"


def argument(call: Expr, position: int, keyword: str = "") -> Expr | None:
    """Return an argument of a call by its keyword or its position (from 0; -1 for none); None when it is not given."""
    if keyword and keyword in call[3]:
        found: Expr = call[3][keyword]
        return found
    arguments: list[Expr] = call[2]
    if 0 <= position < len(arguments) and not any(each[0] == "*" for each in arguments[: position + 1]):
        return arguments[position]
    return None


def parts_of(expr: Expr) -> list[Expr]:
    """Return the expressions directly inside one."""
    form = expr[0]
    if form in {"a", "*"}:
        return [expr[1]]
    if form == "c":
        return [expr[1], *expr[2], *expr[3].values()]
    if form in {"f", "l", "b", "m"}:
        return list(expr[1])
    if form == "d":
        return [each for pair in expr[1] for each in pair if each is not None]
    if form == "i":
        return [expr[1], expr[2]]
    if form == "g":
        return [*expr[1], *(iterated for _target, iterated in expr[2]), *expr[3]]
    return []


def branches(expr: Expr | None) -> tuple[Expr | None, list[Expr | None]] | None:
    """Return the test and the two branches of a conditional expression, None for what is a constant; None when it is none."""
    if not expr or expr[0] != "b" or len(expr) < 3 or expr[2][:1] != "?":  # noqa: PLR2004 - a mark
        return None
    parts = dict(zip(expr[2][1:], expr[1], strict=True))
    return parts.get("t"), [parts.get("b"), parts.get("o")]


def operator_of(expr: Expr | None) -> str:
    """Return `|`, `&` or `~` for operands that one of these joins, else an empty text."""
    mark = expr[2] if expr and expr[0] == "b" and len(expr) > 2 else ""  # noqa: PLR2004 - a mark
    return mark if mark in {"|", "&", "~"} else ""


def walk(expr: Expr | None) -> Iterator[Expr]:
    """Yield an expression and everything inside it, outermost first, in source order."""
    if expr is None:
        return
    waiting = [expr]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(parts_of(each)))


def own_names_around(expr: Expr | None, part: Expr) -> frozenset[str]:
    """Return the names that the comprehensions and lambdas around a part of an expression bind for themselves."""
    waiting: list[tuple[Expr, frozenset[str]]] = [] if expr is None else [(expr, frozenset())]
    while waiting:
        each, own = waiting.pop()
        if each is part:
            return own
        outside = _evaluated_outside(each)
        inner = own | _own_names(each)
        waiting.extend((one, own if any(one is other for other in outside) else inner) for one in parts_of(each))
    return frozenset()


def _own_names(expr: Expr) -> frozenset[str]:
    """Return the names that a comprehension or lambda binds for what is inside it."""
    if expr[0] == "m" and len(expr) > 2:  # noqa: PLR2004 - the names of its parameters
        return frozenset(str(each) for each in expr[2])
    if expr[0] == "g":
        return frozenset(each[1] for target, _iterated in expr[2] for each in walk(target) if each[0] == "n")
    return frozenset()


def _evaluated_outside(expr: Expr) -> list[Expr]:
    """Return the parts that still see the names around: what a comprehension goes over first, the defaults of a lambda."""
    if expr[0] == "g":
        return [expr[2][0][1]] if expr[2] else []
    return list(expr[1][1:]) if expr[0] == "m" else []


def items_of(expr: Expr | None) -> list[Expr] | None:
    """Return the items of a list, tuple or set, or None when it is none."""
    return list(expr[1]) if expr and expr[0] == "l" else None


def texts_of(expr: Expr | None) -> list[str] | None:
    """Return the texts of a list of string constants, or of a single one; None when anything else is in it."""
    single = text_of(expr)
    if single is not None:
        return [single]
    found = [text_of(each) for each in items_of(expr) or ()]
    return [each for each in found if each is not None] if found and None not in found else None
