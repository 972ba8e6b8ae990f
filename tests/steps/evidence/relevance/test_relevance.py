"""Tests that bear on a change: by trace, by address, by reference; and what became of them."""

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.model import TestCase, TestStatus
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.rules import relevance

TESTS = b"""
ITEMS = "/items/"

class TestItems:
    def test_read(self, client):
        client.get(f"/items/{self.id}?full=1", params={"q": "/not/an/address of ours"})
        client.post("https://shop.example/items", json={})

def test_other(client, base):
    client.get(base + "/x")
    client.delete(f"{base}/items/7")

def test_nothing():
    print("and/or", "/", "no / path")
"""


def entry(name: str) -> EntryPoint:
    """Return an entry point."""
    return EntryPoint(kind="http", name=name, framework="flask", handler=f"app.py:{name}", path="app.py", line=1)


def test_addresses_are_read_with_their_method_and_place() -> None:
    """Tests of an application often name nothing of it but its addresses."""
    literals = relevance.url_literals(TESTS)
    assert literals is not None
    found = {(each.test, each.address) for each in literals}
    assert {
        ("", " /items/"),
        ("TestItems.test_read", "GET /items/{}"),
        ("TestItems.test_read", "POST /items"),
        ("test_other", " /x"),
        ("test_other", "DELETE /items/7"),
    } <= found
    assert not [each for each in literals if each.test == "test_nothing"]
    assert relevance.url_literals(b"def (") is None


def test_an_address_counts_to_the_entry_that_answers_it() -> None:
    """A literal in the source is a reference only where the route leads here."""
    literals = relevance.url_literals(TESTS)
    assert literals is not None
    entries = [entry("GET /items/<int:id>"), entry("DELETE /items/<int:id>"), entry("GET /items"), entry("GET /x")]
    naming = relevance.tests_naming({"tests/test_i.py": literals}, entries[:1], entries)
    assert list(naming) == ["tests/test_i.py::TestItems::test_read"]
    whole = relevance.tests_naming({"tests/test_i.py": literals}, [entries[2]], entries)
    assert list(whole) == ["tests/test_i.py::*"]


def judged(reasons: dict[str, list[str]]) -> dict[str, tuple[str, bool, str]]:
    """Return state, newness and reason of each relevant test."""
    cases = [
        TestCase(id="tests.test_a::test_x[1]", status=TestStatus.PASSED),
        TestCase(id="tests.test_a::test_x[2]", status=TestStatus.FAILED),
        TestCase(id="tests.test_a.T::test_y", status=TestStatus.SKIPPED, message="no printer"),
        TestCase(id="tests.test_b::test_z", status=TestStatus.FLAKY),
    ]
    answer = relevance.judge_relevance(
        reasons, cases, known_ids=["tests.test_b::test_later"], base_ids=["tests.test_b::test_z"]
    )
    return {each.id: (each.state, each.new, each.why) for each in answer.tests}


def test_each_relevant_test_is_told_with_what_became_of_it() -> None:
    """Green says nothing of tests that did not run."""
    reasons = {
        "tests/test_a.py::test_x": ["traced"],
        "tests/test_a.py::T::test_y": ["traced"],
        "tests/test_b.py::*": ["x"],
    }
    assert judged(reasons) == {
        "tests.test_a::test_x[1]": ("run", True, ""),
        "tests.test_a::test_x[2]": ("failed", True, ""),
        "tests.test_a.T::test_y": ("skipped", True, "no printer"),
        "tests.test_b::test_z": ("run", False, ""),
        "tests.test_b::test_later": ("not run", True, ""),
    }


def test_a_relevant_test_that_nobody_knows_counts_as_not_run() -> None:
    """A test that was deleted, or renamed, is seen by its absence."""
    assert judged({"tests/test_gone.py::test_old": ["traced"]}) == {"tests.test_gone::test_old": ("not run", True, "")}


def test_the_fact_counts_skipped_tests_too_and_is_unknown_without_a_map() -> None:
    """Whoever skips the one test that matters has not tested."""
    cases = [TestCase(id="a::x", status=TestStatus.SKIPPED), TestCase(id="a::y", status=TestStatus.PASSED)]
    answer = relevance.judge_relevance({"*": ["traced"]}, cases)
    assert relevance.relevant_not_run_fact(answer) == Known(
        value=1, source="computed here from trace, addresses and references"
    )
    for unknown in (relevance.judge_relevance({}, None), relevance.judge_relevance({}, cases, why_unknown="no map")):
        assert isinstance(relevance.relevant_not_run_fact(unknown), Unknown)
