"""Facts of other languages: what is kept, and what bad files give."""

import pytest

from release_harness.steps.evidence.impact.extract import extract
from release_harness.steps.evidence.impact.facts import FileFacts, facts_from_bytes, facts_to_bytes

SOURCES = {
    "typescript": "import a from './a';\nexport class A extends B { constructor(private u: Users) { super(); } @Get(':id') async find() { return this.u.find(`/x/${1}`); } }\nexport const f = () => g();\n",
    "tsx": "export const Page = () => <Link href='/x'><Box a={b()} /></Link>;\n",
    "javascript": "const { a: b } = require('./m');\nmodule.exports = { b, run() { return import('./lazy'); } };\n",
    "go": 'package a\nimport x "net/http"\ntype S struct { x.Handler; n int }\nfunc (s *S) Run(n int) error { return x.Do(s.n) }\n',
    "java": 'package a;\nimport a.b.C;\n@Ann("x") class D extends C { private final E e; @Get void f() { e.g("h" + I); } }\n',
    "kotlin": 'package a\n\nimport a.b.C as X\n\n@Ann\nclass D(private val e: E) : X() {\n    @Get("p")\n    fun f(): String = e.g("h")\n}\n',
    "ruby": "require_relative 'x'\nmodule A\n  class B < C\n    before_action :x, only: [:y]\n    def y; Z.call(1) { |q| q.w }; end\n  end\nend\n",
    "erb": "<% if @a %>\n<p><%= b(@a) %></p>\n<% end %>\n",
    "builder": "xml.rss do\n  xml.title @title\nend\n",
    "php": "<?php\nnamespace A;\nuse B\\C as D;\nclass E extends D { public function __construct(private F $f) {} public function g(): F { return $this->f->h('x'.$y); } }\n",
}
QUALNAMES = {
    "typescript": {"A", "A.constructor", "A.find", "f"},
    "tsx": {"Page"},
    "javascript": {"default", "default.run"},
    "go": {"S", "S.Run"},
    "java": {"D", "D.f"},
    "kotlin": {"D", "D.f"},
    "ruby": {"A", "A.B", "A.B.<before_action x>", "A.B.y"},
    "erb": {"<view>"},
    "builder": {"<view>"},
    "php": {"E", "E.__construct", "E.g"},
}


def facts(language: str, text: str) -> FileFacts:
    """Return the facts of some text."""
    return extract(language, text.encode())


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_every_language_gives_symbols_imports_and_calls_in_the_one_schema(language: str) -> None:
    """What comes after extraction asks nothing about the language, so the schema has to hold for all of them."""
    found = facts(language, SOURCES[language])
    assert (found.parser, found.partial, found.problem) == ("tree-sitter", False, "")
    assert {each.qualname for each in found.symbols[1:]} == QUALNAMES[language]
    assert found.symbols[0].kind == "module"
    assert facts_from_bytes(facts_to_bytes(found)) == found


@pytest.mark.parametrize("language", sorted(SOURCES.keys() - {"erb"}))
def test_a_broken_file_is_read_in_part_and_says_so(language: str) -> None:
    """A syntax error in one function must not hide the rest of the file, and must not count as read whole."""
    found = facts(language, SOURCES[language] + "\n)]} class {{{ <<<<<<< HEAD\n")
    assert found.partial is True
    assert found.parser == "tree-sitter"


@pytest.mark.parametrize("language", sorted(SOURCES))
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"\x00\x01\x02", "\u2028é".encode("utf-16"), b"\r\r\r", b"((((" * 30]
)
def test_bytes_that_are_no_source_never_raise(language: str, content: bytes) -> None:
    """Repositories hold anything under any name."""
    assert extract(language, content).symbols[0].kind == "module"


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(SOURCES))
def test_deep_nesting_ends(language: str) -> None:
    """A generated or hostile file can nest deeper than the interpreter's stack. Slow: the parser itself takes a while."""
    start = "<?php " if language == "php" else ""
    found = facts(language, start + "x = " + "f(" * 4000 + ")" * 4000 + ";\n" + "if (a) { " * 2000 + "}" * 2000)
    assert found.partial or found.problem


def test_minified_files_and_bundles_are_left_out_with_a_reason() -> None:
    """They are not what anybody wrote: reading them costs seconds and finds routes of libraries."""
    minified = facts("javascript", "var a=1;" * 5000)
    assert (minified.parser, minified.problem.partition(":")[0]) == ("", "minified")
    bundle = facts("javascript", "/* webpackBootstrap */\n" + "function a() {}\n" * 400)
    assert bundle.problem == "a generated bundle"


def test_a_function_without_a_name_is_called_after_what_it_is_handed_to() -> None:
    """Names from line numbers would make every change above it look like a new function."""
    found = facts(
        "javascript",
        "app.get('/users/:id', (req, res) => { res.end(); });\napp.get('/users/:id', (req, res) => { res.end(); });\n",
    )
    assert [each.qualname for each in found.symbols[1:]] == ["<get /users/_id>", "<get /users/_id 2>"]


def test_exports_of_both_module_systems_are_kept() -> None:
    """What a router file exports is what the application mounts."""
    assert facts("typescript", "export { a as b } from './a';\nexport default c;\nexport const d = 1;\n").exports == [
        "b",
        "default",
        "d",
    ]
    assert facts("javascript", "exports.a = 1;\nmodule.exports.b = () => {};\n").exports == ["a", "b"]


def test_declaration_files_give_types_and_no_functions() -> None:
    """A `.d.ts` file runs nothing."""
    found = facts(
        "typescript",
        "declare function f(a: string): void;\nexport interface I { a: string }\nexport declare type T = I;\n",
    )
    assert [(each.kind, each.qualname) for each in found.symbols[1:]] == [("interface", "I"), ("type", "T")]


def test_the_scripts_of_components_are_read_on_their_own_lines() -> None:
    """A change is told by its line in the file, not in the block."""
    text = "<template>\n  <p>{{ a }}</p>\n</template>\n<script setup lang='ts'>\nimport { b } from './b'\nfunction a() { return b() }\n</script>\n"
    found = facts("vue", text)
    assert [(each.qualname, each.line) for each in found.symbols[1:]] == [("a", 6)]
    assert found.problem == "the template is not read"
    assert facts("vue", "<script>\n" * 2000).parser == "tree-sitter"


def test_a_lambda_with_statements_is_a_symbol_named_after_what_it_is_handed_to() -> None:
    """Two routes written inline in one method are two handlers, and each has variables of its own."""
    source = """class R {
  Object all() {
    return route().GET("/a", request -> { var x = one(); return x; }).POST("/b", r -> two(r)).map(y -> three(y));
  }
}
"""
    found = {each.qualname: each for each in facts("java", source).symbols}
    assert list(found) == ["", "R", "R.all", "R.all.<locals>.<GET /a>", "R.all.<locals>.<POST /b>"]
    assert [each.target for each in found["R.all.<locals>.<GET /a>"].body if each.kind == "set"] == [["n", "x"]]
    assert [each.name for each in found["R.all.<locals>.<POST /b>"].parameters] == ["r"]


def test_a_negative_number_of_java_keeps_its_sign() -> None:
    """`@Order(-1)` comes first, `@Order(1)` does not."""
    symbol = facts("java", "@Order(-1) class A {}").symbols[1]
    assert symbol.decorators[0][2] == [["k", -1]]


RUBY = """class Story < Base
  scope :recent, ->(user) { where(user: user) }
  has_many :suggested_titles
  belongs_to :merged_into, class_name: "Other::Story"
  attr_accessor :vote
  private def secret = vote.try(:value)
  after_action only: [:create] do
    refill
  end
  included do
    def inside; end
  end
end
task :clean do
  run
end
"""


def test_what_the_body_of_a_ruby_class_declares_is_kept_as_what_it_is() -> None:
    """Scopes are methods, associations say their class, and a filter that changes is no change of the whole class."""
    found = {each.qualname: each for each in facts("ruby", RUBY).symbols}
    assert list(found) == [
        "", "Story", "Story.recent", "Story.secret", "Story.<after_action>", "Story.inside", "<task clean>",
    ]  # fmt: skip
    assert [each.name for each in found["Story.recent"].parameters] == ["user"]
    types = {each.target[1]: each.annotation for each in found["Story"].body if each.kind == "set" and each.target}
    assert types == {
        "suggested_titles": ["n", "SuggestedTitle"],
        "merged_into": ["a", ["n", "Other"], "Story"],
        "vote": None,
    }
    assert found["Story.secret"].body[0].value == ["c", ["a", ["n", "vote"], "value"], [], {}, 6]


def test_the_ruby_of_a_template_stands_on_its_own_lines() -> None:
    """A way that points to the wrong line of a template cannot be checked."""
    view = facts("erb", "<h1>A</h1>\n<%# no %>\n<% @all.each do |one| %>\n  <%= show(one) -%>\n<% end %>\n").symbols[1]
    assert (view.first_line, view.end_line) == (1, 5)
    assert [each.line for each in view.body] == [3]
    value = view.body[0].value
    assert value is not None
    assert ["c", ["n", "show"], [["n", "one"]], {}, 4] in value[2][0][1]


def test_a_method_of_typescript_begins_with_its_decorators() -> None:
    """A new decorated method would otherwise change its class, and name every other route of the controller."""
    found = facts("typescript", "class A {\n  @Get('x')\n  @Use(G)\n  one() {}\n\n  two() {}\n}\n")
    lines = {each.qualname: (each.first_line, each.line) for each in found.symbols}
    assert lines["A.one"] == (2, 4)
    assert lines["A.two"] == (6, 6)
