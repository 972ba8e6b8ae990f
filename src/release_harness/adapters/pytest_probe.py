"""Runs inside the project's own pytest: lists what was collected and, when nobody else does, records coverage.

This file is copied beside a checkout and loaded with `-p rh_pytest_probe`; it imports nothing of rh, because the
project's interpreter does not have it, and it never lets a fault of its own reach the tests.
"""

import json
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(os.environ.get("RH_PROBE_FOLDER", os.devnull))
_OPTIONS = "PYTEST_ADDOPTS"

# A pytest that a test starts is not the one that is watched.
os.environ.pop(_OPTIONS, None)
if os.environ.get("RH_PYTEST_ADDOPTS"):
    os.environ[_OPTIONS] = os.environ["RH_PYTEST_ADDOPTS"]

_running: list[Any] = []
_known: list[str] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start tracer and coverage before the project is imported; coverage only when pytest-cov was not asked to."""
    if os.environ.get("RH_PROBE_TRACE") == "1":
        _start_tracer(early_config)
    known = early_config.known_args_namespace
    if getattr(known, "cov_source", None) or os.environ.get("RH_PROBE_COVERAGE") != "1":
        return
    try:
        import coverage
    except ImportError:
        return
    measured = coverage.Coverage(data_file=str(_FOLDER / "coverage-data"), data_suffix=True, messages=False)
    measured.start()
    _running.append(measured)


def _start_tracer(early_config: pytest.Config) -> None:
    try:
        early_config.pluginmanager.import_plugin("rh_tracer.plugin")
    except Exception as error:  # noqa: BLE001 - an interpreter that cannot run the tracer still runs the tests
        _write("trace-fault.json", {"fault": f"{type(error).__name__}: {error}"[:500]})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not chosen or is of another shard; what is left out is still listed as a test that there is."""
    chosen = _read_choice()
    if chosen is None:
        return
    _known.extend(item.nodeid for item in items)
    kept = [item for item in items if chosen["everything"] or _is_chosen(item.nodeid, set(chosen["ids"]))]
    mine = set(_shard([item.nodeid for item in kept], chosen))
    left_out = [item for item in items if item.nodeid not in mine]
    items[:] = [item for item in kept if item.nodeid in mine]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def _read_choice() -> dict[str, Any] | None:
    name = os.environ.get("RH_PROBE_CHOICE")
    if not name:
        return None
    choice: dict[str, Any] = json.loads(Path(name).read_text(encoding="utf-8"))
    return choice


def _is_chosen(nodeid: str, ids: set[str]) -> bool:
    file = nodeid.partition("::")[0]
    return nodeid in ids or file in ids or nodeid.partition("[")[0] in ids


def _shard(ids: list[str], choice: dict[str, Any]) -> list[str]:
    """Return the tests of one shard, the long ones spread first: the same on every machine, so that shards need not talk."""
    count, number, took = choice["shards"], choice["shard"], choice["took"]
    if count < 2:  # noqa: PLR2004 - one shard is no shard
        return ids
    known = [took[each] for each in ids if each in took]
    usual = sum(known) / len(known) if known else 1.0
    loads = [0.0] * count
    mine: list[str] = []
    for each in sorted(ids, key=lambda one: (-took.get(one, usual), one)):
        at = loads.index(min(loads))
        loads[at] += took.get(each, usual)
        if at == number - 1:
            mine.append(each)
    return mine


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the ids of all tests that there are, those that were left out among them."""
    ids = _known or [item.nodeid for item in session.items]
    # Workers of pytest-xdist all collect the same; the controller collects nothing.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if ids or worker != "main":
        _write(f"collected-{worker}.json", {"ids": ids})


def pytest_configure(config: pytest.Config) -> None:
    """Write what a rerun would need to be the same."""
    del config
    installed = sorted({f"{each.metadata['Name']}=={each.version}" for each in metadata.distributions()})
    versions = {"python": sys.version.partition("\n")[0], "pytest": pytest.__version__}
    _write("environment.json", {**versions, "distributions": "\n".join(installed)})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Save the coverage."""
    del config
    while _running:
        measured = _running.pop()
        measured.stop()
        measured.save()


def _write(name: str, content: dict[str, Any]) -> None:
    """Write one file of the probe; a full disk is not the tests' fault."""
    try:
        (_FOLDER / name).write_text(json.dumps(content), encoding="utf-8")
    except OSError:
        return
