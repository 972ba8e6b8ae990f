"""Expressions inside tags of templates: only what they hold is kept, as for every language."""

import re
from collections.abc import Sequence

from release_harness.steps.evidence.impact.expressions import OTHER, TEXT_LIMIT
from release_harness.steps.evidence.impact.facts import Expr

DEPTH_LIMIT = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>==|!=|<=|>=|//|\*\*|[-+*/%~<>=|.,:()\[\]{}&^!?@$;#\\`]))",
    re.DOTALL,
)
_CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None, "null": None}
_WORDS = frozenset({"and", "or", "not", "in", "if", "else", "recursive"})
_BETWEEN = frozenset({"==", "!=", "<=", ">=", "//", "**", "-", "+", "*", "/", "%", "~", "<", ">", "&", "^", "!", "="})
_OPEN = {"(": ")", "[": "]", "{": "}"}


class NotRead(Exception):  # noqa: N818 - never leaves the reader: the tag is named and the file counts as partly read
    """An expression is nested deeper than anybody writes, or is no expression."""


class Words:
    """The tokens of one tag, read from left to right."""

    def __init__(self, text: str, line: int) -> None:
        """Cut a text into tokens; raises NotRead where a character belongs to none."""
        self.line = line
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        self._depth = 0
        position, end = 0, len(text.rstrip())
        while position < end:
            found = _TOKEN.match(text, position)
            if found is None:
                raise NotRead
            self.tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            position = found.end()

    def peek(self, ahead: int = 0) -> str:
        """Return a coming token, or empty at the end; a text keeps its quotes."""
        return self.tokens[self.at + ahead][1] if self.at + ahead < len(self.tokens) else ""

    def kind(self, ahead: int = 0) -> str:
        """Return what a coming token is: `text`, `number`, `name`, `sign`, or empty at the end."""
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else ""

    def take(self, word: str = "") -> bool:
        """Step over a token, if it is this one."""
        if self.at >= len(self.tokens) or (word and self.peek() != word):
            return False
        self.at += 1
        return True

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    def name(self) -> str:
        """Take a name; empty when the next token is none."""
        if self.kind() != "name":
            return ""
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expression(self, *, stops: Sequence[str] = ()) -> Expr:
        """Read operands until a comma, a closing sign or one of some words."""
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise NotRead
        operands: list[Expr] = []
        while not self.ended and self.peek() not in stops:
            word, kind = self.peek(), self.kind()
            if kind == "sign" and word not in _BETWEEN and word not in _OPEN:
                break
            if (kind == "name" and word in _WORDS) or (kind == "sign" and word in _BETWEEN):
                self.at += 1
            elif kind == "name" and word == "is" and operands:
                self.at += 1
                operands[-1] = self._test(operands[-1])
            elif operands and not self._follows_operator():
                break
            else:
                operands.append(self._operand())
        self._depth -= 1
        return operands[0] if len(operands) == 1 else ["b", operands] if operands else OTHER

    def _follows_operator(self) -> bool:
        kind, word = self.tokens[self.at - 1]
        return (kind == "name" and word in _WORDS) or (kind == "sign" and word in _BETWEEN)

    def _operand(self) -> Expr:
        kind, word = self.kind(), self.peek()
        self.at += 1
        found: Expr
        if kind == "text":
            found = ["s", word[1:-1][:TEXT_LIMIT]]
        elif kind == "number":
            found = ["k", 0]
        elif word in _CONSTANTS:
            found = ["k", _CONSTANTS[word]]
        elif word in _OPEN:
            found = ["l", self._items(_OPEN[word])]
        else:
            found = ["n", word]
        return self._after(found)

    def _after(self, found: Expr) -> Expr:
        """Read attributes, subscripts, calls and filters that follow an operand."""
        while not self.ended:
            word = self.peek()
            if word == "." and self.kind(1) in {"name", "number"}:
                name = self.peek(1)
                self.at += 2
                found = ["a", found, name] if not name[0].isdigit() else ["i", found, ["k", 0]]
            elif word == "[":
                self.at += 1
                found = ["i", found, ["l", self._items("]")]]
            elif word == "(":
                self.at += 1
                found = self._call(found, [])
            elif word == "|" and self.kind(1) == "name":
                self.at += 1
                found = self._filter(found)
            else:
                return found
        return found

    def _filter(self, value: Expr) -> Expr:
        name = self.name()
        while self.peek() == "." and self.kind(1) == "name":
            name += f".{self.peek(1)}"
            self.at += 2
        if self.take("("):
            return self._call(["n", f"|{name}"], [value])
        if self.take(":"):
            return ["c", ["n", f"|{name}"], [value, self._argument()], {}, self.line]
        return ["c", ["n", f"|{name}"], [value], {}, self.line]

    def _argument(self) -> Expr:
        """Read the one argument of a filter of Django; the filter after it belongs to the whole."""
        kind, word = self.kind(), self.peek()
        if kind not in {"text", "number", "name"}:
            return OTHER
        self.at += 1
        found: Expr = ["s", word[1:-1][:TEXT_LIMIT]] if kind == "text" else ["n", word] if kind == "name" else ["k", 0]
        while kind == "name" and self.peek() == "." and self.kind(1) in {"name", "number"}:
            found = ["a", found, self.peek(1)]
            self.at += 2
        return found

    def _test(self, value: Expr) -> Expr:
        self.take("not")
        name = self.name()
        if not name:
            return value
        if name in _CONSTANTS:
            return value
        if self.take("("):
            return self._call(["n", f"?{name}"], [value])
        given = [value]
        if self.kind() in {"text", "number"} or (self.kind() == "name" and self.peek() not in {*_WORDS, "is"}):
            given.append(self._operand())
        return ["c", ["n", f"?{name}"], given, {}, self.line]

    def _call(self, function: Expr, given: list[Expr]) -> Expr:
        keywords: dict[str, Expr] = {}
        while not self.ended and not self.take(")"):
            if self.kind() == "name" and self.peek(1) == "=":
                name = self.name()
                self.at += 1
                keywords[name] = self.expression()
            else:
                while self.peek() in {"*", "**"}:
                    self.at += 1
                given.append(self.expression())
            if not self.take(",") and self.peek() != ")":
                raise NotRead
        return ["c", function, given, keywords, self.line]

    def _items(self, closing: str) -> list[Expr]:
        found: list[Expr] = []
        while not self.ended and not self.take(closing):
            found.append(self.expression())
            if not self.take(",") and not self.take(":") and self.peek() != closing:
                raise NotRead
        return found
