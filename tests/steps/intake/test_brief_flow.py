"""Which brief belongs to a change."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.verdict import Outcome
from release_harness.steps.intake.flow import brief_for
from release_harness.steps.intake.model import MOST_BRIEF_BYTES, Brief
from release_harness.steps.intake.rules import judge_brief


class Tree:
    """Fake of the BriefTree port; also the Needs that hold it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Hold the files of one tree."""
        self.files = files
        self.asked: list[str] = []

    @property
    def repository(self) -> "Tree":
        """The tree is its own repository."""
        return self

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the file and remember that it was asked for."""
        del treeish
        self.asked.append(path)
        return self.files.get(path)


TREE = {".rh/briefs/a.md": b"# A\n", ".rh/briefs/b.md": b"# B\n", ".rh/policy.yaml": b"secret: 1\n"}


def find(
    trailers: list[tuple[str, str]], changed: tuple[str, ...] = (), files: Mapping[str, bytes] = TREE
) -> Brief | None:
    """Ask for the brief in a fake tree."""
    return brief_for(Tree(files), treeish="HEAD", trailers=trailers, changed_paths=changed)


def test_the_trailer_names_the_brief() -> None:
    """The trailer is the explicit word, in any case and with or without the folder."""
    for trailer in (("Brief", "a"), ("brief", " .rh/briefs/a.md")):
        found = find([trailer], (".rh/briefs/b.md",))
        assert found is not None
        assert found.title == "A"


def test_without_a_trailer_the_only_brief_in_the_change_is_meant() -> None:
    """A change that brings its own brief needs no trailer."""
    found = find([], ("src/x.py", ".rh/briefs/b.md"))

    assert found is not None
    assert found.title == "B"


def test_two_briefs_in_one_change_are_nobodys_brief() -> None:
    """Guessing which one is meant would put a wrong goal on the card."""
    assert find([], (".rh/briefs/a.md", ".rh/briefs/b.md")) is None


def test_a_deleted_brief_is_not_the_brief_of_the_change() -> None:
    """Only what the result tree has can be read."""
    assert find([], (".rh/briefs/gone.md",)) is None


@pytest.mark.parametrize(
    "hostile", ["../policy.yaml", "/etc/passwd", "../../.ssh/id", "a/../../policy.yaml", "-", "a\x00"]
)
def test_a_path_in_a_trailer_is_refused_and_never_read(hostile: str) -> None:
    """Commit messages are written by strangers."""
    tree = Tree(TREE)
    found = brief_for(tree, treeish="HEAD", trailers=[("Brief", hostile)])

    assert tree.asked == []
    assert found is not None
    assert judge_brief(found).outcome is Outcome.FAIL


def test_a_trailer_that_names_a_missing_brief_fails_and_takes_no_other() -> None:
    """Falling back to another brief would let a typo pick the goal."""
    found = find([("Brief", "zzz")], (".rh/briefs/a.md",))

    assert found is not None
    assert judge_brief(found).outcome is Outcome.FAIL
    assert ".rh/briefs/zzz.md does not exist" in found.problems[0].says


def test_trailers_that_name_two_briefs_fail() -> None:
    """One change has one goal; the same name on every commit is fine."""
    two = find([("Brief", "a"), ("Brief", "b")])
    same = find([("Brief", "a"), ("Brief", "a")])

    assert two is not None
    assert judge_brief(two).outcome is Outcome.FAIL
    assert same is not None
    assert same.title == "A"


def test_an_endless_brief_is_not_read() -> None:
    """A one-pager of many megabytes is an attack or a mistake."""
    found = find([("Brief", "a")], files={".rh/briefs/a.md": b"x" * (MOST_BRIEF_BYTES + 1)})

    assert found is not None
    assert judge_brief(found).outcome is Outcome.FAIL
