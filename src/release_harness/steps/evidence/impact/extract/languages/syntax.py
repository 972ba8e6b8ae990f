"""Walking a tree-sitter tree into facts: what the readers of all other languages share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from release_harness.steps.evidence.impact.expressions import OTHER, text_of
from release_harness.steps.evidence.impact.extract.scope import Reading, Scope
from release_harness.steps.evidence.impact.extract.shapes import held
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Parameter, Symbol

if TYPE_CHECKING:
    from tree_sitter import Node

DEPTH_LIMIT = 120
"""Deeper nesting than anybody writes; what is below is left out and the file counts as partly read."""
LONG_LINE_BYTES = 40_000
MEAN_LINE_BYTES = 400
SMALL_FILE_BYTES = 4_000
NAME_LIMIT = 60
BUNDLE_MARKS = (b"__webpack_require__", b"webpackBootstrap", b"parcelRequire", b"System.register([")
_UNSAFE = str.maketrans({":": "_", ".": "_", "<": "_", ">": "_", "\n": " "})
_HELD_SILENT = frozenset({"k", "o"})
_parsers: dict[tuple[str, str], Any] = {}


def parser_of(module: str, attribute: str) -> Any:
    """Return the parser of a grammar wheel, loaded once; raises ImportError where the wheel is missing."""
    known = _parsers.get((module, attribute))
    if known is None:
        from importlib import import_module

        from tree_sitter import Language, Parser

        grammar = import_module(module)
        _parsers[module, attribute] = known = Parser(Language(getattr(grammar, attribute)()))
    return known


def left_out(content: bytes) -> str:
    """Return why a file is no source that anybody wrote, or empty: minified files and generated bundles."""
    if len(content) < SMALL_FILE_BYTES:
        return ""
    lines_count = content.count(b"\n") + 1
    if len(content) / lines_count > MEAN_LINE_BYTES:
        return "minified: long lines"
    longest = max(len(each) for each in content.split(b"\n")) if len(content) > LONG_LINE_BYTES else 0
    if longest > LONG_LINE_BYTES and longest * 2 > len(content):
        return "minified: nearly all of it on one line"
    head = content[:3000]
    if any(each in head for each in BUNDLE_MARKS):
        return "a generated bundle"
    return ""


class Reader:
    """Reads one file of one language; subclasses name their forms."""

    language: ClassVar[str] = ""
    grammar: ClassVar[tuple[str, str]] = ("", "")
    forms: ClassVar[dict[str, Callable[[Any, Any], Expr]]] = {}
    statements: ClassVar[dict[str, Callable[[Any, Any], None]]] = {}

    def __init__(self, content: bytes) -> None:
        """Start with the bytes of a file."""
        self.content = content
        self.reading = Reading()
        self.scope = Scope(self.reading, "", in_function=False)
        self.depth = 0
        self.too_deep = False
        self.names: dict[str, int] = {}
        self.exports: list[str] | None = None
        self.keywords: dict[str, Expr] = {}
        self.around: list[tuple[Expr, list[Expr]]] = []

    def text(self, node: "Node") -> str:
        """Return the source of a node."""
        return self.content[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def expression(self, node: "Node | None") -> Expr:
        """Return a node as an expression; an unknown form keeps what its parts hold."""
        if node is None:
            return OTHER
        form = self.forms.get(node.type)
        if self.depth > DEPTH_LIMIT:
            self.too_deep = True
            return OTHER
        self.depth += 1
        try:
            return form(self, node) if form is not None else self.parts(node)
        finally:
            self.depth -= 1

    def parts(self, node: "Node") -> Expr:
        """Return what the parts of a node hold."""
        children = node.named_children
        if not children:
            return OTHER
        if len(children) == 1:
            return self.expression(children[0])
        return held([self.expression(each) for each in children])

    def name(self, node: "Node") -> Expr:
        """Return a name."""
        return ["n", self.content[node.start_byte : node.end_byte].decode("utf-8", "replace")]

    def nothing(self, node: "Node") -> Expr:  # noqa: ARG002 - one form among others
        """Return an expression that holds nothing."""
        return OTHER

    def statement(self, node: "Node") -> None:
        """Read one statement into the current scope; what is no statement is an expression."""
        form = self.statements.get(node.type)
        if self.depth > DEPTH_LIMIT:
            self.too_deep = True
            return
        self.depth += 1
        try:
            if form is not None:
                form(self, node)
            elif node.type in self.forms:
                self.scope.do(node.start_point[0] + 1, self.expression(node))
            else:
                self.block(node)
        finally:
            self.depth -= 1

    def block(self, node: "Node") -> None:
        """Read the statements directly inside a node."""
        for each in node.named_children:
            self.statement(each)

    def skip(self, node: "Node") -> None:
        """Leave a statement out."""

    def open(
        self,
        kind: str,
        name: str,
        node: "Node",
        name_node: "Node | None" = None,
        *,
        decorators: list[Expr] | None = None,
        bases: list[Expr] | None = None,
        parameters: list[Parameter] | None = None,
        returns: Expr | None = None,
        first: "Node | None" = None,
    ) -> Scope:
        """Add a symbol and make its scope the current one; the scope before is returned and given to `close`."""
        before = self.scope
        line = (name_node or node).start_point[0] + 1
        lines = ((first or node).start_point[0] + 1, line, node.end_point[0] + 1)
        self.scope = before.open(kind, name, lines, decorators or [], bases or [], {}, parameters or [], returns)
        if kind not in {"function", "async"}:
            self.scope.prefix = self.scope.prefix.replace(".<locals>.", ".") if not before.prefix else (
                before.prefix + name + "."
            )  # fmt: skip
            self.scope.in_function = False
        return before

    def close(self, before: Scope) -> None:
        """Return to the scope around."""
        self.scope = before

    def anonymous(self, key: str = "") -> str:
        """Return a name for a function without one that survives shifted lines: after what it is handed to."""
        if not key and self.around:
            function, arguments = self.around[-1]
            words = [str(function[2] if function[0] == "a" else function[1] if function[0] == "n" else "")]
            words.extend(each for each in [text_of(arguments[0])] if each) if arguments else None
            key = " ".join(words)
        made = f"<{key.translate(_UNSAFE)[:NAME_LIMIT].strip() or 'function'}>"
        place = self.scope.prefix + made
        count = self.names[place] = self.names.get(place, 0) + 1
        return made if count == 1 else f"{made[:-1]} {count}>"

    def facts(self) -> FileFacts:
        """Parse the file and return its facts."""
        lines_count = self.content.count(b"\n") + (not self.content.endswith(b"\n") and bool(self.content))
        root = parser_of(*self.grammar).parse(self.content).root_node
        self.read(root)
        scope = self.scope
        row = (scope.imports, scope.body, scope.conditions, scope.flags)
        module = Symbol("", "module", 1, 1, lines_count, [], [], self.keywords, [], None, *row)
        partial = root.has_error or self.too_deep
        problem = "nested too deeply in places" if self.too_deep else ""
        symbols = [module, *self.reading.symbols]
        return FileFacts(self.language, "tree-sitter", problem, partial, lines_count, symbols, self.exports)

    def read(self, root: "Node") -> None:
        """Read the whole file."""
        self.block(root)


def read(reader: type[Reader], content: bytes) -> FileFacts:
    """Return the facts of one file; a file that is no source gives facts with a problem, never an exception."""
    from release_harness.steps.evidence.impact.extract import unread

    why = left_out(content)
    lines_count = content.count(b"\n") + 1
    if why:
        return unread(reader.language, why, lines_count)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode("utf-8")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content:
        return unread(reader.language, "binary: it holds zero bytes", lines_count)
    try:
        return reader(content).facts()
    except RecursionError:
        return unread(reader.language, "nested too deeply", lines_count)
