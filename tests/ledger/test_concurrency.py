"""Many writers at once, and writers that are killed in the middle: nothing is lost, doubled or torn."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from release_harness.adapters.keys import check_signature
from release_harness.adapters.ledger_files import WitnessFile
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Audit, Outside
from release_harness.ledger.inspection import audit_database
from release_harness.testing.ledger import SeededSigner, open_postgres_ledger, open_sqlite_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from release_harness.ledger.database import Database

WRITERS_COUNT = 8
APPENDS_COUNT = 40

# Eight processes that each load SQLAlchemy: several seconds on two cores.
pytestmark = pytest.mark.slow

WRITER = """
import secrets, sys
from datetime import timedelta
from pathlib import Path
from release_harness.adapters.ledger_files import WitnessFile
from release_harness.testing.ledger import make_event, open_postgres_ledger, open_sqlite_ledger

place, folder, name, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
witness = WitnessFile(lambda: folder)
wait = timedelta(seconds=60)
if place.startswith("postgresql:"):
    ledger = open_postgres_ledger(place, witness=witness, waiting_time=wait)
else:
    ledger = open_sqlite_ledger(Path(place), witness=witness, durable=True, waiting_time=wait)
ledger._entropy = secrets.token_bytes
for number in range(count):
    ledger.append(make_event(key=f"{name}:{number}", payload={"writer": name, "number": number}))
    print(number, flush=True)
ledger.close()
"""


def start_writer(place: str, folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    """Start a process that appends and prints each number that was answered."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, place, str(folder), name, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def open_place(place: str) -> "Database":
    """Open the ledger at a path or an address."""
    return open_postgres_ledger(place) if place.startswith("postgresql:") else open_sqlite_ledger(Path(place))


def audit_place(place: str, folder: Path) -> Audit:
    """Verify the ledger against the witness file in the folder."""
    ledger = open_place(place)
    outside = Outside(place="the witness", text=WitnessFile(lambda: folder).read(), complete=True)
    try:
        return audit_database(ledger, (outside,), (SeededSigner().public_key(),), check_signature)
    finally:
        ledger.close()


@pytest.fixture(
    params=["sqlite", pytest.param(16, marks=pytest.mark.postgres), pytest.param(18, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres-16", "postgres-18"],
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a ledger that does not exist yet."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    new_database: Callable[[int], str] = request.getfixturevalue("new_postgres_database")
    return new_database(request.param)


def test_eight_writers_lose_nothing_and_fail_never(place: str, tmp_path: Path) -> None:
    """All of them even make the ledger at the same moment; each append is one transaction with its own checkpoint."""
    writers = [start_writer(place, tmp_path, f"w{number}", APPENDS_COUNT) for number in range(WRITERS_COUNT)]
    outputs = [writer.communicate(timeout=120) for writer in writers]
    assert [(writer.returncode, error) for writer, (_, error) in zip(writers, outputs, strict=True)] == [(0, "")] * 8
    audit = audit_place(place, tmp_path)
    assert audit.outcome is Outcome.PASS, audit
    assert audit.size == WRITERS_COUNT * APPENDS_COUNT


def test_a_writer_killed_in_the_middle_leaves_a_whole_ledger(place: str, tmp_path: Path) -> None:
    """Every append that was answered is there, and the next writer goes on; running again doubles nothing."""
    answered = 0
    for kill_after in (1, 5, 9, 14):
        writer = start_writer(place, tmp_path, "again", 10_000)
        assert writer.stdout is not None
        for line in writer.stdout:
            answered = max(answered, int(line) + 1)
            if int(line) + 1 >= kill_after:
                break
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.communicate()[0].splitlines()
        answered = max([answered, *(int(line) + 1 for line in rest)])
        audit = audit_place(place, tmp_path)
        assert audit.faults == (), audit
        # One more may have been committed than was answered.
        assert answered <= audit.size <= answered + 1
    ledger = open_place(place)
    ledger._witness = WitnessFile(lambda: tmp_path)
    ledger.checkpoint()
    ledger.close()
    assert audit_place(place, tmp_path).outcome is Outcome.PASS
