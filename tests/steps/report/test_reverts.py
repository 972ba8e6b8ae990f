"""What counts as taking an earlier landing back, and the traps that real histories set."""

from datetime import UTC, datetime

import pytest

from release_harness.kernel.digests import CommitId
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.steps.changes.model import CommitFacts
from release_harness.steps.report.rules import Reverted, find_reversals, takes_back

ANA = Actor(kind=ActorKind.UNKNOWN, id="ana")


def commit(letter: str, subject: str, body: str = "", *, parents: int = 1) -> CommitFacts:
    """Make a commit whose id is one letter, repeated."""
    return CommitFacts(
        id=CommitId(letter * 40),
        author=ANA,
        committer=ANA,
        co_authors=(),
        trailers=(),
        subject=subject,
        authored_at=datetime(2026, 1, 1, tzinfo=UTC),
        parents_count=parents,
        body=body,
    )


def reversals(*oldest_first: CommitFacts, inner: dict[str, list[CommitFacts]] | None = None) -> dict[str, Reverted]:
    """Find the reversals; keys are the letters of the culprits."""
    landings = list(reversed(oldest_first))
    inside = [(inner or {}).get(each.id[0], []) for each in landings]
    found = find_reversals(landings, inside, [each.subject for each in landings])
    return {landings[place].id[0]: each for place, each in found.items()}


CULPRIT = commit("a", "Add export (#7)")


@pytest.mark.parametrize(
    ("later", "how"),
    [
        (commit("b", 'Revert "Add export (#7)" (#9)', f"This reverts commit {'a' * 40}."), "commit id"),
        (
            commit("b", "undo the export", f"This reverts commit {'a' * 12}, reversing\nchanges made to {'c' * 40}."),
            "commit id",
        ),
        (commit("b", "Back out", f"Reverts {'a' * 10}"), "commit id"),
        (commit("b", "Revert export (#9)", "Reverts #7"), "number"),
        (commit("b", 'Revert "export"', "Reverts acme/shop#7\n\nIt broke."), "number"),
        (commit("b", "revert: PR #7", "Reverts PR #7"), "number"),
        (commit("b", 'Revert "Add export (#7)" (#9)'), "title"),
        (commit("b", 'Revert "Add export"'), "title"),
        (commit("b", '[stable] Revert "Add export (#7)"'), "title"),
    ],
)
def test_each_way_of_taking_back_is_read(later: CommitFacts, how: str) -> None:
    """Every forge and every team writes it otherwise."""
    found = reversals(CULPRIT, commit("d", "Something else (#8)"), later)
    assert {name: each.how for name, each in found.items()} == {"a": how}


@pytest.mark.parametrize(
    "later",
    [
        commit("b", "Squashed work (#9)", f"* try\n* Revert try\n\nThis reverts commit {'e' * 40}."),
        commit("b", "Document how #7 works", "Reverts to the default when #7 is off."),
        commit("b", 'Revert "Never heard of"'),
        commit("b", "Add export again (#9)", "Builds on #7"),
    ],
)
def test_words_that_name_no_landing_take_nothing_back(later: CommitFacts) -> None:
    """Squashed messages quote reverts of their own branch: half of all ids exist nowhere on main."""
    assert reversals(CULPRIT, later) == {}


def test_a_commit_that_its_own_branch_took_back_never_shipped() -> None:
    """Counting it would make every careful branch look like a failure."""
    landing = commit("b", "Merge pull request #9 from x/y", parents=2)
    inner = {"b": [commit("d", 'Revert "try"', f"This reverts commit {'c' * 40}."), commit("c", "try")]}
    assert reversals(CULPRIT, landing, inner=inner) == {}


def test_a_revert_inside_a_merge_belongs_to_the_merge_and_names_the_merge_of_its_culprit() -> None:
    """With merge commits neither of the two commits is on the first-parent line."""
    first = commit("b", "Merge pull request #8 from x/y", parents=2)
    second = commit("c", "Merge pull request #9 from x/z", parents=2)
    inner = {
        "b": [commit("d", "Add import")],
        "c": [commit("e", 'Revert "Add import"', f"This reverts commit {'d' * 40}.")],
    }
    found = reversals(first, second, inner=inner)
    assert (list(found), found["b"].how) == (["b"], "commit id")


def test_taking_a_revert_back_is_landing_again() -> None:
    """A reland is no failure of the revert; it is good news about the culprit."""
    undo = commit("b", 'Revert "Add export (#7)"', f"This reverts commit {'a' * 40}.")
    for redo in (
        commit("c", 'Revert "Revert "Add export (#7)""', f"This reverts commit {'b' * 40}."),
        commit("c", 'Reapply "Add export (#7)"', f"This reverts commit {'b' * 40}."),
    ):
        found = reversals(CULPRIT, undo, redo)
        assert list(found) == ["a"]
        assert found["a"].relanded_by == 0


def test_nothing_is_taken_back_by_something_older() -> None:
    """Clocks run backwards and messages name anything; only the order of the history counts."""
    early = commit("b", "Prepare", f"This reverts commit {'a' * 40}.")
    assert reversals(early, CULPRIT) == {}


def test_a_short_id_that_two_commits_share_names_neither() -> None:
    """Guessing between two would blame the wrong change."""
    one, two = commit("a", "one"), commit("b", "two")
    object.__setattr__(one, "id", CommitId("c" * 30 + "1" * 10))
    object.__setattr__(two, "id", CommitId("c" * 30 + "2" * 10))
    assert reversals(one, two, commit("d", "undo", f"This reverts commit {'c' * 14}.")) == {}


def test_the_title_of_the_nearest_older_landing_is_meant() -> None:
    """`Update dependencies` lands every week; the last one is the one that is taken back."""
    found = reversals(
        commit("a", "Bump x"), commit("b", "Bump x"), commit("c", 'Revert "Bump x"'), commit("d", "Bump x")
    )
    assert list(found) == ["b"]


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ('Revert "x"', True),
        ("Reverts the cache", True),
        ('Revert "Revert "x""', False),
        ("Reland x", False),
        ("Reverted index", True),
        ("Add revert button", False),
    ],
)
def test_a_landing_says_of_itself_that_it_takes_back(subject: str, answer: object) -> None:
    """Only the beginning of a subject says so."""
    assert takes_back(commit("a", subject)) is answer
