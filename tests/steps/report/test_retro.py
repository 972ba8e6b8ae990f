"""Looking back over real repositories."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git_history import GitHistory
from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.operations import View
from release_harness.steps.report.flow import look_back
from release_harness.steps.report.model import FIELDS, Answer, LandingReview, Retro
from release_harness.steps.report.render import retro_markdown, retro_plain, show_retro
from release_harness.steps.report.rules import parse_history, parse_numbers
from release_harness.testing.git_repository import AGENT, BO, GitRepository

# Every test builds a real repository: 50 to 300 ms each.
pytestmark = pytest.mark.slow

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


class NoLedger:
    """A repository in which rh never recorded anything."""

    def existing(self) -> None:
        """There is none."""

    def open(self) -> None:
        """Looking back never creates one."""
        message = "a look back must not create a ledger"
        raise AssertionError(message)


@dataclass
class Needs:
    """What a look back needs, with the real git."""

    folder: Path

    @cached_property
    def repository(self) -> GitProgram:
        """The repository."""
        return GitProgram(self.folder, ENVIRONMENT)

    @cached_property
    def history(self) -> GitHistory:
        """Its history."""
        return GitHistory(self.repository)

    @cached_property
    def policy_reader(self) -> PolicyFileReader:
        """The real reader."""
        return PolicyFileReader()

    @cached_property
    def ledger(self) -> NoLedger:
        """No ledger."""
        return NoLedger()


def back(folder: Path, asked: str = "", **options: int) -> Retro:
    """Look back with fresh adapters."""
    needs = Needs(folder)
    try:
        return look_back(needs, asked, **options)  # type: ignore[arg-type]
    finally:
        needs.repository.close()


def answers(landing: LandingReview) -> dict[str, Answer]:
    """Return the answers by field."""
    return {each.field: each.answer for each in landing.fields}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """A history with a merge by an agent, a migration, a landing that was taken back, and docs."""
    repository = GitRepository.create(tmp_path / "repo")
    repository.commit({"app.py": "a = 1\n"}, "Start the application here")
    repository.branch("export")
    repository.commit({"export.py": "e = 1\n", "tests/test_export.py": "t = 1\n"}, "wip", author=AGENT)
    repository.commit({"export.py": "e = 2\n"}, "more", author=BO)
    repository.checkout("main")
    body = "Customers asked to keep their own copies of all their invoices, for the tax office, every month."
    repository.git(
        "merge",
        "--quiet",
        "--no-ff",
        "-m",
        f"Merge pull request #7 from x/export\n\nExport invoices as CSV\n\n{body}",
        "export",
    )
    repository.commit({"db/migrations/2.sql": "ALTER TABLE x\n", "store.py": "s = 1\n"}, "Add a column for regions")
    culprit = repository.commit({"cache.py": "c = 1\n"}, "Cache everything for ever (#8)")
    repository.commit(
        {"cache.py": None}, f'Revert "Cache everything for ever (#8)" (#9)\n\nThis reverts commit {culprit}.'
    )
    repository.commit({"README.md": "# Words\n"}, "docs")
    repository.git("tag", "v1.0")
    return repository


def by_title(retro: Retro) -> dict[str, LandingReview]:
    """Return the landings by title."""
    return {each.title: each for each in retro.landings}


def test_every_first_parent_commit_is_one_landing_with_the_title_that_a_person_wrote(repo: GitRepository) -> None:
    """The commits inside a merge are its story, not landings of their own."""
    found = by_title(back(repo.path))
    assert set(found) == {
        "Start the application here",
        "Export invoices as CSV",
        "Add a column for regions",
        "Cache everything for ever (#8)",
        'Revert "Cache everything for ever (#8)" (#9)',
        "docs",
    }
    merge = found["Export invoices as CSV"]
    assert (merge.files_count, merge.lines_added) == (2, 2)
    assert (merge.author_kind, set(merge.authors)) == ("mixed", {"Claude", "Bo Reviewer"})


def test_the_seven_fields_are_answered_as_far_as_git_can(repo: GitRepository) -> None:
    """An answer is only whole when something proves it; a title or a test file is a part of one."""
    found = by_title(back(repo.path))
    merge = answers(found["Export invoices as CSV"])
    assert list(merge) == list(FIELDS)
    assert merge["goal"] is Answer.ANSWERED
    assert merge["scope"] is Answer.ANSWERED
    assert merge["verification_evidence"] is Answer.PARTLY
    assert merge["ship_method"] is Answer.PARTLY
    assert merge["rollback_method"] is Answer.PARTLY
    column = found["Add a column for regions"]
    assert answers(column)["goal"] is Answer.PARTLY
    assert answers(column)["verification_evidence"] is Answer.MISSING
    assert answers(column)["rollback_method"] is Answer.MISSING
    assert column.missing == ("app", "data", "rollback")
    assert answers(found["docs"])["goal"] is Answer.MISSING
    assert found["docs"].missing == ("rollback",)
    assert found["docs"].tier == "low"


def test_what_was_taken_back_proves_its_way_back_and_weighs_more(repo: GitRepository) -> None:
    """A landing that had to be reverted is the one to learn from."""
    retro = back(repo.path)
    cache = by_title(retro)["Cache everything for ever (#8)"]
    assert cache.reversal is not None
    assert (cache.reversal.how, cache.reversal.after.total_seconds(), cache.reversal.landings_between) == (
        "commit id",
        60,
        0,
    )
    assert answers(cache)["rollback_method"] is Answer.ANSWERED
    assert by_title(retro)['Revert "Cache everything for ever (#8)" (#9)'].takes_back
    assert (retro.totals.reverted_count, retro.totals.reverted_within_day_count) == (1, 1)


def test_the_worst_come_first_and_totals_count_every_landing(repo: GitRepository) -> None:
    """The table begins with what needs a person's eyes."""
    retro = back(repo.path)
    scores = [each.score for each in retro.landings]
    assert scores == sorted(scores, reverse=True)
    assert retro.landings[-1].title == "docs"
    totals = retro.totals
    assert totals.landings_count == 6
    assert all(each.answered_count + each.partly_count + each.missing_count == 6 for each in totals.fields)
    assert (totals.touching_data_count, totals.missing_data_count) == (1, 1)


def test_a_range_and_a_number_choose_the_landings(repo: GitRepository) -> None:
    """A month is a range; a habit is the last fifty."""
    assert len(back(repo.path, "main~2..main").landings) == 2
    assert len(back(repo.path, "main", last_count=3).landings) == 3
    assert len(back(repo.path, "..main~5").landings) == 1
    assert back(repo.path, "main~1..main~1").landings == ()
    with pytest.raises(NotFound):
        back(repo.path, "gone..main")
    with pytest.raises(InputError):
        back(repo.path, "main", last_count=-1)


def test_a_brief_in_the_landing_answers_goal_ship_rollback_and_watch(repo: GitRepository) -> None:
    """What teams write down before is what can be answered afterwards."""
    page = "# Regions\n\n" + "\n\n".join(
        f"## {heading}\n\n{heading} in enough words to be read as a text of its own."
        for heading in (
            "Goal",
            "Non-goals",
            "Principles",
            "Success signals",
            "Risks",
            "Acceptance",
            "Ship",
            "Rollback",
            "Watch",
        )
    )
    repo.commit({".rh/briefs/regions.md": page}, "Plan regions")
    repo.commit({"regions.py": "r = 1\n"}, "Regions\n\nBrief: regions")
    fields = answers(by_title(back(repo.path))["Regions"])
    names = ("goal", "ship_method", "rollback_method", "watch_metrics")
    assert [fields[name] for name in names] == [Answer.ANSWERED] * 4


def test_the_policy_of_the_newest_commit_gives_the_tiers(repo: GitRepository) -> None:
    """A look back asks what today's rules would have said."""
    policy = (
        "version: 1\ntiers: [low, high]\ndefault_tier: low\n"
        "surfaces:\n  export:\n    paths: ['export.py']\n    tier: high\n"
        "require:\n  low: {}\n  high: {}\n"
    )
    repo.commit({".rh/policy.yaml": policy}, "Rules")
    retro = back(repo.path)
    found = by_title(retro)
    assert found["Export invoices as CSV"].tier == "high"
    assert found["Add a column for regions"].tier == "low"
    assert ".rh/policy.yaml" in retro.policy


def test_a_missing_blob_costs_the_lines_of_its_own_landing_only(repo: GitRepository) -> None:
    """`git log --numstat` stops at the first missing blob; the rest of the history must not vanish with it."""
    blob = repo.head("HEAD~2:cache.py")
    whole = back(repo.path)
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    retro = back(repo.path)
    unknown = {each.title for each in retro.landings if each.lines_added is None}
    assert unknown == {"Cache everything for ever (#8)", 'Revert "Cache everything for ever (#8)" (#9)'}
    assert len(retro.landings) == len(whole.landings)
    assert "2 landings" in retro.gaps[0]
    others = [each for each in retro.landings if each.title not in unknown]
    assert sum(each.lines_added or 0 for each in others) == 6


def test_a_shallow_clone_leaves_its_edge_out_and_says_so(repo: GitRepository, tmp_path: Path) -> None:
    """The oldest commit of a shallow clone looks as if it had added everything."""
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "--quiet", "--depth=3", f"file://{repo.path}", str(shallow)]
    subprocess.run(command, check=True, env=ENVIRONMENT)
    retro = back(shallow)
    assert len(retro.landings) == 2
    assert "shallow" in retro.gaps[0]


def test_an_octopus_and_an_empty_commit_do_not_shift_the_others(repo: GitRepository) -> None:
    """Headers without files and files without numbers stand in one stream."""
    for name in ("one", "two"):
        repo.git("checkout", "--quiet", "-b", name, "main")
        repo.commit({f"{name}\nodd.py": ":000000 100644\n1\t2\tx\n"}, f"{name} work\n\n:100644 100644 fake\n1\t1\tfake")
    repo.checkout("main")
    repo.commit({}, "nothing at all here")
    repo.git("merge", "--quiet", "--no-ff", "-m", "Bring both together now", "one", "two")
    retro = back(repo.path)
    found = by_title(retro)
    assert found["nothing at all here"].files_count == 0
    assert found["Bring both together now"].files_count == 2
    assert len(retro.landings) == 8


def test_the_page_fits_a_narrow_terminal(repo: GitRepository) -> None:
    """Sixty columns are what a split window has; hostile titles must not break out."""
    repo.commit(
        {"x.py": "x = 1\n"}, "A very long title that goes on and on and \x1b[31mcolours the terminal " + "x" * 300
    )
    text = show_retro(back(repo.path), View(width=60, unicode=False))
    assert max(len(line) for line in text.split("\n")) <= 60
    assert "\x1b" not in text
    assert text.isascii() or "…" in text


def test_markdown_and_json_hold_the_same_landings(repo: GitRepository) -> None:
    """A page for a wiki and a file for a program tell one story."""
    repo.commit({"x.py": "x = 1\n"}, "Break | the table <script>")
    retro = back(repo.path)
    markdown = retro_markdown(retro)
    assert "<script>" not in markdown
    rows = [line for line in markdown.split("\n") if line.startswith("| ") and "`" in line]
    assert len(rows) == len(retro.landings)
    plain = json.loads(json.dumps(retro_plain(retro)))
    assert [each["commit"] for each in plain["landings"]] == [each.commit for each in retro.landings]
    assert set(plain["landings"][0]["fields"]) == set(FIELDS)
    assert plain["range"]["branch"] == "main"


def test_an_empty_range_says_that_there_is_nothing(repo: GitRepository) -> None:
    """Nothing landed is an answer, not a table of zeros."""
    assert "nothing to look back at" in show_retro(back(repo.path, "main..main"), View())


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_exception(output: bytes) -> None:
    """Messages and names are written by strangers."""
    parse_history(output)
    parse_numbers(output, [])


def test_a_history_that_is_cut_is_not_whole(repo: GitRepository) -> None:
    """A part of the history must not be analysed as the whole."""
    program = GitProgram(repo.path, ENVIRONMENT)
    printed = GitHistory(program).landings(program.resolve(["main"])["main"], None, limit_count=100).output
    program.close()
    landings, whole = parse_history(printed)
    assert (len(landings), whole) == (6, True)
    for cut in range(len(printed) - 200, len(printed) - 1, 7):
        found, whole = parse_history(printed[:cut])
        assert not whole or len(found) < 6 or len(found[-1].diff.changes) < len(landings[-1].diff.changes)
    assert landings[0].landed_at > datetime(2026, 1, 1, tzinfo=UTC)
