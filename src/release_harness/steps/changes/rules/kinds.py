"""What kind of file a name stands for: language, lock file, generated, vendored, migration, CI, permissions.

These tables describe; no rule takes a file for harmless because of them. They may be too generous for what raises
attention (migrations, CI, permissions) and must not be for what lowers it (generated, vendored).
"""

from functools import lru_cache

from release_harness.policy.globs import PathIndex, PathMatcher, compile_globs, index_paths
from release_harness.policy.model import Glob, PathRule, PathSet

_CODE = {
    "Assembly": "asm s S",
    "Bash": "sh bash zsh fish ksh",
    "C": "c h",
    "C#": "cs csx",
    "C++": "cc cpp cxx hh hpp hxx inl",
    "Clojure": "clj cljs cljc",
    "CSS": "css scss sass less styl",
    "Cython": "pyx pxd",
    "Dart": "dart",
    "Elixir": "ex exs",
    "Erlang": "erl hrl",
    "F#": "fs fsx",
    "Go": "go",
    "Groovy": "groovy gradle",
    "Haskell": "hs lhs",
    "HCL": "tf tfvars hcl",
    "HTML": "html htm xhtml",
    "Java": "java",
    "JavaScript": "js jsx mjs cjs",
    "Jinja": "jinja jinja2 j2",
    "Julia": "jl",
    "Jupyter": "ipynb",
    "Kotlin": "kt kts",
    "Lua": "lua",
    "Makefile": "mk mak",
    "Nix": "nix",
    "Objective-C": "m mm",
    "OCaml": "ml mli",
    "Perl": "pl pm t",
    "PHP": "php phtml",
    "PowerShell": "ps1 psm1 psd1",
    "Protocol Buffers": "proto",
    "Python": "py pyi pyw",
    "R": "r R",
    "Ruby": "rb rake gemspec erb",
    "Rust": "rs",
    "Scala": "scala sc",
    "Solidity": "sol",
    "SQL": "sql",
    "Starlark": "bzl star",
    "Svelte": "svelte",
    "Swift": "swift",
    "TypeScript": "ts tsx mts cts",
    "Vue": "vue",
    "WebAssembly": "wat",
    "Zig": "zig",
}
_OTHER = {
    "CSV": "csv tsv",
    "INI": "ini cfg conf properties",
    "JSON": "json jsonc json5",
    "Markdown": "md mdx markdown",
    "reStructuredText": "rst",
    "AsciiDoc": "adoc asciidoc",
    "SVG": "svg",
    "Text": "txt",
    "TOML": "toml",
    "Translation": "po pot",
    "XML": "xml xsd xsl",
    "YAML": "yaml yml",
}
_BY_NAME = {
    "Dockerfile": "Dockerfile",
    "Containerfile": "Dockerfile",
    "Makefile": "Makefile",
    "GNUmakefile": "Makefile",
    "Rakefile": "Ruby",
    "Gemfile": "Ruby",
    "Jenkinsfile": "Groovy",
    "CMakeLists.txt": "CMake",
    "BUILD": "Starlark",
    "BUILD.bazel": "Starlark",
    "Vagrantfile": "Ruby",
    "go.mod": "Go modules",
    "go.sum": "Go modules",
}
_BY_ENDING = {
    ending: language for table in (_CODE, _OTHER) for language, endings in table.items() for ending in endings.split()
}
CODE_LANGUAGES = frozenset(_CODE) | frozenset(_BY_NAME.values()) - {"Go modules"}

_GLOBS = {
    "lock": (
        "**/package-lock.json **/npm-shrinkwrap.json **/yarn.lock **/pnpm-lock.yaml **/bun.lock **/bun.lockb **/poetry.lock "
        "**/Pipfile.lock **/pdm.lock **/uv.lock **/pylock.toml **/pylock.*.toml **/Cargo.lock **/go.sum **/Gemfile.lock "
        "**/composer.lock **/mix.lock **/packages.lock.json **/pubspec.lock **/Podfile.lock **/Package.resolved "
        "**/gradle.lockfile **/.terraform.lock.hcl **/flake.lock **/conda-lock.yml **/pixi.lock **/deno.lock **/MODULE.bazel.lock"
    ),
    "dependencies": (
        "**/package.json **/pyproject.toml **/setup.py **/setup.cfg **/requirements*.txt **/requirements/*.txt "
        "**/requirements/*.in **/requirements*.in **/constraints*.txt **/Pipfile **/environment.yml **/Cargo.toml **/go.mod "
        "**/Gemfile **/*.gemspec **/composer.json **/mix.exs **/pom.xml **/build.gradle **/build.gradle.kts **/*.csproj "
        "**/Directory.Packages.props **/pubspec.yaml **/Podfile **/Package.swift **/vcpkg.json **/conanfile.* **/WORKSPACE "
        "**/MODULE.bazel **/go.work **/pnpm-workspace.yaml **/libs.versions.toml **/.gitmodules"
    ),
    "generated": (
        "**/*.pb.go **/*_pb2.py **/*_pb2.pyi **/*_pb2_grpc.py **/*.pb.cc **/*.pb.h **/*.min.js **/*.min.css **/*.js.map "
        "**/*.css.map **/*.designer.cs **/*.g.dart **/*.freezed.dart **/zz_generated.*.go **/*.generated.go "
        "**/__snapshots__/*.snap"
    ),
    "vendored": "vendor/** **/node_modules/** third_party/** **/third_party/** **/bower_components/** **/_vendor/** **/vendor/github.com/**",
    "migrations": (
        "**/migrations/** **/migration/** db/migrate/** **/db/migrate/** **/alembic/versions/** **/flyway/** **/liquibase/** "
        "**/prisma/schema.prisma **/schema.sql **/structure.sql db/schema.rb **/db/schema.rb **/V[0-9]*__*.sql **/changelog*.sql "
        "**/*.migration.ts **/*.migration.js "
        "**/migrations.go **/migrations.rs **/migrations.py **/migrations.sql **/migrations.ts **/migrations.js"
    ),
    "ci": (
        ".github/workflows/** .github/actions/** **/action.yml **/action.yaml .gitlab-ci.yml **/.gitlab-ci.yml .gitlab/ci/** "
        ".circleci/** .travis.yml azure-pipelines.yml .azure-pipelines/** azure-pipelines/** **/Jenkinsfile Jenkinsfile "
        ".buildkite/** .drone.yml bitbucket-pipelines.yml appveyor.yml .appveyor.yml .cirrus.yml .woodpecker/** .woodpecker.yml "
        ".tekton/** cloudbuild.yaml .zuul.yaml .zuul.d/** zuul.d/** .pre-commit-config.yaml .ci/** .semaphore/** .teamcity/** "
        ".github/dependabot.yml .mergify.yml"
    ),
    "permissions": (
        "**/CODEOWNERS **/OWNERS **/OWNERS_ALIASES .github/settings.yml **/AndroidManifest.xml **/*.entitlements **/*rbac*.yaml "
        "**/*rbac*.yml **/*role*binding*.yaml **/iam*.tf **/*_iam.tf **/iam/** **/sudoers **/sudoers.d/** **/*.rego "
        "**/firestore.rules **/storage.rules **/authorized_keys .rh/policy.yaml"
    ),
    "tests": (
        "**/test/** **/tests/** **/spec/** **/specs/** **/__tests__/** **/testing/** **/test_*.py **/*_test.py **/*_test.go "
        "**/*.test.* **/*.spec.* **/*_spec.rb **/*Test.java **/*Tests.java **/*Test.kt **/*Tests.cs **/e2e/** **/conftest.py"
    ),
}


def language_of(path: str) -> str:
    """Return the language that a file name stands for, or an empty text."""
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        return "Dockerfile" if name.startswith("Dockerfile") else ""
    return _BY_ENDING.get(ending) or _BY_ENDING.get(ending.lower(), "")


@lru_cache(maxsize=100_000)
def kinds_of(path: str) -> frozenset[str]:
    """Return what a path is by its name: `lock`, `dependencies`, `generated`, `vendored`, `migrations`, `ci`, …"""
    names = tuple(_GLOBS)
    return frozenset(names[number] for number in _index().matching(path))


def is_lock_file(path: str) -> bool:
    """Tell whether the file itself has the name of a lock file; what lies in a folder of such a name is none."""
    return _lock_names().matches(path)


def path_set(globs: tuple[str, ...]) -> PathSet:
    """Make a path set of plain globs."""
    return PathSet(rules=tuple(PathRule(glob=Glob(text=each)) for each in globs))


@lru_cache(maxsize=1)
def _index() -> PathIndex:
    return index_paths(tuple(path_set(tuple(globs.split())) for globs in _GLOBS.values()))


@lru_cache(maxsize=1)
def _lock_names() -> PathMatcher:
    return compile_globs(path_set(tuple(_GLOBS["lock"].split())), covers_folder=False)
