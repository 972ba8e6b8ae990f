"""Whole ways through the step, in real repositories, with real commands, keys and ledgers.

Every test here starts git, test commands and a database, so all are slow.
"""

import json
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from evidence_bench import FAILING, HANDLERS, PASSING, Bench, known, writes

from release_harness.app import Application
from release_harness.kernel.errors import Conflict, InputError, NotFound
from release_harness.kernel.facts import Known, Unknown
from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.flow.listing import verify_evidence
from release_harness.steps.evidence.operations.requests import (
    AddInput,
    ClaimInput,
    ExportInput,
    FactInput,
    ListInput,
    RunInput,
    ShowInput,
    VerifyInput,
)
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow


def test_a_run_is_recorded_signed_and_read_back_as_facts(tmp_path: Path) -> None:
    """The main way: command, report, record, facts of the change; and the record says what was run where."""
    bench = Bench.create(tmp_path, writes(PASSING, "echo hello"))
    output = bench.run()
    assert output.verdict.outcome is Outcome.PASS
    record = output.records[0]
    assert known(record) == {
        "exit_code": 0,
        "run_count": 2,
        "failed_count": 0,
        "errors_count": 0,
        "skipped_count": 0,
        "newly_skipped_count": 0,
        "not_run_count": 0,
        "flaky_count": 0,
        "quarantined_count": 0,
    }
    assert record.result_tree == bench.repository.head("HEAD^{tree}")
    assert (record.command, record.isolation) == (("sh", "./run-tests.sh"), "not isolated")
    assert bench.fact("tests.run_count") == Known(value=2, source="computed here")
    assert bench.left_checkouts() == []
    shown = bench.call("evidence show", ShowInput(id=record.id, log_lines=5))
    assert "hello" in shown.log_end  # type: ignore[attr-defined]


def test_pytest_is_watched_from_inside_without_being_told(tmp_path: Path) -> None:
    """JUnit, coverage of changed lines and the list of tests come from a bare `pytest`, with nothing configured."""
    tests = {
        "tests/test_app.py": "import app\ndef test_x():\n    assert app.x == 1\ndef test_stop():\n    raise SystemExit(3)\n"
        "def test_later():\n    pass\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p no:randomly'\n",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q"]
    bench = Bench.create(tmp_path, "", tests, commands=[command])
    output = bench.run()
    record, coverage, trace = output.records
    assert trace.facts == {"trace.tests_count": 2}
    assert output.verdict.outcome is Outcome.FAIL
    assert record.tests is not None
    assert record.tests.not_run == ("tests.test_app::test_later",)
    assert coverage.facts["coverage.exercised_lines_count"] == 1
    assert coverage.facts["coverage.missed_lines_count"] == 0


def test_changed_lines_that_no_test_ran_are_named(tmp_path: Path) -> None:
    """The counts say that something is missing; only the lines say what."""
    tests = {
        "tests/test_app.py": "import app\ndef test_x():\n    assert app.x == 1\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p no:randomly'\n",
    }
    bench = Bench.create(tmp_path, "", tests, commands=[[sys.executable, "-m", "pytest", "-q"]])
    bench.repository.commit({"app.py": "x = 1\ndef y():\n    z = 1\n    return z\n"}, "More")
    assert isinstance(bench.fact("coverage.missed_lines"), Unknown)
    bench.run()

    findings = bench.findings()

    assert [(each.path, each.missed) for each in findings.missed] == [("app.py", (3, 4))]
    assert findings.facts["coverage.missed_lines"] == Known(value=("app.py:3-4",), source="computed here")
    assert findings.advice["coverage.exercised_ratio"] == (
        "Add tests that run the changed lines app.py:3-4 (2 of 3 lines are not run)."
    )


def test_the_tree_is_tested_and_not_the_working_copy_that_is_installed(tmp_path: Path) -> None:
    """With an editable installation the tests would import the files that the user has open: other content."""
    files = {
        "src/shop.py": "value = 1\n",
        "tests/test_shop.py": "import shop\ndef test_x():\n    assert shop.value == 1\n",
    }
    bench = Bench.create(tmp_path, "", files, commands=[[sys.executable, "-m", "pytest", "-q"]])
    working_copy = bench.repository.write("src/shop.py", "value = 2\n")
    app = Application(
        bench.repository.path, {**bench.environment(), "PYTHONPATH": str(working_copy.parent)}, RecordedProgress()
    )
    output = HANDLERS["evidence run"].handler(app, RunInput())
    assert output.verdict.outcome is Outcome.PASS


def test_a_failing_run_is_recorded_as_failing(tmp_path: Path) -> None:
    """And names the test that failed."""
    output = Bench.create(tmp_path, writes(FAILING, "exit 1")).run()
    assert output.verdict.outcome is Outcome.FAIL
    assert output.records[0].tests is not None
    assert output.records[0].tests.failed == ("t::b",)


def test_an_exit_code_of_0_without_a_report_is_no_pass(tmp_path: Path) -> None:
    """`true` as a test command proves nothing."""
    bench = Bench.create(tmp_path, "exit 0\n")
    assert bench.run().verdict.outcome is Outcome.UNKNOWN
    assert bench.fact("tests.run_count") == Unknown(why="the command left no JUnit report")
    assert bench.fact("tests.exit_code") == Known(value=0, source="computed here")


def test_a_broken_report_makes_the_tests_unknown_and_names_the_place(tmp_path: Path) -> None:
    """A report that was cut off may have lost the failures at its end."""
    bench = Bench.create(tmp_path, writes(PASSING[:60]))
    assert bench.run().verdict.outcome is Outcome.UNKNOWN
    fact = bench.fact("tests.failed_count")
    assert isinstance(fact, Unknown)
    assert "ends early" in fact.why


def test_a_hanging_command_ends_at_its_limit_and_is_recorded_as_unknown(tmp_path: Path) -> None:
    """A real hang with a limit of one second: the record says that it was stopped, not that it failed."""
    bench = Bench.create(tmp_path, "echo before; sleep 60\n", time_limit="1s")
    output = bench.run()
    assert output.verdict.outcome is Outcome.UNKNOWN
    assert output.records[0].exit_code is None
    assert "did not end within 1s" in output.records[0].unknown["tests.exit_code"]
    assert bench.left_checkouts() == []


def test_a_killed_command_is_said_to_have_run_out_of_memory(tmp_path: Path) -> None:
    """Otherwise people look for a failing test that is not there."""
    output = Bench.create(tmp_path, writes(PASSING, "kill -9 $$")).run()
    assert output.verdict.outcome is Outcome.FAIL
    assert output.records[0].facts["tests.exit_code"] == 137
    notes = Bench(GitRepository(tmp_path / "repository"), tmp_path / "config").call(
        "evidence show", ShowInput(id=output.records[0].id)
    )
    assert any("memory runs out" in each for each in notes.notes)  # type: ignore[attr-defined]


def test_a_missing_command_is_an_error_and_records_nothing(tmp_path: Path) -> None:
    """Nothing was tested, so there is nothing to say about the content."""
    bench = Bench.create(tmp_path, "", commands=[["no-such-program-rh"]])
    with pytest.raises(NotFound) as caught:
        bench.run()
    assert caught.value.code == "TEST_COMMAND_MISSING"
    assert not bench.database().exists()
    assert bench.left_checkouts() == []


def test_a_project_without_tests_is_told_how_to_name_them(tmp_path: Path) -> None:
    """And nothing is made up."""
    repository = GitRepository.create(tmp_path / "repository")
    repository.commit({"README.md": "words\n"})
    repository.branch("topic")
    repository.commit({"README.md": "more words\n"})
    (tmp_path / "tmp").mkdir()
    with pytest.raises(NotFound) as caught:
        Bench(repository, tmp_path / "config").run()
    assert caught.value.code == "TEST_COMMAND_UNKNOWN"


def test_commands_run_in_order_until_one_does_not_end_with_0(tmp_path: Path) -> None:
    """What comes after a failed step would test something else."""
    commands = [["sh", "-c", "echo one"], ["sh", "-c", "exit 4"], ["sh", "-c", "touch {reports}/never"]]
    record = Bench.create(tmp_path, "", commands=commands).run().records[0]
    assert record.exit_code == 4
    assert record.command == ("sh", "-c", "exit 4")
    assert len(record.commands) == 2


def test_a_test_that_passes_only_when_run_again_is_flaky(tmp_path: Path) -> None:
    """Reruns tell flaky from broken; flaky is counted and shown, never just passed."""
    marker = tmp_path / "ran-before"
    script = f"if [ -e {marker} ]; then\n{writes(PASSING)}fi\ntouch {marker}\n{writes(FAILING, 'exit 1')}"
    record = Bench.create(tmp_path, script, reruns_count=2).run(no_base=True).records[0]
    assert known(record)["flaky_count"] == 1
    assert known(record)["failed_count"] == 0
    assert record.exit_code == 0
    assert record.tests is not None
    assert record.tests.flaky == ("t::b",)


def test_coverage_of_other_paths_is_unknown_and_says_that_other_code_ran(tmp_path: Path) -> None:
    """A report about somebody else's files must not read as full coverage."""
    coverage = "TN:\nSF:/elsewhere/other.py\nDA:1,1\nend_of_record\n"
    script = f"{writes(PASSING, '')}cat > lcov.info <<'END'\n{coverage}END\n"
    record = Bench.create(tmp_path, script).run().records[1]
    assert "the tests ran other code" in record.unknown["coverage.exercised_ratio"]


def test_an_interrupted_run_leaves_no_checkout_no_process_and_no_record(tmp_path: Path) -> None:
    """Ctrl-C and `kill` in the middle of the tests."""
    pid_file = tmp_path / "pid"
    bench = Bench.create(tmp_path, f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; echo ready; sleep 60\n")
    command = [sys.executable, "-m", "release_harness", "evidence", "run"]
    rh = subprocess.Popen(
        command, cwd=bench.repository.path, env=bench.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert rh.stderr is not None
    assert any(b"ready" in line for line in rh.stderr)
    rh.send_signal(signal.SIGTERM)
    rh.wait(timeout=30)
    rh.stderr.close()
    assert rh.returncode != 0
    assert bench.left_checkouts() == []
    assert not Path(f"/proc/{int(pid_file.read_text())}").exists()
    assert not bench.database().exists()


def test_reports_of_a_ci_are_taken_in_once(tmp_path: Path) -> None:
    """CI systems retry uploads; the same file twice is one record, with an origin of its own."""
    bench = Bench.create(tmp_path, "")
    request = AddInput(files=(bench.report("junit.xml", PASSING),), exit_code=0)
    first = bench.call("evidence add", request)
    second = bench.call("evidence add", request)
    assert (first.new_count, second.new_count) == (1, 0)  # type: ignore[attr-defined]
    assert first.records == second.records  # type: ignore[attr-defined]
    fact = bench.fact("tests.run_count")
    assert isinstance(fact, Known)
    assert fact.source.startswith("reported by CI")


def test_shards_add_up_and_a_failure_in_one_of_them_stays(tmp_path: Path) -> None:
    """The last shard to arrive must not be the only one that counts."""
    bench = Bench.create(tmp_path, "")
    other = PASSING.replace('classname="t"', 'classname="u"')
    bench.call("evidence add", AddInput(files=(bench.report("one.xml", FAILING),), exit_code=1))
    bench.call("evidence add", AddInput(files=(bench.report("two.xml", other),), exit_code=0))
    facts = bench.findings().facts
    assert facts["tests.run_count"] == Known(value=4, source="reported by CI: ana@example.org")
    assert isinstance(facts["tests.failed_count"], Known)
    assert (facts["tests.failed_count"].value, facts["tests.exit_code"].value) == (1, 1)  # type: ignore[union-attr]


def test_a_report_without_an_exit_code_leaves_it_unknown(tmp_path: Path) -> None:
    """A JUnit file does not say how the command ended; it may have crashed after writing it."""
    bench = Bench.create(tmp_path, "")
    bench.call("evidence add", AddInput(files=(bench.report("junit.xml", PASSING),)))
    assert isinstance(bench.fact("tests.exit_code"), Unknown)


def test_one_broken_file_and_nothing_is_recorded(tmp_path: Path) -> None:
    """Half of an upload is not evidence."""
    bench = Bench.create(tmp_path, "")
    files = (bench.report("good.xml", PASSING), bench.report("bad.xml", PASSING[:40]))
    with pytest.raises(InputError):
        bench.call("evidence add", AddInput(files=files))
    assert not bench.database().exists()


def test_a_report_about_another_tree_is_refused(tmp_path: Path) -> None:
    """The base moved after the CI started: what it tested is not what would be landed."""
    bench = Bench.create(tmp_path, "")
    bench.repository.checkout("main")
    bench.repository.commit({"other.py": "z = 1\n"})
    bench.repository.checkout("topic")
    with pytest.raises(Conflict) as caught:
        bench.call("evidence add", AddInput(files=(bench.report("junit.xml", PASSING),), exit_code=0))
    assert caught.value.code == "REPORT_OTHER_CONTENT"


def test_findings_of_a_scanner_count_only_when_new(tmp_path: Path) -> None:
    """SARIF of the base and of the change, told apart by fingerprint."""
    bench = Bench.create(tmp_path, "")

    def sarif(*names: str) -> str:
        results = [{"ruleId": each, "level": "error", "message": {"text": each}} for each in names]
        return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": results}]})

    bench.call("evidence add", AddInput(files=(bench.report("s.sarif", sarif("old", "new")),)))
    assert bench.fact("sarif.errors_count") == Known(value=2, source="reported by CI: ana@example.org")


def test_a_moved_base_makes_evidence_stale_and_lists_the_rerun(tmp_path: Path) -> None:
    """The result tree is another one; the change is still the same."""
    bench = Bench.create(tmp_path, writes(PASSING))
    bench.run()
    bench.repository.checkout("main")
    bench.repository.commit({"other.py": "z = 1\n"})
    bench.repository.checkout("topic")
    findings = bench.findings()
    assert isinstance(findings.facts["tests.run_count"], Unknown)
    assert [each.rerun for each in findings.stale] == ["rh evidence run", "rh evidence run"]
    assert all("the base has moved" in each.because for each in findings.stale)
    assert findings.stale[0].cost_seconds is not None


def test_a_new_commit_on_the_branch_makes_evidence_stale_too(tmp_path: Path) -> None:
    """Also after an amend: neither tree nor change is the same, and only the branch tells that they belong together."""
    bench = Bench.create(tmp_path, writes(PASSING))
    bench.run(no_base=True)
    bench.repository.write("app.py", "x = 1\ny = 3\n")
    bench.repository.git("commit", "--quiet", "--all", "--amend", "-m", "Change again")
    findings = bench.findings()
    assert isinstance(findings.facts["tests.run_count"], Unknown)
    assert {each.because for each in findings.stale} == {"it speaks about other content: the result tree differs"}


def test_a_forged_row_is_never_seen_as_evidence(tmp_path: Path) -> None:
    """Somebody with the database file and without the key: unsigned, altered, or moved to another tree."""
    bench = Bench.create(tmp_path, writes(FAILING, "exit 1"))
    bench.run()
    with sqlite3.connect(bench.database()) as connection:
        rows = connection.execute("SELECT id, envelope FROM evidence WHERE predicate LIKE 'test-result%'").fetchall()
        for identity, envelope in rows:
            document = json.loads(envelope)
            document["signatures"] = []
            connection.execute("UPDATE evidence SET envelope = ? WHERE id = ?", (json.dumps(document), identity))
    connection.close()
    findings = bench.findings()
    assert isinstance(findings.facts["tests.run_count"], Unknown)
    assert findings.rejected
    checks = verify_evidence(bench.app(), "", ())
    assert sorted({each.holds for each in checks}) == [False, True]


def test_evidence_signed_by_an_unknown_key_is_not_believed(tmp_path: Path) -> None:
    """Another user's key, until it is trusted."""
    bench = Bench.create(tmp_path, writes(PASSING))
    bench.run()
    stranger = Bench(bench.repository, tmp_path / "other-config")
    assert isinstance(stranger.fact("tests.run_count"), Unknown)


def test_exported_evidence_verifies_offline_with_a_public_key_alone(tmp_path: Path) -> None:
    """An auditor has the file and the key, and neither the ledger nor the repository's user."""
    bench = Bench.create(tmp_path, writes(PASSING))
    bench.run()
    for bundle in (False, True):
        exported = bench.call("evidence export", ExportInput(all_=True, bundle=bundle))
        path = bench.report("evidence.jsonl", "\n".join(exported.documents))  # type: ignore[attr-defined]
        subprocess.run(
            ["openssl", "pkey", "-in", str(bench.config / "signing.key"), "-pubout", "-out", str(tmp_path / "pub.pem")],
            check=True,
            capture_output=True,
        )
        auditor = Bench(GitRepository.create(tmp_path / f"empty-{bundle}"), tmp_path / "no-keys")
        output = auditor.call("evidence verify", VerifyInput(id=path, key=(str(tmp_path / "pub.pem"),)))
        assert [each.holds for each in output.checks] == [True] * len(exported.documents)  # type: ignore[attr-defined]
        assert len(exported.documents) >= 2  # type: ignore[attr-defined]


def test_claims_are_kept_and_no_fact(tmp_path: Path) -> None:
    """What an agent says is shown to the reviewer as what it is."""
    bench = Bench.create(tmp_path, "")
    bench.call("evidence claim", ClaimInput(text="All tests pass."))
    findings = bench.findings()
    assert [each.claims["says"] for each in findings.claims] == ["All tests pass."]
    assert findings.records == ()
    assert isinstance(findings.facts["tests.run_count"], Unknown)


def test_a_fact_that_no_policy_declares_is_refused(tmp_path: Path) -> None:
    """With what is declared instead."""
    bench = Bench.create(tmp_path, "")
    with pytest.raises(InputError) as caught:
        bench.call("evidence fact", FactInput(assignment="made.up=1"))
    assert caught.value.code == "FACT_UNDECLARED"


def test_reading_writes_nothing(tmp_path: Path) -> None:
    """`rh evidence list` in a repository that never saw rh leaves it as it was; what was read of sources may be kept aside."""
    bench = Bench.create(tmp_path, "")
    before = sorted(bench.repository.path.rglob("*"))
    bench.call("evidence list", ListInput())
    bench.call("evidence list", ListInput(all_=True))
    kept = bench.repository.path / ".git" / "rh"
    assert [each for each in sorted(bench.repository.path.rglob("*")) if kept not in (each, *each.parents)] == before
    assert {each.name for each in kept.glob("*")} <= {"cache"}
    assert not bench.config.exists()


def test_secrets_surfaces_and_entry_points_are_known_without_a_record(tmp_path: Path) -> None:
    """They are computed from the diff, each time."""
    bench = Bench.create(tmp_path, "")
    token = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
    bench.repository.commit({"src/auth/login.py": f'x = 1\ntoken = "{token}"\n'})
    findings = bench.findings()
    assert findings.facts["secrets.found_count"] == Known(value=1, source="computed here")
    # Nothing in this repository registers an entry point, so that nobody can tell what runs the file.
    affected = findings.facts["entry_points.affected_count"]
    assert isinstance(affected, Unknown)
    assert "no entry point is known here" in affected.why
    assert any((each.path, each.added) == ("src/auth/login.py", (1, 2)) for each in findings.touches)
    assert token not in repr(findings)


def test_a_run_takes_as_long_as_the_record_says(tmp_path: Path) -> None:
    """The cheapest rerun is chosen by measured time."""
    record = Bench.create(tmp_path, writes(PASSING)).run(no_base=True).records[0]
    assert timedelta(0) < record.finished_at - record.started_at < timedelta(minutes=1)
