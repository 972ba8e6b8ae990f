"""How are the tests of a Python project run?"""

import re
from collections.abc import Mapping

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.project.model.init import TestProposal

_PYTEST_TABLES = (
    ("pyproject.toml", LazyPattern(r"^[ \t]*\[tool\.pytest(?:\.\w+)?\]", re.MULTILINE)),
    ("setup.cfg", LazyPattern(r"^\[tool:pytest\]", re.MULTILINE)),
    ("tox.ini", LazyPattern(r"^\[pytest\]", re.MULTILINE)),
)
JUNIT = "{reports}/junit.xml"


def find_pytest(manifests: Mapping[str, str], paths: frozenset[str]) -> TestProposal | None:
    """Return how pytest is run, with coverage where the project names a tool for it."""
    sign = _pytest_sign(manifests, paths)
    if not sign:
        return None
    stated = " ".join(
        text for name, text in manifests.items() if name.endswith((".toml", ".cfg", ".txt", ".ini", "Pipfile"))
    )
    python = (*_python_manager(paths), "python", "-m")
    run = (*python, "pytest", f"--junitxml={JUNIT}")
    if "pytest-cov" in stated or "pytest_cov" in stated:
        commands: tuple[tuple[str, ...], ...] = ((*run, "--cov", "--cov-report=xml:{reports}/coverage.xml"),)
    elif re.search(r"\bcoverage\b", stated):
        collect = (*python, "coverage", "xml", "-o", "{reports}/coverage.xml")
        commands = ((*python, "coverage", "run", "-m", "pytest", f"--junitxml={JUNIT}"), collect)
    else:
        notes = (
            "Coverage of changed lines stays unknown: install pytest-cov and add `--cov`, `--cov-report=xml:{reports}/coverage.xml`.",
        )
        return TestProposal(runner="pytest", because=sign, commands=(run,), junit=(JUNIT,), notes=notes)
    return TestProposal(
        runner="pytest", because=sign, commands=commands, junit=(JUNIT,), coverage=("{reports}/coverage.xml",)
    )


def _python_manager(paths: frozenset[str]) -> tuple[str, ...]:
    """Return what starts Python with the packages of the lock file; without one, the Python at hand has to have them."""
    locks = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
    return next(((program, "run") for lock, program in locks.items() if lock in paths), ())


def _pytest_sign(manifests: Mapping[str, str], paths: frozenset[str]) -> str:
    if "pytest.ini" in manifests:
        return "pytest.ini"
    for name, table in _PYTEST_TABLES:
        found = table.search(manifests.get(name, ""))
        if found is not None:
            return f"{found[0].strip()} in {name}"
    if any(path.rpartition("/")[2] == "conftest.py" for path in paths):
        return "a conftest.py"
    for name, text in manifests.items():
        if name.endswith((".toml", ".cfg", ".txt", "tox.ini", "Pipfile")) and re.search(r"\bpytest\b", text):
            return f"pytest in {name}"
    return ""


def find_python_tests(manifests: Mapping[str, str], paths: frozenset[str]) -> TestProposal | None:
    """Return how Python tests are run where there is no sign of pytest."""
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
