"""Which file an import of another language means, and what its names stand for."""

from release_harness.steps.evidence.impact.expressions import dotted
from release_harness.steps.evidence.impact.lexical.modules_ecmascript import EcmaScriptModules, parse_settings
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.impact.tree import SourceTree


def modules(files: dict[str, str]) -> EcmaScriptModules:
    """Return the modules of some files."""
    return EcmaScriptModules(files, files.get)


def names(files: dict[str, str]) -> Names:
    """Return the names of some files."""
    tree = SourceTree(files)
    return Names(tree.blobs, lambda path: tree.facts(path) if path in tree.blobs else None, tree.read_text, tree.paths)


def test_relative_imports_find_endings_index_files_and_what_is_written_as_js() -> None:
    """TypeScript writes `./a.js` for a file that is named `a.ts`."""
    found = modules({"src/a.ts": "", "src/b/index.tsx": "", "src/c.js": ""})
    assert found.find("./a", "src/x.ts") == "src/a.ts"
    assert found.find("./a.js", "src/x.ts") == "src/a.ts"
    assert found.find("../src/b", "src/x.ts") == "src/b/index.tsx"
    assert found.find("./nothing", "src/x.ts") == ""
    assert found.find("../../../etc/passwd", "src/x.ts") == ""


def test_paths_of_tsconfig_are_followed_with_comments_and_extends() -> None:
    """Most applications import `@/lib/x`; without this every edge of theirs is lost."""
    found = modules({
        "tsconfig.base.json": '{ // shared\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*",], } }, }',
        "web/tsconfig.json": '{ "extends": "../tsconfig.base.json" }',
        "src/lib/x.ts": "",
    })  # fmt: skip
    assert found.find("@/lib/x", "web/page.ts") == "src/lib/x.ts"
    assert found.find("react", "web/page.ts") == ""


def test_a_tsconfig_that_extends_itself_ends() -> None:
    """Settings come from the repository and may be hostile."""
    found = modules({"tsconfig.json": '{ "extends": "./tsconfig.json" }', "a.ts": ""})
    assert found.find("@/a", "b.ts") == ""
    assert parse_settings("[" * 100_000) == {}


def test_packages_of_a_workspace_are_found_by_name_and_exports() -> None:
    """In a monorepo packages import each other by name, and name what is built from their sources."""
    found = modules({
        "packages/core/package.json": '{ "name": "@shop/core", "exports": { ".": { "import": "./dist/index.js" }, "./x": "./src/deep/x.ts" } }',
        "packages/core/src/index.ts": "",
        "packages/core/src/deep/x.ts": "",
    })  # fmt: skip
    assert found.find("@shop/core", "apps/web/a.ts") == "packages/core/src/index.ts"
    assert found.find("@shop/core/x", "apps/web/a.ts") == "packages/core/src/deep/x.ts"


def test_names_are_followed_through_files_that_hand_them_on() -> None:
    """An index file that exports everything of others is how most packages look."""
    found = names({
        "a.ts": "import { run } from './lib';\nrun();\n",
        "lib/index.ts": "export * from './inner';\n",
        "lib/inner.ts": "export { go as run } from './deep';\nexport * from './index';\n",
        "lib/deep.ts": "export function go() {}\n",
    })  # fmt: skip
    assert found.resolve("a.ts:", ["n", "run"]).symbol == "lib/deep.ts:go"


def test_a_local_name_hides_an_import() -> None:
    """A parameter of the same name is not the imported thing."""
    found = names(
        {
            "a.ts": "import { x } from './b';\nexport function f(x) { return x; }\n",
            "b.ts": "export const x = () => 1;\n",
        }
    )
    assert found.resolve("a.ts:f", ["n", "x"]).symbol == "a.ts:f.<locals>.x"


def test_fields_with_types_lead_to_the_methods_of_their_class() -> None:
    """Dependency injection leaves no other trace than the type of a constructor's parameter."""
    found = names({
        "a.ts": "import { Users } from './b';\nexport class A { constructor(private users: Users) {} run() { return this.users.find(); } }\n",
        "b.ts": "export class Base { find() {} }\nexport class Users extends Base {}\n",
    })  # fmt: skip
    expr = ["a", ["a", ["n", "this"], "users"], "find"]
    assert dotted(expr) == "this.users.find"
    assert found.resolve("a.ts:A.run", expr).symbol == "b.ts:Base.find"


def test_packages_of_go_java_ruby_and_php_are_found() -> None:
    """Their names cross files without an import of the file."""
    go = names(
        {
            "go.mod": "module x.io/a\n",
            "m.go": 'package m\nimport "x.io/a/b"\nfunc F() { b.G() }\n',
            "b/b.go": "package b\nfunc G() {}\n",
        }
    )
    assert go.resolve("m.go:F", ["a", ["n", "b"], "G"]).symbol == "b/b.go:G"
    java = names(
        {
            "A.java": "package p; class A { B b; }",
            "B.java": "package p; class B {}",
            "q/B.java": "package q; class B {}",
        }
    )
    assert java.resolve("A.java:A", ["n", "B"]).symbol == "B.java:B"
    ruby = names(
        {
            "a.rb": "module M\n  class A\n    def f; B.g; end\n  end\nend\n",
            "b.rb": "module M\n  class B\n    def self.g; end\n  end\nend\n",
        }
    )
    assert ruby.resolve("a.rb:M.A.f", ["a", ["n", "B"], "g"]).symbol == "b.rb:M.B.g"
    php = names(
        {
            "a.php": "<?php\nnamespace P;\nuse Q\\B as C;\nclass A { function f() { C::g(); } }\n",
            "b.php": "<?php\nnamespace Q;\nclass B { static function g() {} }\n",
        }
    )
    assert php.resolve("a.php:A.f", ["a", ["n", "C"], "g"]).symbol == "b.php:B.g"


def test_a_class_that_inherits_from_itself_ends() -> None:
    """Circles of bases come from broken or hostile files."""
    found = names({"a.ts": "export class A extends B {}\nexport class B extends A {}\n"})
    assert found.lineage("a.ts:A") == ["a.ts:A", "a.ts:B"]
    assert found.resolve("a.ts:A", ["a", ["n", "this"], "nothing"]).symbol == ""
