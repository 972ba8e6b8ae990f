"""Each runner is recognised by files that are there, and wired so that rh learns which tests ran."""

import pytest

from release_harness.steps.project.model import HistoryFacts
from release_harness.steps.project.model.init import RepositoryFacts, TestProposal
from release_harness.steps.project.rules.test_commands import find_tests

JUNIT = "{reports}/junit.xml"


def _find(manifests: dict[str, str], *paths: str) -> tuple[TestProposal, ...]:
    history = HistoryFacts(default_branch="main", committers=(), commits_count=0)
    everything = (*manifests, *paths)
    return find_tests(RepositoryFacts(paths=everything, manifests=tuple(manifests.items()), history=history))


@pytest.mark.parametrize(
    ("manifests", "paths", "commands"),
    [
        pytest.param(
            {"pyproject.toml": "[tool.pytest.ini_options]\n[project]\ndependencies=['pytest-cov']"},
            (),
            (("python", "-m", "pytest", f"--junitxml={JUNIT}", "--cov", "--cov-report=xml:{reports}/coverage.xml"),),
            id="pytest with pytest-cov",
        ),
        pytest.param(
            {"setup.cfg": "[tool:pytest]", "requirements-dev.txt": "coverage==7"},
            (),
            (
                ("python", "-m", "coverage", "run", "-m", "pytest", f"--junitxml={JUNIT}"),
                ("python", "-m", "coverage", "xml", "-o", "{reports}/coverage.xml"),
            ),
            id="pytest with coverage",
        ),
        pytest.param(
            {}, ("src/tests/conftest.py",), (("python", "-m", "pytest", f"--junitxml={JUNIT}"),), id="conftest"
        ),
        pytest.param(
            {}, ("tests/test_a.py",), (("python", "-m", "unittest", "discover", "-s", "tests"),), id="unittest"
        ),
        pytest.param({"tox.ini": "[tox]"}, (), (("tox",),), id="tox"),
        pytest.param(
            {}, ("manage.py", "app/tests.py", "app/test_views.py"), (("python", "manage.py", "test"),), id="Django"
        ),
        pytest.param(
            {"package.json": '{"scripts": {"test": "vitest"}, "devDependencies": {"@vitest/coverage-v8": "1"}}'},
            ("package-lock.json",),
            (
                ("npm", "ci"),
                (
                    "npm",
                    "test",
                    "--",
                    "--run",
                    "--reporter=default",
                    "--reporter=junit",
                    f"--outputFile.junit={JUNIT}",
                    "--coverage.enabled",
                    "--coverage.reporter=lcov",
                    "--coverage.reportsDirectory={reports}",
                ),
            ),
            id="vitest",
        ),
        pytest.param(
            {"package.json": '{"scripts": {"test": "npm run lint && jest"}}'},
            ("yarn.lock",),
            (("yarn", "install", "--frozen-lockfile"), ("yarn", "test")),
            id="a script of several commands gets no arguments",
        ),
        pytest.param(
            {"package.json": '{"scripts": {"test": "mocha"}}'},
            ("pnpm-lock.yaml",),
            (
                ("pnpm", "install", "--frozen-lockfile"),
                ("pnpm", "test", "--", "--reporter", "xunit", "--reporter-option", f"output={JUNIT}"),
            ),
            id="mocha under pnpm",
        ),
        pytest.param({"go.mod": "module x"}, ("a_test.go",), (("go", "test", "./..."),), id="go"),
        pytest.param(
            {"go.mod": "module x", "Makefile": "test:\n\tgotestsum\n"},
            ("a_test.go",),
            (("gotestsum", "--junitfile", JUNIT, "--", "./..."),),
            id="gotestsum",
        ),
        pytest.param({"Cargo.toml": ""}, (), (("cargo", "test"),), id="cargo"),
        pytest.param({"Makefile": "all:\n\ntest: all\n\t./run\n"}, (), (("make", "test"),), id="make"),
        pytest.param({"pom.xml": ""}, ("mvnw",), (("./mvnw", "--batch-mode", "test"),), id="maven wrapper"),
        pytest.param({"build.gradle.kts": ""}, (), (("gradle", "test"),), id="gradle"),
        pytest.param(
            {"Gemfile": "gem 'rake'", "Rakefile": "Rake::TestTask.new"},
            (),
            (("bundle", "exec", "rake", "test"),),
            id="rake",
        ),
        pytest.param(
            {"phpunit.xml.dist": "", "composer.json": "{}"},
            (),
            (("composer", "install", "--no-interaction"), ("vendor/bin/phpunit", "--log-junit", JUNIT)),
            id="phpunit",
        ),
        pytest.param(
            {"pytest.ini": ""},
            ("uv.lock",),
            (("uv", "run", "python", "-m", "pytest", f"--junitxml={JUNIT}"),),
            id="a lock file says what Python has the packages",
        ),
        pytest.param(
            {"Gemfile": "rspec_junit_formatter"},
            ("spec/a_spec.rb",),
            (
                (
                    *("bundle", "exec", "rspec", "--format", "progress"),
                    *("--format", "RspecJunitFormatter", "--out", JUNIT),
                ),
            ),
            id="rspec",
        ),
        pytest.param(
            {"Gemfile": "", "Rakefile": "task :test"},
            ("part/spec/a_spec.rb",),
            (("bundle", "exec", "rake", "test"),),
            id="specs of a part are not those of the whole",
        ),
        pytest.param({"mix.exs": ""}, (), (("mix", "test"),), id="mix"),
    ],
)
def test_a_runner_is_found(
    manifests: dict[str, str], paths: tuple[str, ...], commands: tuple[tuple[str, ...], ...]
) -> None:
    """The command that is proposed is the one that people of that language would type, plus its reports."""
    found = _find(manifests, *paths)
    assert [each.commands for each in found] == [commands]


@pytest.mark.parametrize(
    ("manifests", "paths"),
    [
        ({}, ("README.md",)),
        ({"Makefile": "test := 3\nbuild:\n"}, ()),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, ()),
        ({"package.json": "{not json"}, ()),
        ({"package.json": '{"scripts": ["test"]}'}, ()),
        ({"go.mod": ""}, ("main.go",)),
    ],
)
def test_no_runner_is_made_up(manifests: dict[str, str], paths: tuple[str, ...]) -> None:
    """A test command that tests nothing would be evidence of nothing."""
    assert _find(manifests, *paths) == ()


def test_several_languages_are_tested_one_after_the_other() -> None:
    """A repository of two languages is tested in both; `make test` is not added, since it starts the same again."""
    found = _find({"pytest.ini": "", "go.mod": "", "Makefile": "test:\n"}, "a_test.go")
    assert [each.runner for each in found] == ["pytest", "go test"]


def test_a_runner_without_reports_says_so() -> None:
    """People should know at once that single tests will stay unknown, and what would change it."""
    (found,) = _find({"Cargo.toml": ""})
    assert "cargo-nextest" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("pyproject.toml", "[project]\n[tool.pytest]\nx = 1\n", "[tool.pytest] in pyproject.toml"),
        ("pyproject.toml", "[tool.pytest.ini_options]\n", "[tool.pytest.ini_options] in pyproject.toml"),
        ("setup.cfg", "[tool:pytest]\n", "[tool:pytest] in setup.cfg"),
        ("pyproject.toml", "[tool.pytest-other]\n# [tool.pytest]\n", "pytest in pyproject.toml"),
    ],
)
def test_the_sign_of_pytest_is_named_as_it_stands_in_the_file(name: str, text: str, says: str) -> None:
    """A person looks for these words in the file, so they must be there, with both brackets."""
    history = HistoryFacts(default_branch="main", committers=(), commits_count=0)
    found = find_tests(RepositoryFacts(paths=(name,), manifests=((name, text),), history=history))
    assert found[0].because == says
