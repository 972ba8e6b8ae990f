"""Source text as tokens, so that comments, blank lines and formatting are no difference, for every language that rh reads.

The facts of a file leave out operators and numbers, which a change may well consist of; so bodies are compared by tokens.
Where a token is cut wrongly the two sides are cut alike, and text is never dropped unless it is a comment: an error of this
page makes a symbol look changed, not unchanged.
"""

from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern

_PYTHON = LazyPattern(
    r"(?P<space>[ \t\f]+|\\\r?\n)|(?P<comment>#[^\n]*)|(?P<line>\r?\n|\r)"
    r"|(?P<string>(?i:[rbuft]{0,2})(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"))"
    r"|(?P<word>\w+)|(?P<sign>.)",
    16,  # re.DOTALL
)
_BRACES = LazyPattern(
    r"(?P<space>[ \t\f\v]+)|(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<line>\r?\n|\r)"
    r"|(?P<string>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`)|(?P<word>[\w$]+)|(?P<sign>.)",
    16,
)
_HASHES = LazyPattern(
    r"(?P<space>[ \t\f\v]+)|(?P<comment>#[^\n{]*)|(?P<line>\r?\n|\r)"
    r"|(?P<string>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")|(?P<word>\w+)|(?P<sign>.)",
    16,
)
_MARKUP = LazyPattern(
    r"(?P<space>[ \t\f\v]+)|(?P<comment><%#.*?%>|<!--.*?-->)|(?P<line>\r?\n|\r)|(?P<word>\w+)|(?P<sign>.)", 16
)
_PATTERNS = {"python": _PYTHON, "ruby": _HASHES, "builder": _HASHES, "erb": _MARKUP}
_OPEN = frozenset("([{")
_CLOSE = frozenset(")]}")
_TRAILING_COUNT = 2


class Token(NamedTuple):
    """One token and its line."""

    line: int
    text: str


def tokens_of(language: str, source: str) -> list[Token]:
    """Return the tokens of a source without comments; for Python, with marks for lines that end and for their depth."""
    pattern = _PATTERNS.get(language, _BRACES)
    found = _cut(pattern, source, by_line=language == "python")
    return _without_trailing_commas(found)


def _cut(pattern: LazyPattern, source: str, *, by_line: bool) -> list[Token]:
    found: list[Token] = []
    line, depth, fresh = 1, 0, True
    indents = [0]
    width = 0
    for match in pattern.compiled.finditer(source):
        kind, text = match.lastgroup, match.group()
        if kind == "line":
            if by_line and not depth and not fresh:
                found.append(Token(line, "\n"))
                fresh, width = True, 0
            elif fresh:
                width = 0
        elif kind == "space":
            width += len(text.expandtabs(8)) if fresh else 0
        elif kind != "comment":
            if by_line and fresh:
                _note_depth(found, indents, width, line)
            fresh = False
            depth = max(0, depth + (text in _OPEN) - (text in _CLOSE)) if kind == "sign" else depth
            found.append(Token(line, _plain(text) if kind == "string" else text))
        line += text.count("\n") if "\n" in text else text == "\r"
    return found


def _note_depth(found: list[Token], indents: list[int], width: int, line: int) -> None:
    """Say how deep a line stands, not how many columns: four columns or two are the same program."""
    while indents[-1] > width:
        indents.pop()
    if indents[-1] < width:
        indents.append(width)
    found.append(Token(line, f">{len(indents) - 1}"))


def _plain(text: str) -> str:
    """Write a string with double quotes where nothing in it minds."""
    if (
        len(text) > 1
        and text[0] == text[-1] == "'"
        and not text.startswith("'''")
        and '"' not in text
        and "\\" not in text
    ):
        return f'"{text[1:-1]}"'
    return text


def _without_trailing_commas(tokens: list[Token]) -> list[Token]:
    """Drop the comma before a closing bracket, unless it makes a tuple of one."""
    kept: list[Token] = []
    commas: list[int] = []
    for token in tokens:
        if token.text in _OPEN:
            commas.append(0)
        elif token.text == "," and commas:
            commas[-1] += 1
        elif token.text in _CLOSE and commas:
            count = commas.pop()
            if kept and kept[-1].text == "," and (count >= _TRAILING_COUNT or token.text != ")"):
                kept.pop()
        kept.append(token)
    return kept
