"""How a test command is started so that it tests this tree, and leaves reports behind."""

from collections.abc import Iterable, Mapping, Sequence

from release_harness.steps.project.model import TestSettings

PROBE = "rh_pytest_probe"
JUNIT_NAME = "rh-junit-{number}.xml"
DEFAULT_JUNIT = ("{reports}/*.xml",)
PROBE_COVERAGE = "{probe}/coverage-data*"
DEFAULT_COVERAGE = (
    PROBE_COVERAGE,
    "{reports}/coverage*",
    "{reports}/*.info",
    ".coverage",
    ".coverage.*",
    "coverage.xml",
    "coverage.json",
    "lcov.info",
    "coverage/lcov.info",
    "coverage/cobertura-coverage.xml",
)
"""Where coverage tools leave their report when nobody tells them where."""

TRACES = ("{probe}/traces/rh-trace-*.json",)
"""Where the tracer leaves one map for each process."""
TRACE_FAULT = "{probe}/trace-fault.json"

_PYTEST_NAMES = frozenset({"pytest", "py.test"})
_LOOKED_AT = 6
_NO_MODULE_PATH = frozenset({"-I", "-E"})


def with_reports(argv: Sequence[str], reports: str) -> tuple[str, ...]:
    """Put the reports folder in the place of `{reports}`."""
    return tuple(part.replace("{reports}", reports) for part in argv)


def runs_pytest(argv: Sequence[str]) -> bool:
    """Tell whether a command starts pytest itself, also through `python -m`, `coverage run -m`, `uv run` and the like."""
    return any(part.rpartition("/")[2] in _PYTEST_NAMES for part in argv[:_LOOKED_AT])


def writes_junit(argv: Iterable[str]) -> bool:
    """Tell whether a command names a JUnit file itself."""
    return any(part.startswith(("--junitxml", "--junit-xml")) for part in argv)


def measures_coverage(argv: Sequence[str]) -> bool:
    """Tell whether a command measures coverage itself."""
    return any(part.startswith("--cov") or part.rpartition("/")[2] == "coverage" for part in argv)


def command_environment(
    inherited: Mapping[str, str],
    settings: TestSettings,
    argv: Sequence[str],
    *,
    number: int,
    import_folders: Sequence[str],
    reports: str,
    probe: str,
    folder: str,
    trace: bool = False,
    choice: str = "",
) -> dict[str, str]:
    """Return the whole environment of one command; `trace` has the tests of pytest followed into entry points,
    `choice` is a file that says which of them to run.

    The tree comes first on Python's module path: otherwise an editable installation would have the tests run the
    working copy that the user has open, and the evidence would speak about other content.
    """
    environment = {name: value for name, value in inherited.items() if not name.startswith("GIT_")}
    environment |= dict(settings.env)
    before = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = ":".join((*import_folders, *((before,) if before else ())))
    environment["PWD"] = folder
    options = environment.get("PYTEST_ADDOPTS", "")
    added = [] if writes_junit(argv) else [f"--junitxml={_quoted(f'{reports}/{JUNIT_NAME.format(number=number)}')}"]
    if runs_pytest(argv) and not _NO_MODULE_PATH & set(argv):
        environment["PYTHONPATH"] += f":{probe}"
        environment["RH_PROBE_FOLDER"] = probe
        environment["RH_PROBE_COVERAGE"] = "0" if measures_coverage(argv) else "1"
        environment["RH_PYTEST_ADDOPTS"] = options
        if choice:
            environment["RH_PROBE_CHOICE"] = choice
        if trace:
            environment |= {"RH_PROBE_TRACE": "1", "RH_TRACE_FOLDER": f"{probe}/traces", "RH_TRACE_ROOT": folder}
        added.append(f"-p {PROBE}")
    if added:
        environment["PYTEST_ADDOPTS"] = " ".join((*((options,) if options else ()), *added))
    return environment


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'" if " " in text or "'" in text else text


def junit_patterns(settings: TestSettings) -> tuple[str, ...]:
    """Return where JUnit files are collected: what the project says, and where rh itself let them be written."""
    return tuple(dict.fromkeys((*(settings.junit or DEFAULT_JUNIT), "{reports}/rh-junit-*.xml")))


def coverage_patterns(settings: TestSettings) -> tuple[str, ...]:
    """Return where coverage is collected: what the project says, else the usual places."""
    return (*settings.coverage, PROBE_COVERAGE) if settings.coverage else DEFAULT_COVERAGE
