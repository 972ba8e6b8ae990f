"""What counts as taken back or mended, and every trap that a history holds."""

import pytest

from release_harness.steps.risk.model.labels import Labels, Match
from release_harness.steps.risk.model.landings import FileRow, Landing
from release_harness.steps.risk.rules.labels import mine_labels
from release_harness.testing.past import commit_id, landing

A = commit_id("aaaaaaaa1")
B = commit_id("bbbbbbbb1")
SWAPPED = (FileRow("src/app.py", "M", 1, 3),)


def mine(*landings: Landing) -> Labels:
    """Mine a history, oldest first."""
    return mine_labels(landings)


def pairs(labels: Labels) -> list[tuple[int, int, str]]:
    """Return culprit, revert and how, of each reverted landing."""
    return [(each.culprit, each.by, each.how) for each in labels.reverted]


@pytest.mark.parametrize(
    ("message", "how"),
    [
        (f'Revert "add x"\n\nThis reverts commit {A}.', "commit id"),
        (f'Revert "add x"\n\nThis reverts commit {A[:10]}.', "commit id"),
        (f"[net] undo x\n\nReverts {A}", "commit id"),
        (f"Roll back x\n\nAutomated rollback of commit {A}.", "commit id"),
        ("Revert the x thing\n\nReverts #41", "number"),
        ("Revert the x thing\n\nReverts acme/shop#41", "number"),
        ("Revert the x thing\n\nReverts pull request #41", "number"),
        ('Revert "add x"', "title"),
        ('Revert "add x" (#42)', "title"),
        ("revert: add x", "title"),
    ],
)
def test_every_way_of_saying_that_something_is_taken_back_is_read(message: str, how: str) -> None:
    """Projects write reverts in four ways; a miner that knows one sees a fraction of them."""
    labels = mine(landing("aaaaaaaa1", "add x (#41)"), landing("bbbbbbbb1", message))
    assert pairs(labels) == [(0, 1, how)]


def test_a_number_of_another_repository_names_nothing_here() -> None:
    """`Reverts other/tool#41` is about somebody else's pull request 41."""
    labels = mine(
        landing("aaaaaaaa1", "add x (#41)"),
        landing("aaaaaaaa2", "add y (#42)"),
        landing("bbbbbbbb1", "Revert y\n\nReverts acme/shop#42"),
        landing("bbbbbbbb2", "Revert z\n\nReverts acme/shop#77"),
        landing("bbbbbbbb3", "Revert their change\n\nReverts other/tool#41"),
    )
    assert pairs(labels) == [(1, 2, "number")]
    assert dict(labels.left_out)["number is not on this branch"] == 2


def test_a_commit_that_its_own_branch_took_back_never_shipped() -> None:
    """Both commits came in with one merge: nobody ever ran the culprit alone."""
    merge = landing(
        "cccccccc1",
        "Merge pull request #7 from ana/x",
        inner=(("aaaaaaaa1", "add x"), ("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.')),
    )
    labels = mine(landing("dddddddd1"), merge)
    assert not labels.reverted
    assert dict(labels.left_out)["same landing"] == 1


def test_a_squash_that_quotes_reverts_of_its_branch_takes_nothing_back() -> None:
    """Ids of squashed commits exist nowhere on the branch, and bullets of a squash are no purpose."""
    gone = commit_id("eeeeeeee1")
    body = f'* add x\n\n* Revert "add x"\n\nThis reverts commit {gone}.\n\n* add x in another way'
    labels = mine(landing("aaaaaaaa1"), landing("bbbbbbbb1", f"Add x (#9)\n\n{body}"))
    assert not labels.reverted
    assert dict(labels.left_out)["commit is not on this branch"] == 1
    assert labels.candidates == (True, True)


def test_a_squash_that_quotes_a_revert_of_something_shipped_is_no_clean_revert() -> None:
    """A feature that undoes an older commit on its way is more than that revert; counting it would blame the older one."""
    body = f'* prepare\n\n* Revert "add x"\n\nThis reverts commit {A}.\n\n* add y'
    labels = mine(landing("aaaaaaaa1", "add x"), landing("bbbbbbbb1", f"Add y (#9)\n\n{body}"))
    assert not labels.reverted
    assert dict(labels.left_out)["only quoted"] == 1


@pytest.mark.parametrize(
    "subject",
    [
        'Revert "Revert "add x""',
        "Reland: add x",
        'Reapply "add x"',
        "add x (take 2)",
        "add x, second attempt",
        "Rolling forward add x",
        "[core] Re-land add x",
    ],
)
def test_landing_again_is_no_failure(subject: str) -> None:
    """Whoever lands a change again takes a revert back; that the revert was `reverted` says nothing bad of it."""
    again = landing("cccccccc1", f"{subject}\n\nThis reverts commit {B}.")
    labels = mine(
        landing("aaaaaaaa1", "add x"), landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.'), again
    )
    assert pairs(labels) == [(0, 1, "commit id")]
    assert labels.relanded == ((0, 2),)
    assert labels.candidates == (True, False, False)


def test_a_bare_revert_of_a_revert_lands_again() -> None:
    """Some projects roll forward with the same words as back; what is taken back decides."""
    labels = mine(
        landing("aaaaaaaa1", "add x"),
        landing("bbbbbbbb1", f"Undo x\n\nReverts {A}"),
        landing("cccccccc1", f"Change x once more\n\nReverts {B}"),
    )
    assert pairs(labels) == [(0, 1, "commit id")]
    assert labels.relanded == ((0, 2),)


def test_order_is_that_of_the_history_and_not_of_the_clocks() -> None:
    """A revert whose clock is eight hours early still comes after what it takes back."""
    labels = mine(
        landing("aaaaaaaa1", "add x", day=1.0),
        landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.', day=0.6),
    )
    assert pairs(labels) == [(0, 1, "commit id")]


def test_what_is_named_before_it_landed_is_left_out() -> None:
    """A cherry-pick can bring a revert in first; it then took nothing back here."""
    labels = mine(landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.'), landing("aaaaaaaa1", "add x"))
    assert not labels.reverted
    assert dict(labels.left_out)["named before it landed"] == 1


def test_a_revert_of_a_commit_inside_a_merge_blames_the_merge() -> None:
    """What shipped was the merge: its lines against its first parent are compared."""
    merge = landing(
        "cccccccc1",
        "Merge pull request #7 from ana/x\n\nAdd x",
        inner=(("aaaaaaaa1", "add x"), ("aaaaaaaa2", "more x")),
    )
    labels = mine(merge, landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.', files=SWAPPED))
    assert pairs(labels) == [(0, 1, "commit id")]
    assert labels.reverted[0].match is Match.EXACT


@pytest.mark.parametrize(
    ("files", "counted", "match"),
    [
        (SWAPPED, True, Match.EXACT),
        ((FileRow("src/app.py", "M", 1, 2),), True, Match.PARTLY),
        ((FileRow("src/other.py", "M", 1, 3),), True, Match.NONE),
        (SWAPPED, False, Match.UNKNOWN),
    ],
)
def test_mirrored_lines_make_a_label_surer(files: tuple[FileRow, ...], *, counted: bool, match: Match) -> None:
    """A revert that mirrors its culprit line by line is one; the share of them is printed with the figures."""
    revert = landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.', files=files, counted=counted)
    assert mine(landing("aaaaaaaa1", "add x"), revert).reverted[0].match is match


def test_the_first_revert_of_a_landing_counts_once() -> None:
    """Two messages that name one culprit are one failure."""
    labels = mine(
        landing("aaaaaaaa1", "add x"),
        landing("bbbbbbbb1", f'Revert "add x"\n\nThis reverts commit {A}.'),
        landing("cccccccc1", f'Revert rest of "add x"\n\nThis reverts commit {A}.'),
    )
    assert pairs(labels) == [(0, 1, "commit id")]


def test_a_short_id_that_two_commits_share_names_neither() -> None:
    """Guessing would put the blame on a coin's throw."""
    labels = mine(
        landing("abcdef0123", "one"),
        landing("abcdef0456", "two"),
        landing("bbbbbbbb1", "Undo\n\nThis reverts commit abcdef0."),
    )
    assert not labels.reverted


def test_the_newest_landing_of_a_title_is_the_one_taken_back() -> None:
    """`Bump version` lands often; the last one before the revert is meant."""
    labels = mine(
        landing("aaaaaaaa1", "Bump version"),
        landing("aaaaaaaa2", "Bump version"),
        landing("bbbbbbbb1", 'Revert "Bump version"'),
    )
    assert pairs(labels) == [(1, 2, "title")]


def test_fixes_trailers_name_their_culprits() -> None:
    """A `Fixes:` trailer with an id is a label of its own; one with an issue number is none."""
    labels = mine(
        landing("aaaaaaaa1", "add x"),
        landing("aaaaaaaa2", "add y"),
        landing("bbbbbbbb1", f'mend x\n\nFixes: {A[:12]} ("add x")\n'),
        landing("bbbbbbbb2", "mend y\n\nFixes: #41\n"),
    )
    assert [(each.culprit, each.by) for each in labels.fixed] == [(0, 2)]
    assert not labels.reverted


def test_a_fix_in_the_same_landing_or_of_nothing_here_is_left_out() -> None:
    """A branch that mends its own commit before it lands never shipped the fault."""
    merge = landing(
        "cccccccc1", "Merge branch 'x'", inner=(("aaaaaaaa1", "add x"), ("bbbbbbbb1", f"mend\n\nFixes: {A}"))
    )
    labels = mine(merge, landing("dddddddd1", f"mend more\n\nFixes: {commit_id('ffffffff1')}"))
    assert not labels.fixed
    assert dict(labels.left_out) == {"fixed commit is not on this branch": 1, "fixed in the same landing": 1}


def test_an_ambiguous_id_of_a_trailer_is_settled_by_its_title() -> None:
    """Trailers quote the title for exactly this."""
    labels = mine(
        landing("abcdef0123", "one"),
        landing("abcdef0456", "two"),
        landing("bbbbbbbb1", 'mend\n\nFixes: abcdef0 ("two")'),
    )
    assert [each.culprit for each in labels.fixed] == [1]


@pytest.mark.parametrize(
    "message", ["Back up the database", "Add rollback of migrations to docs", "Reverse the list", "Land the plane"]
)
def test_words_that_only_look_like_reverts_are_none(message: str) -> None:
    """A feature that talks of going back is a change like any other."""
    assert mine(landing("aaaaaaaa1", message)).candidates == (True,)


def test_empty_landings_are_no_candidates() -> None:
    """A landing that changes nothing can neither be risky nor safe."""
    assert mine(landing("aaaaaaaa1", files=())).candidates == (False,)
