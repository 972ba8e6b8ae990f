"""One file cut into its symbols, each with the tokens that are its own and not those of a symbol inside it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from release_harness.steps.evidence.impact.difference.tokens import Token, tokens_of
from release_harness.steps.evidence.impact.expressions import items_of
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Import, Statement, Symbol

FUNCTIONS = frozenset({"function", "async"})
_TEMPLATES = frozenset({"erb", "builder"})
"""Languages whose files are one symbol without a header."""
_OPENING, _CLOSING, _SEPARATORS = frozenset("([{"), frozenset(")]}"), frozenset(",;")
_GROUPS = frozenset({"const", "var", "type", "import"})
"""Words that open a group of declarations in Go."""
_WORDS = frozenset({"func", "function"})
"""Words that open a function without a name."""
_ARROWS = {"typescript": "=", "tsx": "=", "javascript": "=", "java": "-", "kotlin": "-", "php": "="}
"""What stands before the `>` of an arrow."""


class Segment(NamedTuple):
    """One statement of a module or class."""

    kind: str
    """`import`, `set` or `do`."""
    names: tuple[str, ...]
    """What it binds."""
    line: int
    tokens: tuple[str, ...]
    sources: Mapping[str, str] = MappingProxyType({})
    """Of an import: where each name comes from, and what it is called there."""


class Part(NamedTuple):
    """One symbol of a file with its own tokens."""

    symbol: Symbol
    decorators: tuple[str, ...]
    header: tuple[str, ...]
    """For functions and classes: up to the body."""
    body: tuple[str, ...]
    """Own tokens below the header, without the docstring; for a module all own tokens."""
    segments: tuple[Segment, ...]
    """Own statements of a module or class."""
    raw: str
    """Own lines as they are written."""


def outline(facts: FileFacts, source: str) -> Mapping[str, Part]:
    """Cut a file into its symbols, by qualname; of several with one name, such as overloads, the last one counts whole."""
    lines = source.splitlines()
    owner = _owners(facts.symbols, len(lines))
    tokens: dict[int, list[Token]] = {}
    for token in tokens_of(facts.language, source):
        tokens.setdefault(owner[min(token.line, len(owner) - 1)], []).append(token)
    texts: dict[int, list[str]] = {}
    for number, line in enumerate(lines, 1):
        texts.setdefault(owner[number], []).append(line)
    return {
        each.qualname: _part(each, tokens.get(index, []), texts.get(index, []), facts.language)
        for index, each in enumerate(facts.symbols)
    }


def _owners(symbols: Sequence[Symbol], lines_count: int) -> list[int]:
    """Return, for each line, the index of the innermost symbol that it belongs to."""
    owner = [0] * (lines_count + 2)
    # Outer symbols come before inner ones, whatever the order of the list.
    for index in sorted(range(1, len(symbols)), key=lambda each: (symbols[each].first_line, -symbols[each].end_line)):
        first, last = symbols[index].first_line, min(symbols[index].end_line, lines_count)
        owner[first : last + 1] = [index] * max(0, last + 1 - first)
    return owner


def _part(symbol: Symbol, tokens: Sequence[Token], texts: Sequence[str], language: str) -> Part:
    if symbol.kind == "module":
        segments = _segments(symbol, tokens, language)
        return Part(symbol, (), (), tuple(each.text for each in tokens), segments, "\n".join(texts))
    decorators = tuple(each.text for each in tokens if each.line < symbol.line)
    rest = [each for each in tokens if each.line >= symbol.line]
    end = _header_length(symbol, rest, language)
    body = _without_docstring(rest[end:]) if language == "python" else rest[end:]
    segments = () if symbol.kind in FUNCTIONS else _segments(symbol, body, language)
    header = tuple(each.text for each in rest[:end])
    return Part(symbol, decorators, header, _relative(body), segments, "\n".join(texts))


def _header_length(symbol: Symbol, tokens: Sequence[Token], language: str) -> int:
    if language in _TEMPLATES or (language == "ruby" and symbol.qualname.endswith(">")):
        return 0  # a template, or a line of a class that calls something
    if language == "ruby":
        return _end_of_first_line(tokens)
    start, is_arrow = _start_of_unnamed(tokens, language) if symbol.qualname.endswith(">") else (0, False)
    if is_arrow:
        return start + (start < len(tokens) and tokens[start].text == "{")
    return start + _end_of_header(tokens[start:], ":" if language == "python" else "{")


def _start_of_unnamed(tokens: Sequence[Token], language: str) -> tuple[int, bool]:
    """Return where a function without a name begins behind what it is handed to: after its word, or after its arrow."""
    arrow = _ARROWS.get(language, "")
    for index, token in enumerate(tokens):
        if token.text in _WORDS:
            return index + 1, False
        if token.text == ">" and index and tokens[index - 1].text == arrow:
            return index + 1, True
    return 0, False


def _end_of_header(tokens: Sequence[Token], sign: str) -> int:
    depth = 0
    for index, token in enumerate(tokens):
        if token.text == sign and not depth:
            return index + 1
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
    return len(tokens)


def _end_of_first_line(tokens: Sequence[Token]) -> int:
    """Return where a header without a sign at its end is over: with the line on which its last bracket closes."""
    depth = 0
    for index, token in enumerate(tokens):
        if index and not depth and token.line > tokens[index - 1].line:
            return index
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
    return len(tokens)


def _without_docstring(tokens: Sequence[Token]) -> Sequence[Token]:
    meant = [index for index, each in enumerate(tokens[:4]) if each.text != "\n" and not each.text.startswith(">")]
    if not meant:
        return tokens
    first = meant[0]
    quoted = tokens[first].text.lstrip("rRuU")[:1] in {'"', "'"}
    ends = first + 1 >= len(tokens) or tokens[first + 1].text == "\n"
    return tokens[first + 2 :] if quoted and ends else tokens


def _relative(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Write the depth of lines from the first line of the body, so that a method that moves to another class stays itself."""
    depths = [int(each.text[1:]) for each in tokens if each.text.startswith(">") and each.text[1:].isdigit()]
    least = min(depths, default=0)
    return tuple(
        f">{int(each.text[1:]) - least}" if each.text.startswith(">") and each.text[1:].isdigit() else each.text
        for each in tokens
    )


def _segments(symbol: Symbol, tokens: Sequence[Token], language: str) -> tuple[Segment, ...]:
    starts: dict[int, tuple[str, tuple[str, ...]]] = {}
    sources: dict[int, dict[str, str]] = {}
    for each in symbol.imports:
        sources.setdefault(each.line, {})[_import_name(each)] = _source(each, language)
        _, names = starts.get(each.line, ("", ()))
        starts[each.line] = ("import", (*names, _import_name(each)))
    for statement in symbol.body:
        kind, names = starts.get(statement.line, ("", ()))
        starts[statement.line] = (
            ("set" if statement.kind == "set" else "do") if kind in ("", "do") else kind,
            (*names, *_bound(statement)),
        )
    found: list[Segment] = []
    ordered = sorted(starts)
    position = 0
    for index, line in enumerate(ordered):
        end = ordered[index + 1] if index + 1 < len(ordered) else 1 << 60
        held: list[str] = []
        while position < len(tokens) and tokens[position].line < end:
            # What stands before the first statement, such as a docstring, belongs to none.
            if tokens[position].line >= line:
                held.append(tokens[position].text)
            position += 1
        kind, names = starts[line]
        if language != "python":
            _leave_to_others(held)
        # A line of `;` or a bracket that holds several statements: what cannot be told apart is kept together.
        found.append(Segment(kind, tuple(dict.fromkeys(names)), line, tuple(held), sources.get(line, {})))
    return tuple(found)


def _leave_to_others(tokens: list[str]) -> None:
    """Drop from the end of a statement what belongs to the construct around it: its closing bracket, or the next group's start."""
    while tokens:
        if tokens[-1] in _SEPARATORS or (tokens[-1] in _CLOSING and _depth(tokens) < 0):
            tokens.pop()
        elif tokens[-1] == "(" and len(tokens) > 1 and tokens[-2] in _GROUPS:
            del tokens[-2:]
        else:
            return


def _depth(tokens: Sequence[str]) -> int:
    return sum((each in _OPENING) - (each in _CLOSING) for each in tokens)


def _import_name(each: Import) -> str:
    return each.bound or (f"*{each.module}" if each.name == "*" else "")


def _source(each: Import, language: str) -> str:
    """Say what a name is imported from; a type of Python that is there for checkers alone is not there when it runs."""
    where = f"{'.' * each.level}{each.module} {each.name}"
    return f"{where} for checkers" if each.typing_only and language == "python" else where


def _bound(statement: Statement) -> tuple[str, ...]:
    return tuple(names_in(statement.target)) if statement.kind == "set" else ()


def names_in(target: Expr | None) -> list[str]:
    """Return the plain names that an assignment binds."""
    if target is None:
        return []
    if target[0] == "n":
        return [target[1]]
    if target[0] == "*":
        return names_in(target[1])
    return [name for item in items_of(target) or () for name in names_in(item)]
