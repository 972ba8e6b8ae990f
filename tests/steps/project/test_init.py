"""`rh init` writes what it found, overwrites nothing by itself, and keeps what people wrote down."""

from datetime import UTC, datetime, timedelta

import pytest

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.errors import InputError
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.flow.init import initialise
from release_harness.steps.project.model import Committer, HistoryFacts
from release_harness.steps.project.operations import OPERATIONS, InitRequest
from release_harness.testing.project_files import MemoryWorkFolder

ANA = Committer(name="Ana", email="ana@example.org", commits_count=30)
BO = Committer(name="Bo", email="12+bo@users.noreply.github.com", commits_count=4)
CLAUDE = Committer(name="Claude", email="noreply@anthropic.com", commits_count=50)
BOT = Committer(name="dependabot[bot]", email="49699333+dependabot[bot]@users.noreply.github.com", commits_count=9)

FILES = {
    "src/auth/login.py": b"",
    "src/shop/cart.py": b"",
    "db/migrations/0001_start.sql": b"",
    "tests/migrations/x.py": b"",
    "pyproject.toml": b"[tool.pytest.ini_options]\n",
    ".github/workflows/ci.yml": b"",
    ".github/CODEOWNERS": b"* @ana\n",
    "node_modules/auth/index.js": b"",
}


class _Needs:
    def __init__(self, files: dict[str, bytes], *committers: Committer, branch: str = "main") -> None:
        count = sum(each.commits_count for each in committers)
        history = HistoryFacts(default_branch=branch, committers=committers, commits_count=count)
        self.work_folder = MemoryWorkFolder(files, history)
        self.policy_reader = PolicyFileReader()


def test_both_files_are_written_where_there_is_none() -> None:
    """The first run needs no flag."""
    needs = _Needs(FILES, ANA)
    report = initialise(needs, check_only=False, overwrite=False)
    assert needs.work_folder.written == [".rh/policy.yaml", ".rh/project.yaml"]
    assert [(each.state, each.written) for each in report.files] == [("missing", True), ("missing", True)]


def test_what_is_there_is_found() -> None:
    """Languages, tests, owners, migrations, CI files and surfaces come from files that exist."""
    proposal = initialise(_Needs(FILES, ANA), check_only=True, overwrite=False).proposal
    assert [each.name for each in proposal.languages] == ["Python", "SQL"]
    assert [each.runner for each in proposal.tests] == ["pytest"]
    assert proposal.codeowners == ".github/CODEOWNERS"
    assert proposal.migrations == ("db/migrations/**",)
    assert proposal.ci_files == (".github/workflows/ci.yml",)
    touched = {each.surface.name: each.files for each in proposal.surfaces if each.files}
    assert touched["auth"] == ("src/auth/login.py",)
    assert touched["data"] == ("db/migrations/0001_start.sql", "tests/migrations/x.py")


def test_many_migration_folders_become_one_pattern() -> None:
    """A list of fifty folders is out of date with the next application."""
    files = {f"app{number}/migrations/0001.py": b"" for number in range(6)} | {"db/migrate/1.rb": b""}
    proposal = initialise(_Needs(files, ANA), check_only=True, overwrite=False).proposal
    assert proposal.migrations == ("**/migrations/**", "db/migrate/**")


def test_people_are_proposed_and_programs_are_not() -> None:
    """Only a person can confirm that somebody is a person; well-known agents are not even proposed."""
    needs = _Needs(FILES, CLAUDE, ANA, BOT, BO)
    report = initialise(needs, check_only=False, overwrite=False)
    assert [(each.id, each.emails, each.logins) for each in report.proposal.people] == [
        ("ana", ("ana@example.org",), ()),
        ("bo", (), ("bo",)),
    ]
    text = needs.work_folder.files[".rh/policy.yaml"].decode()
    assert '#   ana: { name: Ana, emails: ["ana@example.org"] }  # 30 commits' in text
    assert PolicyFileReader().read_policy(text.encode(), "p").people == ()


def test_two_people_of_one_name_get_two_ids_and_one_of_two_addresses_one() -> None:
    """Ids are unique, and somebody with two addresses is proposed once."""
    committers = (
        ANA,
        Committer(name="ana", email="ana@home.org", commits_count=1),
        Committer(name="Aña", email="other@example.org", commits_count=1),
    )
    people = initialise(_Needs(FILES, *committers), check_only=True, overwrite=False).proposal.people
    assert [(each.id, each.emails) for each in people] == [
        ("ana", ("ana@example.org", "ana@home.org")),
        ("ana-2", ("other@example.org",)),
    ]


def _seen(name: str, days_ago: int, commits_count: int = 1) -> Committer:
    last_at = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(days=days_ago)
    return Committer(name=name, email=f"{name}@x.org", commits_count=commits_count, last_at=last_at)


def _proposed(*committers: Committer) -> list[str]:
    needs = _Needs(FILES, *committers)
    initialise(needs, check_only=False, overwrite=False)
    lines = needs.work_folder.files[".rh/policy.yaml"].decode().split("\n")
    return [line for line in lines if "@x.org" in line or "more in the history" in line]


def test_who_was_here_last_is_proposed_first_and_who_left_long_ago_is_not() -> None:
    """Somebody who wrote a thousand commits ten years ago will not approve the next change."""
    lines = _proposed(_seen("founder", 3000, 1000), _seen("bo", 400, 3), _seen("ana", 2, 1))
    assert [line.split(":")[0] for line in lines[:2]] == ["#   ana", "#   bo"]
    assert lines[0].endswith("# 1 commit, the last on 2026-10-30")
    assert lines[2:] == ["# … and 1 more in the history"]


def test_no_more_people_are_proposed_than_somebody_reads() -> None:
    """A list of thirty names is not read but taken as it is, which is what must not happen with approvers."""
    lines = _proposed(*(_seen(f"p{number}", number) for number in range(30)))
    assert len(lines) == 13
    assert lines[-1] == "# … and 18 more in the history"


def test_everybody_is_recent_in_a_project_that_rests() -> None:
    """Three years count from the newest commit, not from today."""
    assert len(_proposed(_seen("ana", 4000), _seen("bo", 4100))) == 2


def test_all_people_of_the_history_stay_in_the_report() -> None:
    """What is cut from the file is not cut from what a program reads."""
    needs = _Needs(FILES, *(_seen(f"p{number}", number * 100) for number in range(30)))
    assert len(initialise(needs, check_only=True, overwrite=False).proposal.people) == 30


def test_a_solo_developer_is_told() -> None:
    """Whoever works alone meets the second pair of eyes at the first medium change; better now than then."""
    needs = _Needs(FILES, ANA, CLAUDE)
    report = initialise(needs, check_only=False, overwrite=False)
    assert any("One person wrote everything" in each for each in report.remarks)
    assert "One person wrote all of the last" in needs.work_folder.files[".rh/policy.yaml"].decode()
    two = initialise(_Needs(FILES, ANA, BO), check_only=False, overwrite=False)
    assert not any("One person" in each for each in two.remarks)


def test_a_second_run_changes_nothing() -> None:
    """Idempotent, also when only comments would differ."""
    needs = _Needs(FILES, ANA)
    initialise(needs, check_only=False, overwrite=False)
    needs.work_folder.files["src/auth/more.py"] = b""
    needs.work_folder.written.clear()
    report = initialise(needs, check_only=False, overwrite=True)
    assert needs.work_folder.written == []
    assert [each.state for each in report.files] == ["same", "same"]


def test_a_file_that_differs_is_shown_and_kept() -> None:
    """Nothing that a person wrote is lost without their word; the answer is a question, exit code 3."""
    needs = _Needs(
        FILES | {".rh/policy.yaml": b"version: 1\nrequire: {low: {}, medium: {}, high: {}, critical: {}}\n"}, ANA
    )
    report = initialise(needs, check_only=False, overwrite=False)
    assert needs.work_folder.written == [".rh/project.yaml"]
    assert report.files[0].state == "differs"
    assert "-require: {low: {}, medium: {}, high: {}, critical: {}}" in report.files[0].diff
    assert OPERATIONS[0].outcome(report) is Outcome.UNKNOWN


def test_force_overwrites_and_keeps_the_people() -> None:
    """A person who was confirmed once need not be confirmed again."""
    old = b"version: 1\npeople: { zoe: { emails: [zoe@x.org] } }\nrequire: {low: {}, medium: {}, high: {}, critical: {}}\n"
    needs = _Needs(FILES | {".rh/policy.yaml": old}, ANA)
    report = initialise(needs, check_only=False, overwrite=True)
    assert report.files[0].written
    read = PolicyFileReader().read_policy(needs.work_folder.files[".rh/policy.yaml"], "p")
    assert [each.id for each in read.people] == ["zoe"]


def test_a_broken_file_is_not_overwritten_without_force() -> None:
    """A slip in a long file must not cost the file."""
    needs = _Needs(FILES | {".rh/policy.yaml": b"version: 1\nrequire: [\n"}, ANA)
    report = initialise(needs, check_only=False, overwrite=False)
    assert ".rh/policy.yaml" not in needs.work_folder.written
    assert report.findings[0].startswith(".rh/policy.yaml has 1 fault.")


def test_check_writes_nothing_and_says_what_is_missing() -> None:
    """For CI: exit code 1 when a file is missing."""
    needs = _Needs(FILES, ANA)
    report = initialise(needs, check_only=True, overwrite=False)
    assert needs.work_folder.written == []
    assert OPERATIONS[0].outcome(report) is Outcome.FAIL


def test_check_says_what_is_out_of_date() -> None:
    """A policy of last year does not know the folder of this year."""
    policy = (
        b"version: 1\nsurfaces: { pay: { paths: ['src/pay/**'], tier: high } }\n"
        b"require: {low: {}, medium: {}, high: {}, critical: {}}\n"
    )
    project = b"version: 1\ndefault_branch: master\n"
    needs = _Needs(FILES | {".rh/policy.yaml": policy, ".rh/project.yaml": project}, ANA)
    report = initialise(needs, check_only=True, overwrite=False)
    assert report.findings == (
        "src/auth/login.py looks like the surface auth, and no surface of the policy has it.",
        "db/migrations/0001_start.sql and 1 more look like the surface data, and no surface of the policy has it.",
        "The policy lists no people, so no approval can count.",
        "The project file calls master the default branch; the repository has main.",
        "The project file has no test command; pytest was found ([tool.pytest.ini_options] in pyproject.toml).",
        "The migrations of db/migrations/** are not listed in the project file.",
    )
    assert OPERATIONS[0].outcome(report) is Outcome.FAIL


def test_check_passes_when_everything_is_said() -> None:
    """A repository whose files are up to date is left in peace."""
    needs = _Needs(FILES, ANA)
    initialise(needs, check_only=False, overwrite=False)
    text = needs.work_folder.files[".rh/policy.yaml"].replace(
        b"people: {}", b"people: { ana: { emails: [ana@example.org] } }"
    )
    needs.work_folder.files[".rh/policy.yaml"] = text
    report = initialise(needs, check_only=True, overwrite=False)
    assert report.findings == ()
    assert OPERATIONS[0].outcome(report) is Outcome.PASS


def test_check_and_force_contradict_each_other() -> None:
    """One of them would have to be ignored, and nobody would know which."""
    with pytest.raises(InputError):
        OPERATIONS[0].handler(_Needs(FILES), InitRequest(check=True, force=True))
