"""What is learnt from tests of the base, in real repositories; every test here starts git and commands, so all are slow."""

from pathlib import Path

import pytest
from evidence_bench import PASSING, Bench, writes

from release_harness.kernel.facts import Known
from release_harness.steps.evidence.operations.requests import (
    AddInput,
)

pytestmark = pytest.mark.slow


def test_the_base_is_tested_once_to_know_which_tests_there_are(tmp_path: Path) -> None:
    """Without a list of tests only the base can tell that one went missing; `--no-base` leaves it open."""
    count = tmp_path / "count"
    on_topic = writes(PASSING.replace('name="b"', 'name="c"'))
    shrinks = f"echo run >> {count}\nif [ $(wc -l < app.py) = 2 ]; then\n{on_topic}\nfi\n{writes(PASSING)}"
    bench = Bench.create(tmp_path, shrinks)
    assert "tests.not_run_count" in bench.run(no_base=True).records[0].unknown
    record = bench.run().records[0]
    assert record.tests is not None
    assert record.tests.not_run == ("t::b",)
    bench.run()
    assert count.read_text().count("run") == 4


def test_what_the_same_content_skips_is_not_newly_skipped(tmp_path: Path) -> None:
    """A branch without a change of its own has its base for content; it cannot have switched a test off."""
    skipping = PASSING.replace('name="b"/>', 'name="b"><skipped/></testcase>')
    bench = Bench.create(tmp_path, writes(skipping))
    bench.repository.commit({"app.py": "x = 1\n"}, "Take it back")
    for _again in range(2):
        record = bench.run().records[0]
        assert record.facts["tests.skipped_count"] == 1
        assert record.facts["tests.newly_skipped_count"] == 0
    report = bench.report("skipping.xml", skipping)
    bench.call("evidence add", AddInput(files=(report,), exit_code=0))
    assert bench.fact("tests.newly_skipped_count") == Known(value=0, source="computed here")


def test_a_recorded_base_that_could_not_be_loaded_is_tested_again(tmp_path: Path) -> None:
    """A run that broke before its tests says nothing of them, so it must not stand for the base."""
    broken = '<testsuite name="pytest"><testcase classname="" name="t"><error message="collection failure"/></testcase></testsuite>'
    skipping = PASSING.replace('name="b"/>', 'name="b"><skipped/></testcase>')
    flag = tmp_path / "broken"
    script = f"if [ -e {flag} ]; then\n{writes(broken, 'exit 2')}\nfi\n{writes(skipping)}"
    bench = Bench.create(tmp_path, script)
    flag.touch()
    bench.run(revision="main")
    flag.unlink()
    record = bench.run().records[0]
    assert record.facts["tests.newly_skipped_count"] == 0
    assert record.facts["tests.not_run_count"] == 0
