"""The part of the tracer that sits inside pytest: which test runs, and which fixtures it uses."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

import pytest

from . import session
from .collected import Collected
from .core import trace
from .paths import find_root
from .watching import is_replaced, quietly, replace_attribute

if TYPE_CHECKING:
    from collections.abc import Generator

_WHY_CHARS = 200
_STUB_FIXTURES = frozenset({"responses", "respx_mock", "vcr", "requests_mock", "httpx_mock", "aioresponses"})

_HAS_NEW_WRAPPERS = "wrapper" in inspect.signature(pytest.hookimpl).parameters

_shared_scopes: set[str] = set()
_shared: dict[Any, Collected] = {}
"""What the last set-up of each fixture did that several tests may share; other fixtures are a part of their only test."""

session.begin(find_root(os.getcwd()))


def pytest_configure(config: pytest.Config) -> None:
    """Watch the fixtures once pytest is whole."""
    del config
    try:
        from _pytest.fixtures import FixtureDef

        replace_attribute(FixtureDef, "execute", _note_use)
        replace_attribute(FixtureDef, "finish", _within_fixture)
        if is_replaced(FixtureDef, "execute"):
            _shared_scopes.update(("class", "module", "package", "session"))
    except Exception as error:  # noqa: BLE001 - another pytest may look different; the tests run all the same
        trace.fault(error)


def _note_use(original: Any) -> Any:
    """Every test that asks for a fixture used it, whoever set it up; so does a fixture that asks for another."""

    def execute(self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        finally:
            used = _shared.get(self)
            if used is not None:
                _count_use(used)

    return execute


def _count_use(used: Collected) -> None:
    if trace.current[-1] is used:
        trace.pop(used)
    if trace.current[-1] is not used:
        trace.current[-1].reach(used)


def _within_fixture(original: Any) -> Any:
    """The teardown of a fixture that several tests share is of them all, not of the last."""

    def finish(self: Any, request: Any) -> Any:
        used = _shared.get(self)
        if used is None:
            return original(self, request)
        trace.push(used)
        try:
            return original(self, request)
        finally:
            trace.pop(used)

    return finish


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> None:
    """Count what a shared fixture does to the fixture until it is executed, and from there to every test that uses it."""
    del request
    if fixturedef.scope in _shared_scopes:
        collected = _shared[fixturedef] = Collected()
        trace.push(collected)


def _begin_test(item: Any) -> Collected:
    session.imports.catch_up()
    collected = trace.test(item.nodeid)
    trace.test_id = item.nodeid
    for name in _STUB_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        collected.detail().stubs[name] = None
    trace.push(collected)
    return collected


def _end_test(collected: Collected) -> None:
    trace.pop(collected)
    trace.test_id = ""
    quietly(collected.settle)


def _around_test(item: Any) -> Generator[None, Any, Any]:
    """Count what starts from now on to this test."""
    collected = _begin_test(item)
    try:
        return (yield)
    finally:
        _end_test(collected)


def _after_report(item: Any) -> Generator[None, Any, Any]:
    """Keep what became of the test: only one that passed has shown anything."""
    answer = yield
    report = answer if _HAS_NEW_WRAPPERS else quietly(answer.get_result)
    if report is not None and (report.when == "call" or report.outcome != "passed"):
        quietly(_keep_outcome, trace.test(item.nodeid), report)
    return report


# Wrappers of the new kind run without an adapter in between, which costs more than all that is done in them.
_style: dict[str, Any] = {"wrapper" if _HAS_NEW_WRAPPERS else "hookwrapper": True}
pytest_runtest_protocol = pytest.hookimpl(tryfirst=True, **_style)(_around_test)
pytest_runtest_makereport = pytest.hookimpl(**_style)(_after_report)


def _keep_outcome(collected: Collected, report: Any) -> None:
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
