"""What the diff alone says about secrets and flags, without any record."""

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.changes.model import Change, FileKind
from release_harness.steps.evidence.model import Finding
from release_harness.steps.evidence.rules.surfaces import secrets_fact
from release_harness.testing.evidence import change_of, file_change


def with_hidden(path: str, lines: dict[str, list[tuple[int, str]]], **values: object) -> Change:
    """Return a change with one file that attributes hide, beside the lines that were read."""
    return change_of(lines, files=(file_change(path, hidden_from_diff=True, **values),))


def test_secrets_are_known_where_the_hidden_text_was_read() -> None:
    """rh reads what attributes keep from people; a lock file that it read is no reason to know nothing."""
    fact = secrets_fact(with_hidden("poetry.lock", {"poetry.lock": [(1, "a")]}), ())
    assert isinstance(fact, Known)
    assert fact.value == 0


def test_secrets_are_unknown_where_hidden_text_was_not_read() -> None:
    """Nobody looked at it, so nobody can say that there is none, whatever its name is."""
    for path in ("poetry.lock", "evil.py"):
        fact = secrets_fact(with_hidden(path, {}), ())
        assert isinstance(fact, Unknown)
        assert path in fact.why


def test_a_hidden_file_that_is_gone_holds_no_new_secret() -> None:
    """A deleted file adds no text that could be read."""
    fact = secrets_fact(with_hidden("poetry.lock", {}, new_kind=FileKind.ABSENT), ())
    assert isinstance(fact, Known)


def test_a_secret_that_was_found_counts_although_not_everything_was_read() -> None:
    """What is there is there; what was not read can only add to it."""
    finding = Finding(rule="secret:x", path="a", line=1, says="x", level="error", fingerprint="sha256:" + "0" * 64)
    fact = secrets_fact(with_hidden("evil.py", {}), (finding,))
    assert isinstance(fact, Known)
    assert fact.value == 1
