"""How are the tests of a repository run, and how do their results reach rh?

Each runner is recognised by files that are there. Commands are argument lists; `{reports}` is a folder outside of the
work tree that rh collects. A clean work tree has no installed packages, so runners that install beside the code do that first.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping

from release_harness.steps.project.model.init import RepositoryFacts, TestProposal

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


def _pytest(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    sign = _pytest_sign(manifests, paths)
    if not sign:
        return None
    stated = " ".join(
        text for name, text in manifests.items() if name.endswith((".toml", ".cfg", ".txt", ".ini", "Pipfile"))
    )
    run = ("python", "-m", "pytest", f"--junitxml={_JUNIT}")
    if "pytest-cov" in stated or "pytest_cov" in stated:
        commands: tuple[tuple[str, ...], ...] = ((*run, "--cov", "--cov-report=xml:{reports}/coverage.xml"),)
    elif re.search(r"\bcoverage\b", stated):
        collect = ("python", "-m", "coverage", "xml", "-o", "{reports}/coverage.xml")
        commands = (("python", "-m", "coverage", "run", *run[1:]), collect)
    else:
        notes = (
            "Coverage of changed lines stays unknown: install pytest-cov and add `--cov`, `--cov-report=xml:{reports}/coverage.xml`.",
        )
        return TestProposal(runner="pytest", because=sign, commands=(run,), junit=(_JUNIT,), notes=notes)
    return TestProposal(
        runner="pytest", because=sign, commands=commands, junit=(_JUNIT,), coverage=("{reports}/coverage.xml",)
    )


def _pytest_sign(manifests: Manifests, paths: frozenset[str]) -> str:
    if "pytest.ini" in manifests:
        return "pytest.ini"
    for name, mark in (("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]")):
        if mark in manifests.get(name, ""):
            return f"{mark} in {name}"
    if any(path.rpartition("/")[2] == "conftest.py" for path in paths):
        return "a conftest.py"
    for name, text in manifests.items():
        if name.endswith((".toml", ".cfg", ".txt", "tox.ini", "Pipfile")) and re.search(r"\bpytest\b", text):
            return f"pytest in {name}"
    return ""


def _python_without_pytest(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if _pytest_sign(manifests, paths):
        return None
    note = (
        "This runner writes no JUnit XML, so single tests stay unknown; `python -m pytest` runs the same tests and does.",
    )
    if "tox.ini" in manifests:
        return TestProposal(runner="tox", because="tox.ini", commands=(("tox",),), notes=note)
    if "noxfile.py" in manifests:
        return TestProposal(runner="nox", because="noxfile.py", commands=(("nox",),), notes=note)
    tests = [path for path in paths if re.fullmatch(r"(.*/)?test[^/]*\.py", path)]
    if "manage.py" in paths and tests:
        commands: tuple[tuple[str, ...], ...] = (("python", "manage.py", "test"),)
        return TestProposal(runner="Django", because="manage.py", commands=commands, notes=note)
    if not tests:
        return None
    folders = {path.partition("/")[0] for path in tests if "/" in path} & {"tests", "test"}
    start = ("-s", min(folders)) if folders else ()
    command = ("python", "-m", "unittest", "discover", *start)
    return TestProposal(runner="unittest", because=min(tests), commands=(command,), notes=note)


def _node(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    package = _read_json(manifests.get("package.json", ""))
    scripts = package.get("scripts")
    script = scripts.get("test", "") if isinstance(scripts, dict) else ""
    if not isinstance(script, str) or not script or "no test specified" in script:
        return None
    manager, install = _node_manager(paths)
    used = {name for key in ("dependencies", "devDependencies") for name in _names(package.get(key))}
    extra, junit, coverage, notes = _node_reports(script, used)
    # npm and pnpm need `--` before what is meant for the script; yarn and bun hand it on as it is.
    dashes = ("--",) if extra and manager in ("npm", "pnpm") else ()
    return TestProposal(
        runner=f"{manager} test",
        because=f"the script `test` in package.json: {script[:80]}",
        commands=(install, (manager, *(("run",) if manager == "bun" else ()), "test", *dashes, *extra)),
        junit=junit,
        coverage=coverage,
        notes=notes,
    )


def _node_manager(paths: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    if "pnpm-lock.yaml" in paths:
        return "pnpm", ("pnpm", "install", "--frozen-lockfile")
    if "yarn.lock" in paths:
        return "yarn", ("yarn", "install", "--immutable" if ".yarnrc.yml" in paths else "--frozen-lockfile")
    if paths & {"bun.lock", "bun.lockb"}:
        return "bun", ("bun", "install", "--frozen-lockfile")
    return "npm", ("npm", "ci" if "package-lock.json" in paths else "install")


def _node_reports(
    script: str, used: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return further arguments, JUnit globs, coverage globs and notes for the runner that the script starts."""
    words = re.split(r"\s+", script.strip())
    runner = next((word for word in words if word in ("jest", "vitest", "mocha")), "")
    if any(mark in script for mark in ("&&", "||", ";", "|")) or not runner:
        return (), (), (), ("Results of single tests stay unknown: let the runner write JUnit XML into {reports}.",)
    if runner == "vitest":
        extra: tuple[str, ...] = ("--run", "--reporter=default", "--reporter=junit", f"--outputFile.junit={_JUNIT}")
        if used & {"@vitest/coverage-v8", "@vitest/coverage-istanbul"}:
            extra += ("--coverage.enabled", "--coverage.reporter=lcov", "--coverage.reportsDirectory={reports}")
            return extra, (_JUNIT,), ("{reports}/lcov.info",), ()
        return extra, (_JUNIT,), (), ("Coverage of changed lines stays unknown: install @vitest/coverage-v8.",)
    if runner == "jest":
        extra = ("--ci", "--coverage", "--coverageReporters=lcovonly", "--coverageDirectory={reports}")
        if "jest-junit" in used:
            return (
                (*extra, "--reporters=default", "--reporters=jest-junit"),
                ("junit.xml",),
                ("{reports}/lcov.info",),
                (),
            )
        notes = ("Results of single tests stay unknown: install jest-junit and add `--reporters=jest-junit`.",)
        return extra, (), ("{reports}/lcov.info",), notes
    extra = ("--reporter", "xunit", "--reporter-option", f"output={_JUNIT}")
    return (
        extra,
        (_JUNIT,),
        (),
        ("Coverage of changed lines stays unknown: run mocha under c8 or nyc with an lcov report.",),
    )


def _deno(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if "deno.json" not in manifests or "package.json" in paths:
        return None
    command = ("deno", "test", "--allow-all", f"--junit-path={_JUNIT}")
    return TestProposal(runner="deno test", because="deno.json", commands=(command,), junit=(_JUNIT,))


def _go(manifests: Manifests, paths: frozenset[str]) -> TestProposal | None:
    if "go.mod" not in manifests or not any(path.endswith("_test.go") for path in paths):
        return None
    if any("gotestsum" in text for text in manifests.values()):
        command = ("gotestsum", "--junitfile", _JUNIT, "--", "./...")
        return TestProposal(runner="gotestsum", because="go.mod and gotestsum", commands=(command,), junit=(_JUNIT,))
    notes = ("Results of single tests stay unknown: `gotestsum --junitfile {reports}/junit.xml -- ./...` writes them.",)
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
    bundle = ("bundle", "exec") if gems else ()
    if ".rspec" in manifests or any(path.endswith("_spec.rb") for path in paths):
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


def _read_json(text: str) -> dict[str, object]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _names(value: object) -> Iterable[str]:
    return [str(name) for name in value] if isinstance(value, dict) else []


_SPECIAL: tuple[Detector, ...] = (
    _pytest,
    _node,
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
_GENERAL: tuple[Detector, ...] = (_make, _python_without_pytest)
