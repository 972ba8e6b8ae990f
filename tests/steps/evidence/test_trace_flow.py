"""The trace of a run, as it is recorded, read back, and used to choose tests."""

import json
import sys
from pathlib import Path

import pytest
from evidence_bench import Bench

from release_harness.kernel.errors import Conflict
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.flow.tracing import views_for, walks_for
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.operations.requests import AddInput
from release_harness.steps.evidence.rules.statement import TRACE, WALKS
from release_harness.steps.evidence.rules.walks import level_of

pytestmark = pytest.mark.slow

SHOP = {
    "app.py": "import click\n\n\n@click.command()\ndef price():\n    click.echo(total())\n\n\ndef total():\n    return 1\n",
    "other.py": "def other():\n    return 2\n",
    "tests/test_app.py": "from unittest import mock\nimport app\nfrom click.testing import CliRunner\n\n\n"
    "def test_price():\n    assert CliRunner().invoke(app.price, prog_name='price').exit_code == 0\n",
    "tests/test_other.py": "import other\n\n\ndef test_other():\n    assert other.other() == 2\n",
    ".gitignore": "__pycache__\n",
}
PRICE = EntryPoint(kind="cli", name="price", framework="click", handler="app.py:price", path="app.py", line=4)


def bench_of(tmp_path: Path) -> Bench:
    """Return a repository whose change alters one function of two."""
    bench = Bench.create(tmp_path, "", SHOP, commands=[[sys.executable, "-m", "pytest", "-q", "-p", "no:randomly"]])
    bench.repository.commit({"app.py": SHOP["app.py"].replace("return 1", "return 3")}, "Raise the price")
    return bench


def test_a_run_tells_how_entries_were_walked(tmp_path: Path) -> None:
    """From a bare `pytest` to the level of an affected entry, over the signed record."""
    bench = bench_of(tmp_path)
    output = bench.run()
    trace = next(each for each in output.records if each.predicate == TRACE)
    assert trace.facts == {"trace.tests_count": 2}
    needs = bench.app()
    change = gather(needs, ChangeSpec())
    view = views_for(needs, change, output.records, [PRICE])
    assert view is not None
    walked = level_of(PRICE, ["app.py:total"], view)
    assert (walked.level, walked.tests) == (3, ("tests/test_app.py::test_price",))


def test_only_tests_that_bear_on_the_change_run_when_asked(tmp_path: Path) -> None:
    """What was left out is counted as not run, so that a choice never reads as the whole."""
    bench = bench_of(tmp_path)
    bench.run()
    output = bench.run(select="affected")
    tests = output.records[0]
    assert (tests.facts["tests.run_count"], tests.facts["tests.not_run_count"]) == (1, 1)
    assert tests.tests is not None
    assert tests.tests.not_run == ("tests.test_other::test_other",)


def test_shards_add_up_to_the_whole(tmp_path: Path) -> None:
    """Each shard alone has tests that did not run; together they have none."""
    bench = bench_of(tmp_path)
    facts = []
    for number in (1, 2):
        output = bench.run(shards=2, shard=number, no_base=True)
        facts.append((output.records[0].facts["tests.run_count"], output.records[0].facts["tests.not_run_count"]))
    assert facts == [(1, 1), (2, 0)]


def test_walks_of_a_ci_count_for_this_commit_only(tmp_path: Path) -> None:
    """Spans of a service that runs something else are evidence of something else."""
    bench = bench_of(tmp_path)
    head = bench.repository.git("rev-parse", "HEAD")
    spans = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.version", "value": {"stringValue": version}}]},
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "kind": 2,
                                "attributes": [
                                    {"key": "http.request.method", "value": {"stringValue": "GET"}},
                                    {"key": "http.route", "value": {"stringValue": "/items/{id}"}},
                                ],
                            }
                        ]
                    }
                ],
            }
            for version in (head, "b" * 40)
        ]
    }
    report = tmp_path / "spans.json"
    report.write_text(json.dumps(spans))
    added = bench.call("evidence add", AddInput(files=(str(report),)))
    records = added.records  # type: ignore[attr-defined]
    assert [each.predicate for each in records] == [WALKS]
    needs = bench.app()
    entry = EntryPoint(kind="http", name="GET /items/<id>", framework="flask", handler="x", path="x", line=1)
    routed = walks_for(needs, gather(needs, ChangeSpec()), records, [entry])
    assert (list(routed.by_entry), routed.other_commit_count) == (["http GET /items/<id>"], 1)


def test_a_map_of_other_content_is_refused(tmp_path: Path) -> None:
    """A trace of yesterday's files says nothing about today's."""
    bench = bench_of(tmp_path)
    document = {
        "schema": "rh.trace/1",
        "files": [["app.py", "1" * 40]],
        "functions": [[0, "total"]],
        "entries": [],
        "replaced": [],
        "sets": ["AA=="],
        "between": {"ran": 0, "hits": []},
        "tests": {},
    }
    report = tmp_path / "map.json"
    report.write_text(json.dumps(document))
    with pytest.raises(Conflict) as caught:
        bench.call("evidence add", AddInput(files=(str(report),)))
    assert caught.value.code == "TRACE_OTHER_CONTENT"


def test_tests_that_bear_on_the_change_are_told_with_what_became_of_them(tmp_path: Path) -> None:
    """A skipped test that ran the changed function on the base is missed by name."""
    bench = bench_of(tmp_path)
    skipped = SHOP["tests/test_app.py"].replace(
        "def test_price", "@mock.patch('app.x', create=True)\ndef test_y(x):\n    pass\n\n\ndef test_price"
    )
    bench.repository.commit({"tests/test_app.py": skipped})
    bench.run()
    findings = bench.findings()
    assert findings.relevance is not None
    states = {each.id: each.state for each in findings.relevance.tests}
    assert states.get("tests.test_app::test_price") == "run", findings.relevance.why_unknown
    assert findings.facts["tests.relevant_not_run_count"].value == 0  # type: ignore[union-attr]


def test_a_skipped_test_that_only_references_lead_from_is_asked_for_by_name_and_reason(tmp_path: Path) -> None:
    """It never ran, so no trace has it; what it calls is changed."""
    bench = bench_of(tmp_path)
    fresh = "\n\n@pytest.mark.skip(reason='later')\ndef test_fresh():\n    assert app.total() == 3\n"
    head = f"import pytest\n{SHOP['tests/test_app.py']}{fresh}"
    bench.repository.commit({"tests/test_app.py": head})
    bench.run()
    findings = bench.findings()
    assert findings.relevance is not None
    told = {each.id: (each.state, each.reasons) for each in findings.relevance.tests}
    assert told["tests.test_app::test_fresh"] == ("skipped", ("refers to app.py:total",))
    assert "tests.test_app::test_fresh (refers to app.py:total)" in findings.advice["tests.relevant_not_run_count"]
