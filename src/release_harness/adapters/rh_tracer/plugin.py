"""The part of the tracer that sits inside pytest: which test runs, and which fixtures it uses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from . import session
from .collected import Collected
from .core import trace
from .watching import replace_attribute

if TYPE_CHECKING:
    from collections.abc import Generator

_WHY_CHARS = 200
_STUB_FIXTURES = frozenset({"responses", "respx_mock", "vcr", "requests_mock", "httpx_mock", "aioresponses"})

_by_fixture: dict[tuple[int, int], Collected] = {}
"""What each set-up of each fixture did, by fixture and number of the set-up."""
_setups: dict[int, int] = {}
_kept: list[Any] = []

session.begin(os.environ.get("RH_TRACE_ROOT") or os.getcwd())


def pytest_configure(config: pytest.Config) -> None:
    """Watch the fixtures once pytest is whole."""
    del config
    try:
        from _pytest.fixtures import FixtureDef

        replace_attribute(FixtureDef, "execute", _note_use)
        replace_attribute(FixtureDef, "finish", _within_fixture)
    except Exception as error:  # noqa: BLE001 - another pytest may look different; the tests run all the same
        trace.fault(error)


def _note_use(original: Any) -> Any:
    """Every test that asks for a fixture used it, whoever set it up; so does a fixture that asks for another."""

    def execute(self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        finally:
            used = _by_fixture.get((id(self), _setups.get(id(self), 0)))
            if used is not None and trace.current[-1] is not used:
                trace.current[-1].reached[used] = None

    return execute


def _within_fixture(original: Any) -> Any:
    """The teardown of a fixture that several tests share is of them all, not of the last."""

    def finish(self: Any, request: Any) -> Any:
        used = _by_fixture.get((id(self), _setups.get(id(self), 0)))
        if used is None or self.scope == "function":
            return original(self, request)
        trace.push(used)
        try:
            return original(self, request)
        finally:
            trace.pop(used)

    return finish


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Generator[None, Any, None]:
    """Count what a fixture does to the fixture, and from there to every test that uses it."""
    del request
    number = _setups[id(fixturedef)] = _setups.get(id(fixturedef), 0) + 1
    if number == 1:
        _kept.append(fixturedef)
    collected = _by_fixture[id(fixturedef), number] = Collected()
    trace.push(collected)
    try:
        yield
    finally:
        trace.pop(collected)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: Any, nextitem: Any) -> Generator[None, Any, None]:
    """Count what starts from now on to this test."""
    del nextitem
    session.imports.catch_up()
    collected = trace.test(item.nodeid)
    trace.test_id = item.nodeid
    for name in _STUB_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        collected.stubs[name] = None
    trace.push(collected)
    try:
        yield
    finally:
        trace.pop(collected)
        trace.test_id = ""
        try:
            collected.settle()
        except Exception as error:  # noqa: BLE001 - see above
            trace.fault(error)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    """Keep what became of the test: only one that passed has shown anything."""
    del call
    answer = yield
    try:
        report = answer.get_result()
        _keep_outcome(trace.test(item.nodeid), report)
    except Exception as error:  # noqa: BLE001 - see above
        trace.fault(error)


def _keep_outcome(collected: Collected, report: Any) -> None:
    if report.when == "call" or report.outcome != "passed":
        worse = report.outcome if collected.outcome != "failed" else "failed"
        collected.outcome = "xfailed" if hasattr(report, "wasxfail") and worse == "skipped" else worse
        if report.outcome == "skipped":
            told = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", "")
            collected.why = str(told)[:_WHY_CHARS]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Write the map."""
    del config
    session.end()
