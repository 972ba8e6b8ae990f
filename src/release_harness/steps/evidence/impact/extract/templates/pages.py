"""Pages of Jinja and Django: their tags in order, each read into statements of the page or of the macro that it stands in."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.extract.source_text import decode
from release_harness.steps.evidence.impact.extract.templates.expressions import NotRead, Words
from release_harness.steps.evidence.impact.extract.templates.tags import READERS, do, library_tag
from release_harness.steps.evidence.impact.facts import FileFacts, Parameter, Symbol

LANGUAGE = "template"
TAGS_LIMIT = 20_000
TAG_CHARACTERS_LIMIT = 20_000
"""A longer tag is data; what stands in it is left out and the file counts as partly read."""

_OPENS = re.compile(r"\{[{%#]")
_QUOTED = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[^\"'])*?"
_PRINTED, _DONE = re.compile(_QUOTED + r"\}\}", re.DOTALL), re.compile(_QUOTED + r"%\}", re.DOTALL)
_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_AS_TEXT = {"raw": "endraw", "verbatim": "endverbatim", "comment": "endcomment"}
"""Tags between which nothing is read."""
_SILENT = frozenset(
    {"block", "else", "empty", "break", "continue", "load", "autoescape", "spaceless", "csrf_token", "pluralize"}
)


class _Tag(NamedTuple):
    line: int
    printed: bool
    """`{{ … }}`, and not `{% … %}`."""
    text: str


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one page; never raises on bad input."""
    source = decode(content)
    page = _Page(source.text)
    page.read()
    problem = page.problem if page.has_tags else ""
    return FileFacts(
        LANGUAGE, LANGUAGE, problem, partial=bool(problem), lines_count=page.lines_count, symbols=page.symbols,
        exports=None, encoding_guessed=source.guessed,
    )  # fmt: skip


class _Page:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines_count = text.count("\n") + 1
        self.problem = ""
        self.has_tags = False
        """Whether any `{% … %}` stands in it; `{{ … }}` alone is also written for Angular, Vue, Mustache and Go."""
        self.symbols = [_symbol("", "module", 1, self.lines_count)]
        self.current = self.symbols[0]

    def read(self) -> None:
        for count, tag in enumerate(self._tags()):
            if count >= TAGS_LIMIT:
                self.problem = self.problem or f"more than {TAGS_LIMIT} tags"
                return
            try:
                if tag.printed:
                    do(self.current, tag.line, Words(tag.text, tag.line).expression())
                else:
                    self._tag(tag)
            except NotRead:
                self.problem = self.problem or f"line {tag.line}: a tag that cannot be read"

    def _tags(self) -> Iterator[_Tag]:
        at = line = 0
        counted, text = 0, self.text
        while found := _OPENS.search(text, at):
            start, sign = found.end(), found.group()
            self.has_tags = self.has_tags or sign == "{%"
            end = self._end_of(sign, start)
            if end < 0:
                self.problem = self.problem or f"line {text.count(chr(10), 0, start) + 1}: a tag is not closed"
                return
            line += text.count("\n", counted, start)
            counted, at = start, end + 2
            inside = text[start:end]
            if sign == "{#" or not inside.strip("-+ \t\n"):
                continue
            if len(inside) > TAG_CHARACTERS_LIMIT:
                self.problem = self.problem or f"line {line + 1}: a tag longer than anybody writes"
                continue
            inside = inside.strip().removeprefix("-").removeprefix("+").removesuffix("-").removesuffix("+").strip()
            closing = _AS_TEXT.get(inside.partition(" ")[0]) if sign == "{%" else None
            if closing is not None:
                ended = re.compile(r"\{%[-+]?\s*" + closing + r"\b").search(text, at)
                at = len(text) if ended is None else ended.start()
                continue
            yield _Tag(line + 1, sign == "{{", inside)

    def _end_of(self, sign: str, start: int) -> int:
        """Return where a tag closes; a closing sign inside a text is none, unless a quote has no partner."""
        plain = self.text.find(_CLOSES[sign], start)
        if sign == "{#" or plain < 0:
            return plain
        quoted = (_PRINTED if sign == "{{" else _DONE).match(self.text, start, plain + TAG_CHARACTERS_LIMIT)
        return quoted.end() - 2 if quoted is not None else plain

    def _tag(self, tag: _Tag) -> None:
        words = Words(tag.text, tag.line)
        name = words.name()
        if name.startswith("end"):
            if name == "endmacro":
                self.current = self._last_open(tag.line)
            return
        if not name or name in _SILENT:
            return
        if name == "macro":
            self._macro(words)
        else:
            READERS.get(name, library_tag)(self.current, name, words)

    def _macro(self, words: Words) -> None:
        name = words.name()
        parameters: list[Parameter] = []
        words.take("(")
        while not words.ended and not words.take(")"):
            each = words.name()
            default = words.expression() if words.take("=") else None
            if each:
                parameters.append(Parameter(each, "positional", None, default))
            if not words.take(",") and words.peek() != ")" and not words.take():
                break
        taken = {each.qualname for each in self.symbols}
        if name and name not in taken:
            self.current = _symbol(name, "function", words.line, self.lines_count)._replace(parameters=parameters)
            self.symbols.append(self.current)

    def _last_open(self, line: int) -> Symbol:
        at = self.symbols.index(self.current)
        self.symbols[at] = self.current._replace(end_line=line)
        return self.symbols[0]


def _symbol(qualname: str, kind: str, line: int, end_line: int) -> Symbol:
    return Symbol(qualname, kind, line, line, end_line, [], [], {}, [], None, [], [], [], [])
