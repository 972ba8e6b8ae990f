"""How are the tests of a repository run, and how do their results reach rh?

Each runner is recognised by files that are there. Commands are argument lists; `{reports}` is a folder outside of the
work tree that rh collects. A clean work tree has no installed packages, so runners that install beside the code do that first.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from release_harness.steps.project.model.init import RepositoryFacts, TestProposal
from release_harness.steps.project.rules.node_tests import find_node_tests
from release_harness.steps.project.rules.python_tests import find_pytest, find_python_tests

MANIFEST_NAMES = (
    ".rspec",
    "Cargo.toml",
    "Gemfile",
    "GNUmakefile",
    "Makefile",
    "Package.swift",
    "Pipfile",
    "Rakefile",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "deno.json",
    "go.mod",
    "justfile",
    "makefile",
    "mix.exs",
    "noxfile.py",
    "package.json",
    "phpunit.xml",
    "phpunit.xml.dist",
    "pom.xml",
    "pyproject.toml",
    "pytest.ini",
    "requirements-dev.txt",
    "requirements-test.txt",
    "requirements.txt",
    "requirements/dev.txt",
    "requirements/test.txt",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    ".config/nextest.toml",
)
"""Files that are read, at the root of the repository."""

_JUNIT = "{reports}/junit.xml"
_TEST_TARGET = re.compile(r"^test\s*:(?!=)", re.MULTILINE)
_RECIPE = re.compile(r"^test(\s[^:\n]*)?:(?!=)", re.MULTILINE)

Manifests = Mapping[str, str]
Detector = Callable[[Manifests, frozenset[str]], TestProposal | None]


def find_tests(facts: RepositoryFacts) -> tuple[TestProposal, ...]:
    """Return the ways to run tests, the surest of each language first; the general ones only when there is no other."""
    manifests, paths = dict(facts.manifests), frozenset(facts.paths)
    found = [proposal for detect in _SPECIAL if (proposal := detect(manifests, paths))]
    if not found:
        found = [proposal for detect in _GENERAL if (proposal := detect(manifests, paths))][:1]
    return tuple(found)


def _deno(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if "deno.json" not in manifests or "package.json" in paths:
        return None
    command = ("deno", "test", "--allow-all", f"--junit-path={_JUNIT}")
    return TestProposal(runner="deno test", because="deno.json", commands=(command,), junit=(_JUNIT,))


def _go(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if "go.mod" not in manifests or not any(path.endswith("_test.go") for path in paths):
        return None
    coverage = "Coverage of changed lines stays unknown: `gocover-cobertura` makes a report that rh reads."
    if any("gotestsum" in text for text in manifests.values()):
        command = ("gotestsum", "--junitfile", _JUNIT, "--", "./...")
        return TestProposal(
            runner="gotestsum", because="go.mod and gotestsum", commands=(command,), junit=(_JUNIT,), notes=(coverage,)
        )
    notes = (
        "Results of single tests stay unknown: `gotestsum --junitfile {reports}/junit.xml -- ./...` writes them.",
        coverage,
    )
    return TestProposal(runner="go test", because="go.mod", commands=(("go", "test", "./..."),), notes=notes)


def _cargo(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    del paths
    if "Cargo.toml" not in manifests:
        return None
    if "junit" in manifests.get(".config/nextest.toml", ""):
        profile = "ci" if "[profile.ci" in manifests[".config/nextest.toml"] else "default"
        command = ("cargo", "nextest", "run", "--profile", profile)
        junit = (f"target/nextest/{profile}/*.xml",)
        return TestProposal(runner="cargo nextest", because=".config/nextest.toml", commands=(command,), junit=junit)
    notes = (
        "Results of single tests stay unknown: cargo-nextest writes JUnit XML when .config/nextest.toml asks for it.",
    )
    return TestProposal(runner="cargo test", because="Cargo.toml", commands=(("cargo", "test"),), notes=notes)


def _maven(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if "pom.xml" not in manifests:
        return None
    program = "./mvnw" if "mvnw" in paths else "mvn"
    return TestProposal(
        runner="Maven",
        because="pom.xml",
        commands=((program, "--batch-mode", "test"),),
        junit=("**/target/surefire-reports/*.xml",),
    )


def _gradle(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    named = next((name for name in ("build.gradle", "build.gradle.kts") if name in manifests), "")
    if not named:
        return None
    program = "./gradlew" if "gradlew" in paths else "gradle"
    junit = ("**/build/test-results/*/*.xml",)
    return TestProposal(runner="Gradle", because=named, commands=((program, "test"),), junit=junit)


def _ruby(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    gems = manifests.get("Gemfile", "")
    bundle = ("bundle", "exec") if "Gemfile" in manifests else ()
    if ".rspec" in manifests or any(path.startswith("spec/") and path.endswith("_spec.rb") for path in paths):
        if "rspec_junit_formatter" in gems:
            report = ("--format", "progress", "--format", "RspecJunitFormatter", "--out", _JUNIT)
            return TestProposal(
                runner="rspec", because="specs", commands=((*bundle, "rspec", *report),), junit=(_JUNIT,)
            )
        notes = ("Results of single tests stay unknown: add the gem rspec_junit_formatter.",)
        return TestProposal(runner="rspec", because="specs", commands=((*bundle, "rspec"),), notes=notes)
    if re.search(r"TestTask|task\s+:?[\"']?test\b", manifests.get("Rakefile", "")):
        return TestProposal(runner="rake test", because="Rakefile", commands=((*bundle, "rake", "test"),))
    return None


def _php(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    del paths
    named = next((name for name in ("phpunit.xml", "phpunit.xml.dist") if name in manifests), "")
    if not named:
        return None
    install = (("composer", "install", "--no-interaction"),) if "composer.json" in manifests else ()
    run = ("vendor/bin/phpunit" if install else "phpunit", "--log-junit", _JUNIT)
    notes = (
        "Coverage of changed lines stays unknown: with Xdebug or PCOV add `--coverage-cobertura {reports}/cobertura.xml`.",
    )
    return TestProposal(runner="phpunit", because=named, commands=(*install, run), junit=(_JUNIT,), notes=notes)


def _dotnet(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    del manifests
    named = sorted(path for path in paths if path.endswith((".sln", ".slnx")) and "/" not in path)
    if not named:
        return None
    command = ("dotnet", "test", "--collect:XPlat Code Coverage", "--results-directory", "{reports}")
    coverage = ("{reports}/**/coverage.cobertura.xml",)
    return TestProposal(runner="dotnet test", because=named[0], commands=(command,), coverage=coverage)


def _plain(name: str, runner: str, command: tuple[str, ...], junit: Iterable[str] = ()) -> Detector:
    def detect(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
        del paths
        if name not in manifests:
            return None
        return TestProposal(runner=runner, because=name, commands=(command,), junit=tuple(junit))

    return detect


def _make(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    del paths
    notes = ("Results of single tests stay unknown unless the target writes JUnit XML; name the files under `junit`.",)
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if _TEST_TARGET.search(manifests.get(name, "")):
            because = f"the target `test` in {name}"
            return TestProposal(runner="make test", because=because, commands=(("make", "test"),), notes=notes)
    if _RECIPE.search(manifests.get("justfile", "")):
        because = "the recipe `test` in justfile"
        return TestProposal(runner="just test", because=because, commands=(("just", "test"),), notes=notes)
    return None


_SPECIAL: tuple[Detector, ...] = (
    find_pytest,
    find_node_tests,
    _deno,
    _go,
    _cargo,
    _maven,
    _gradle,
    _ruby,
    _php,
    _dotnet,
    _plain("mix.exs", "mix test", ("mix", "test")),
    _plain("Package.swift", "swift test", ("swift", "test", "--xunit-output", _JUNIT), (_JUNIT,)),
)
_GENERAL: tuple[Detector, ...] = (_make, find_python_tests)
