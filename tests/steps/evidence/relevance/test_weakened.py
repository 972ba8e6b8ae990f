"""What a test file lost from base to head."""

from pathlib import Path

import pytest
from evidence_bench import Bench

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.rules.weakened import weakened_tests, without_moved

BASE = b"""
import pytest

def test_sum():
    result = add(1, 2)
    assert result == 3
    assert result > 0

class TestMail:
    def test_send(self, client, outbox):
        client.send()
        self.assertEqual(outbox.count, 1)
        outbox.last.assert_called_once_with("x")

def test_refuse():
    with pytest.raises(ValueError):
        add("a", 1)
"""


def kinds(head: str) -> list[tuple[str, str, int]]:
    """Return kind, test and line of each weakening."""
    found = weakened_tests("tests/test_a.py", BASE, head.encode())
    assert found is not None
    return [(each.kind, each.test, each.line) for each in found]


def edited(old: str, new: str) -> str:
    """Return the base with one edit."""
    assert old in BASE.decode()
    return BASE.decode().replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    assert result > 0\n", "", [("removed assert", "test_sum", 7)]),
        ("    assert result == 3\n", "    assert True\n", [("removed assert", "test_sum", 6)]),
        ("        self.assertEqual(outbox.count, 1)\n", "", [("removed assert", "TestMail::test_send", 12)]),
        ('        outbox.last.assert_called_once_with("x")\n', "", [("removed assert", "TestMail::test_send", 13)]),
        ("    with pytest.raises(ValueError):\n    ", "    if True:\n    ", [("removed assert", "test_refuse", 16)]),
        ("def test_sum", "@pytest.mark.skip(reason='later')\ndef test_sum", [("skipped", "test_sum", 5)]),
        ("def test_sum", "@pytest.mark.xfail\ndef test_sum", [("skipped", "test_sum", 5)]),
        (
            "class TestMail",
            "@pytest.mark.skipif(True, reason='x')\nclass TestMail",
            [("skipped", "TestMail::test_send", 11)],
        ),
        ("    result = add(1, 2)\n", "    pytest.skip('broken')\n    result = 3\n", [("skipped", "test_sum", 4)]),
        (
            "    result = add(1, 2)\n    assert result == 3\n    assert result > 0\n",
            "    '''Later.'''\n    pass\n",
            [("emptied", "test_sum", 4)],
        ),
        (
            "    result = add(1, 2)\n",
            "    try:\n        result = add(1, 2)\n    except Exception:\n        result = 3\n",
            [("loosened", "test_sum", 7)],
        ),
        ("def test_refuse", "def check_refuse", [("deleted", "test_refuse", 15)]),
    ],
)
def test_each_way_of_saying_less_is_named_with_its_line(
    old: str, new: str, expected: list[tuple[str, str, int]]
) -> None:
    """A change that makes its own tests pass by asking less must not look green."""
    assert kinds(edited(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("assert result == 3", "assert result == 4"),
        ("    result = add(1, 2)\n", "    # why\n    result = add(2, 1)\n"),
        ("    assert result > 0\n", "    assert result > 0\n    assert result < 9\n"),
    ],
)
def test_a_test_that_asks_as_much_is_not_named(old: str, new: str) -> None:
    """Expectations change with behaviour; that is what the reviewer sees in the diff."""
    assert kinds(edited(old, new)) == []


def test_a_whole_file_that_is_skipped_names_every_test() -> None:
    """One line at the top can silence a suite."""
    assert [each[0] for each in kinds("pytestmark = pytest.mark.skip\n" + BASE.decode())] == ["skipped"] * 3


def test_a_file_that_cannot_be_read_is_unknown_and_a_new_file_lost_nothing() -> None:
    """Nothing found in what was not read is no finding."""
    assert weakened_tests("t.py", BASE, b"def test_x(:") is None
    assert weakened_tests("t.py", None, BASE) == ()


def test_a_test_that_moved_is_not_gone() -> None:
    """Sorting tests into other files is no weakening."""
    found = weakened_tests("t.py", BASE, None)
    assert found is not None
    assert len(found) == 3
    assert without_moved(found, [("u.py", BASE)]) == ()


@pytest.mark.slow
def test_a_change_that_weakens_its_tests_is_counted(tmp_path: Path) -> None:
    """The fact comes from the two trees alone; nobody has to run anything."""
    bench = Bench.create(tmp_path, "exit 0", {"tests/test_a.py": BASE.decode()})
    assert bench.fact("tests.weakened_count") == Known(value=0, source="computed here from the tests at base and head")
    bench.repository.commit({"tests/test_a.py": edited("    assert result > 0\n", "")})
    findings = bench.findings()
    assert findings.facts["tests.weakened_count"] == Known(
        value=1, source="computed here from the tests at base and head"
    )
    assert [each.says for each in findings.weakened] == ["no longer asserts `result > 0`"]
    bench.repository.commit({"tests/test_a.py": "def test_x(:\n"})
    assert isinstance(bench.fact("tests.weakened_count"), Unknown)


def test_a_skip_around_a_test_whose_own_lines_stay_is_seen() -> None:
    """Only tests whose text differs are read again; a skip on the class around them disarms them just the same."""
    on_class = edited("class TestMail:", "@pytest.mark.skip\nclass TestMail:")
    assert [(kind, test) for kind, test, _ in kinds(on_class)] == [("skipped", "TestMail::test_send")]
