"""What the tags of a page say, each added to the page or macro in which it stands."""

from collections.abc import Callable, Mapping

from release_harness.steps.evidence.impact.expressions import OTHER
from release_harness.steps.evidence.impact.extract.templates.expressions import Words
from release_harness.steps.evidence.impact.facts import Expr, Import, Statement, Symbol


def do(page: Symbol, line: int, expr: Expr) -> None:
    """Add an expression that is evaluated."""
    if expr[0] not in {"k", "o"}:
        page.body.append(Statement("do", line, expr))


def _set(page: Symbol, line: int, target: Expr, value: Expr, how: str = "") -> None:
    page.body.append(Statement("set", line, value, target, None, -1, how))


def _condition(page: Symbol, _name: str, words: Words) -> None:
    do(page, words.line, words.expression())


def _for(page: Symbol, _name: str, words: Words) -> None:
    targets: list[Expr] = []
    while not words.ended and not words.take("in"):
        name = words.name()
        if name:
            targets.append(["n", name])
        else:
            words.take()
    _set(page, words.line, targets[0] if len(targets) == 1 else ["l", targets], words.expression(), "for")
    while words.take(","):
        do(page, words.line, words.expression())


def _assign(page: Symbol, _name: str, words: Words) -> None:
    """Read `set` of Jinja, and `with` of both."""
    while not words.ended:
        if words.kind() == "name" and words.peek(1) == "=":
            name = words.name()
            words.take("=")
            _set(page, words.line, ["n", name], words.expression())
        elif words.kind() == "name" and (words.peek(1) in {"", ",", "|"}):
            _set(page, words.line, ["n", words.name()], OTHER)
        elif words.kind() in {"name", "text"}:
            value = words.expression(stops=("as",))
            _set(page, words.line, ["n", words.name()] if words.take("as") else OTHER, value)
        elif not words.take():
            return


def _page(page: Symbol, name: str, words: Words) -> None:
    """Read `extends` and `include`, with what is passed on."""
    given = [words.expression(stops=("with", "only", "ignore", "without"))]
    while not words.ended:
        if words.kind() == "name" and words.peek(1) == "=":
            words.at += 2
            given.append(words.expression())
        else:
            words.take()
    do(page, words.line, ["c", ["n", f"%{name}"], given, {}, words.line])


def _import(page: Symbol, _name: str, words: Words) -> None:
    value = ["c", ["n", "%import"], [words.expression(stops=("as",))], {}, words.line]
    words.take("as")
    _set(page, words.line, ["n", words.name()], value)


def _from(page: Symbol, _name: str, words: Words) -> None:
    where = words.expression(stops=("import",))
    words.take("import")
    module = where[1] if where[0] == "s" else ""
    if not module:
        do(page, words.line, ["c", ["n", "%import"], [where], {}, words.line])
    while not words.ended:
        name = words.name()
        bound = words.name() if words.take("as") else name
        if name in {"with", "without"} and bound in {"", name} and words.peek() == "context":
            return
        if name:
            page.imports.append(Import(module, 0, name, bound, words.line))
        if not words.take(",") and words.peek() not in {"with", "without"} and not words.take():
            return


def _call(page: Symbol, _name: str, words: Words) -> None:
    """Read `call(row) table(rows)`: what is given to the block are names of its own."""
    if words.take("("):
        while not words.ended and not words.take(")"):
            name = words.name()
            if name:
                _set(page, words.line, ["n", name], OTHER)
            else:
                words.take()
    do(page, words.line, words.expression())


def _filter(page: Symbol, _name: str, words: Words) -> None:
    words.tokens.insert(words.at, ("text", "''"))
    words.tokens.insert(words.at + 1, ("sign", "|"))
    do(page, words.line, words.expression())


def library_tag(page: Symbol, name: str, words: Words) -> None:
    """Add a tag of a library: `{% name a b key=c as d %}`."""
    given: list[Expr] = []
    keywords: dict[str, Expr] = {}
    bound = ""
    while not words.ended:
        if words.peek() == "as" and words.kind(1) == "name":
            words.at += 1
            bound = words.name()
        elif words.kind() == "name" and words.peek(1) == "=":
            key = words.name()
            words.take("=")
            keywords[key] = words.expression(stops=("as",))
        else:
            at = words.at
            given.append(words.expression(stops=("as",)))
            if words.at == at:
                words.take()
    call: Expr = ["c", ["n", f"%{name}"], given, keywords, words.line]
    if bound:
        _set(page, words.line, ["n", bound], call)
    else:
        do(page, words.line, call)


READERS: Mapping[str, Callable[[Symbol, str, Words], None]] = {
    "if": _condition,
    "elif": _condition,
    "for": _for,
    "set": _assign,
    "with": _assign,
    "extends": _page,
    "include": _page,
    "import": _import,
    "from": _from,
    "call": _call,
    "filter": _filter,
}
"""Tags of the languages themselves; all others are of libraries."""
