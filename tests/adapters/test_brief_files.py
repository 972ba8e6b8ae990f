"""The folder of briefs on disk, and the brief commands through it."""

from pathlib import Path

import pytest

from release_harness.adapters.brief_files import BriefFiles
from release_harness.kernel.errors import Conflict, InputError, NotAllowed, NotFound
from release_harness.kernel.verdict import Outcome
from release_harness.steps.intake import flow
from release_harness.steps.intake.model import MOST_BRIEF_BYTES


class Desk:
    """Needs of the brief commands in a temporary work tree."""

    def __init__(self, folder: Path) -> None:
        """Make the folder look like a work tree."""
        (folder / ".git").mkdir(exist_ok=True)
        self.folder = folder

    @property
    def briefs(self) -> BriefFiles:
        """A fresh adapter, as for every command."""
        return BriefFiles(self.folder)


def test_new_writes_a_template_once_and_never_overwrites(tmp_path: Path) -> None:
    """A page that somebody filled in is lost work when it is overwritten."""
    desk = Desk(tmp_path)
    written = flow.write_brief(desk, "csv-export", "CSV export")
    (tmp_path / written.path).write_text("# mine\n")

    with pytest.raises(Conflict):
        flow.write_brief(desk, "csv-export", "CSV export")
    assert (tmp_path / ".rh/briefs/csv-export.md").read_text() == "# mine\n"


def test_briefs_are_found_from_any_folder_of_the_work_tree(tmp_path: Path) -> None:
    """People run commands where they happen to be."""
    flow.write_brief(Desk(tmp_path), "one", "")
    inner = tmp_path / "src/deep"
    inner.mkdir(parents=True)

    assert BriefFiles(inner).list_names() == ("one",)


def test_a_brief_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    """A link in a stranger's repository could show any file of this machine."""
    secret = tmp_path / "secret"
    secret.write_text("token")
    repository = tmp_path / "r"
    (repository / ".rh/briefs").mkdir(parents=True)
    (repository / ".rh/briefs/x.md").symlink_to(secret)
    desk = Desk(repository)

    assert desk.briefs.read("x") is None
    assert desk.briefs.list_names() == ()
    with pytest.raises(Conflict):
        flow.write_brief(desk, "x", "")
    assert secret.read_text() == "token"


def test_a_folder_of_briefs_that_leaves_the_repository_is_refused(tmp_path: Path) -> None:
    """The same through a link on the folder."""
    (tmp_path / "r/.rh").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r/.rh/briefs").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotAllowed):
        flow.write_brief(Desk(tmp_path / "r"), "x", "")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_check_without_a_brief_is_unknown_and_not_a_pass(tmp_path: Path) -> None:
    """Nothing to judge is not a good brief."""
    assert flow.check_briefs(Desk(tmp_path), "").outcome is Outcome.UNKNOWN


def test_check_takes_a_name_or_a_file_and_says_what_it_knows_otherwise(tmp_path: Path) -> None:
    """Whoever mistypes a name is told the names there are."""
    desk = Desk(tmp_path)
    flow.write_brief(desk, "one", "")

    assert flow.check_briefs(desk, "one").outcome is Outcome.FAIL
    assert flow.check_briefs(desk, ".rh/briefs/one.md").briefs[0].brief.path == ".rh/briefs/one.md"
    with pytest.raises(NotFound) as caught:
        flow.check_briefs(desk, "two")
    assert "one" in caught.value.hint


def test_a_hostile_name_is_refused_before_the_disk_is_touched(tmp_path: Path) -> None:
    """`rh brief new` may be run by an agent on somebody's words."""
    with pytest.raises(InputError):
        flow.write_brief(Desk(tmp_path), "../../etc/cron.d/x", "")
    assert not (tmp_path / ".rh").exists()


def test_a_huge_file_is_read_only_to_the_limit(tmp_path: Path) -> None:
    """Checking a file of gigabytes must not fill the memory."""
    (tmp_path / "big.md").write_bytes(b"x" * (MOST_BRIEF_BYTES * 3))
    desk = Desk(tmp_path)
    file = desk.briefs.read_path("big.md")

    assert file is not None
    assert len(file.content) == MOST_BRIEF_BYTES + 1
    assert flow.check_briefs(desk, "big.md").outcome is Outcome.FAIL
