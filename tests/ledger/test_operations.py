"""The commands of the ledger, through the real application in a real repository."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from release_harness.app import Application
from release_harness.kernel.errors import HarnessError, NotFound
from release_harness.kernel.operations import AnyOperation, Effect, View
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.operations import (
    OPERATIONS,
    ExportLog,
    Nothing,
    ProveEntry,
    ShowEntry,
    ShowLog,
    VerifyLog,
)
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.ledger import make_event
from release_harness.testing.progress import RecordedProgress

if TYPE_CHECKING:
    from release_harness.ledger.audit import Audit

# Each test makes a repository and a ledger: 150 ms.
pytestmark = pytest.mark.slow

BY_NAME: dict[str, AnyOperation] = {operation.name: operation for operation in OPERATIONS}


class Desk:
    """A repository with a key folder of its own, and a command line without the line."""

    def __init__(self, folder: Path) -> None:
        self.repository = GitRepository.create(folder / "project")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "RH_"))},
            "RH_CONFIG_DIR": str(folder / "keys"),
        }

    def application(self, folder: Path | None = None) -> Application:
        """Start from nothing, as every command does."""
        return Application(folder or self.repository.path, self.environment, RecordedProgress())

    def record(self, count: int) -> None:
        """Append some events."""
        ledger = self.application().ledger.open()
        for number in range(count):
            ledger.append(make_event(subject=f"change:{number}", payload={"number": number}))
        ledger.close()

    def run(self, name: str, request: object) -> Any:
        """Run an operation, and see that its answer can be shown."""
        operation = BY_NAME[name]
        output = operation.handler(self.application(), request)
        assert operation.text(output, View())
        return output

    def say(self, name: str, request: object) -> str:
        """Return the answer as people see it."""
        operation = BY_NAME[name]
        return operation.text(operation.handler(self.application(), request), View())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty repository."""
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("name", "request_of"),
    [
        ("ledger log", ShowLog),
        ("ledger verify", VerifyLog),
        ("ledger checkpoint", Nothing),
        ("ledger rebuild", Nothing),
        ("ledger show", lambda: ShowEntry(entry="0")),
        ("ledger prove", lambda: ProveEntry(entry="0")),
        ("ledger export", lambda: ExportLog(file="x.json")),
    ],
)
def test_without_a_ledger_every_command_says_so_and_makes_none(
    desk: Desk, name: str, request_of: Callable[[], object]
) -> None:
    """Looking must not leave traces, and an empty answer would look like an empty history."""
    with pytest.raises(NotFound) as caught:
        desk.run(name, request_of())
    assert caught.value.code == "LEDGER_MISSING"
    assert not (desk.repository.path / ".git" / "rh").exists()


def test_a_recorded_history_is_listed_shown_and_verified(desk: Desk) -> None:
    """The main path of an auditor."""
    desk.record(5)
    log = desk.say("ledger log", ShowLog(limit=2))
    assert "change:3" in log
    assert "change:4" in log
    assert "change:2" not in log
    shown = desk.run("ledger show", ShowEntry(entry="3"))
    assert shown.entry.payload == {"number": 3}
    assert shown.sealed
    assert desk.run("ledger show", ShowEntry(entry=shown.entry.id)) == shown
    audit: Audit = desk.run("ledger verify", VerifyLog())
    assert audit.outcome is Outcome.PASS, audit
    assert BY_NAME["ledger verify"].outcome(audit) is Outcome.PASS


def test_an_edit_by_hand_is_found_and_named(desk: Desk) -> None:
    """The promise of the whole part, in one test."""
    desk.record(5)
    connection = sqlite3.connect(desk.repository.path / ".git" / "rh" / "ledger.db")
    with connection:
        connection.execute("UPDATE ledger_events SET subject = 'change:forged' WHERE seq = 2")
    connection.close()
    audit: Audit = desk.run("ledger verify", VerifyLog())
    assert (audit.outcome, audit.first_bad) == (Outcome.FAIL, 2)
    assert "first bad entry: 2" in desk.say("ledger verify", VerifyLog())


def test_all_worktrees_share_one_ledger(desk: Desk) -> None:
    """An agent's worktree is not another history."""
    desk.repository.commit({"a": "1"})
    other = desk.repository.path.parent / "other"
    desk.repository.git("worktree", "add", "--quiet", "-b", "side", str(other))
    desk.record(2)
    found = desk.application(other).ledger.existing()
    assert found is not None
    assert found.append(make_event()).seq == 2
    found.close()


def test_the_witness_is_for_the_owners_eyes_only(desk: Desk) -> None:
    """Others need not know how busy the log is, and must not add to it."""
    desk.record(1)
    path = desk.repository.path / ".git" / "rh" / "checkpoints.txt"
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_export_verifies_offline_and_against_kept_checkpoints(desk: Desk) -> None:
    """The file alone, the key of the signer, and a note that was kept: that is all an auditor needs."""
    desk.record(4)
    folder = desk.repository.path
    exported = desk.run("ledger export", ExportLog(file="ledger.json", verifier="verify.py"))
    assert exported.entries_count == 4
    assert (folder / "verify.py").read_bytes().startswith(b'"""Verifies what')
    (folder / "kept.txt").write_text(desk.say("ledger checkpoint", Nothing()) + "\n", encoding="utf-8")
    desk.record(2)
    assert desk.run("ledger verify", VerifyLog(since="kept.txt")).outcome is Outcome.PASS
    bundle: Audit = desk.run("ledger verify", VerifyLog(bundle="ledger.json", since="kept.txt"))
    assert bundle.outcome is Outcome.PASS, bundle
    assert bundle.size == 4


def test_a_signers_key_can_be_named(desk: Desk, tmp_path: Path) -> None:
    """A colleague verifies a bundle that I signed."""
    desk.record(3)
    key = desk.run("ledger checkpoint", Nothing()).verifier_key
    desk.run("ledger export", ExportLog(file="ledger.json"))
    (desk.repository.path / "kept.txt").write_text(
        desk.run("ledger checkpoint", Nothing()).checkpoint.note, encoding="utf-8"
    )
    desk.environment["RH_CONFIG_DIR"] = str(tmp_path / "colleague")
    without = VerifyLog(bundle="ledger.json", since="kept.txt")
    assert desk.run("ledger verify", without).outcome is Outcome.UNKNOWN
    named = VerifyLog(bundle="ledger.json", since="kept.txt", key=(key,))
    assert desk.run("ledger verify", named).outcome is Outcome.PASS


def test_a_proof_is_a_document(desk: Desk) -> None:
    """Its JSON form is what the stand-alone verifier reads; the schema is added like for every answer."""
    desk.record(9)
    operation = BY_NAME["ledger prove"]
    assert operation.plain is not None
    plain = operation.plain(desk.run("ledger prove", ProveEntry(entry="4")))
    assert operation.schema == "rh.ledger.proof/1"
    assert plain["entry"]["seq"] == 4
    assert len(plain["path"]) == 4
    json.dumps(plain)


@pytest.mark.parametrize("entry", ["99", "e0", "-1", "", "9" * 30])
def test_an_unknown_entry_is_refused(desk: Desk, entry: str) -> None:
    """A typing mistake is no entry."""
    desk.record(1)
    with pytest.raises(HarnessError) as caught:
        desk.run("ledger show", ShowEntry(entry=entry))
    assert caught.value.code == "ENTRY_UNKNOWN"


def test_an_entry_that_nobody_signed_yet_cannot_be_proven(desk: Desk) -> None:
    """A proof against nothing proves nothing."""
    ledger = desk.application().ledger.open()
    ledger._witness = None
    ledger.append(make_event())
    ledger.close()
    with pytest.raises(HarnessError) as caught:
        desk.run("ledger prove", ProveEntry(entry="0"))
    assert caught.value.code == "ENTRY_NOT_SEALED"


@pytest.mark.parametrize(
    ("name", "request_of", "code"),
    [
        ("ledger verify", lambda: VerifyLog(bundle="missing.json"), "FILE_MISSING"),
        ("ledger verify", lambda: VerifyLog(since="missing.txt"), "FILE_MISSING"),
        ("ledger verify", lambda: VerifyLog(bundle="."), "FILE_UNREADABLE"),
        ("ledger export", lambda: ExportLog(file="no/such/folder/x.json"), "FILE_UNWRITABLE"),
        ("ledger verify", lambda: VerifyLog(key=("nonsense",)), "VERIFIER_KEY_MALFORMED"),
    ],
)
def test_a_file_or_key_that_is_not_there_is_named(
    desk: Desk, name: str, request_of: Callable[[], object], code: str
) -> None:
    """Each has its own remedy."""
    desk.record(1)
    with pytest.raises(HarnessError) as caught:
        desk.run(name, request_of())
    assert caught.value.code == code


def test_hostile_text_in_entries_never_reaches_the_terminal(desk: Desk) -> None:
    """A branch name may hold escape sequences."""
    ledger = desk.application().ledger.open()
    ledger.append(make_event(subject="branch:\x1b[2J", payload={"title": "\x1b]0;owned\x07\u202e"}))
    ledger.close()
    for text in (desk.say("ledger log", ShowLog()), desk.say("ledger show", ShowEntry(entry="0"))):
        assert all(char.isprintable() or char == "\n" for char in text)


def test_rebuilding_leaves_a_sound_ledger(desk: Desk) -> None:
    """The events stay as they are."""
    desk.record(3)
    assert desk.run("ledger rebuild", Nothing()).events_count == 3
    assert desk.run("ledger verify", VerifyLog()).outcome is Outcome.PASS


def test_commands_that_only_look_are_marked_as_reading() -> None:
    """Surfaces let anybody read, and ask before they write."""
    reading = {name for name, operation in BY_NAME.items() if operation.effect is Effect.READ}
    assert reading == {"ledger log", "ledger show", "ledger verify", "ledger prove"}
