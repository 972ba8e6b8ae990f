"""Measures the ledger: appends on SQLite beside a bare insert, proofs, and the verification of a whole log.

    python benchmarks/bench_ledger.py [--entries 100000] [--json FILE]

Everything runs on real files in a temporary folder. The baseline is Python's own `sqlite3` that inserts a row of the same
size, one transaction each, with the same pragmas and no index, hash, tree or link.
"""

import argparse
import json
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from release_harness.adapters.keys import check_signature
from release_harness.adapters.ledger_files import WitnessFile
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Outside
from release_harness.ledger.database import Database
from release_harness.ledger.inspection import audit_database
from release_harness.ledger.merkle import inclusion_proof, verify_inclusion
from release_harness.ledger.model import NewEvent
from release_harness.ledger.reading import NodeReader
from release_harness.testing.ledger import SeededSigner, make_event, open_sqlite_ledger

BATCH = 1000
PROOFS = 500
SEALED = 300
ROUNDS = 5
PER_ROUND = 2000

GOALS = {
    "append, one transaction each": 2000.0,
    "proof and verification": 1.0,
    "verify the whole log": 5.0,
}


def event(number: int) -> NewEvent:
    """Build an event of about the size of an evidence record, with an idempotency key."""
    payload: dict[str, Any] = {
        "number": number,
        "tree": f"{number:040x}",
        "command": ["pytest", "-q"],
        "facts": {"tests": number},
    }
    return make_event("EvidenceRecorded", f"change:{number % 500}", payload, key=f"evidence:{number}")


def per_second(count: int, work: Callable[[], object]) -> float:
    """Return how many of `count` things are done in a second."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def bare_inserts(folder: Path) -> Callable[[int, int], float]:
    """Return the baseline: bare sqlite3, WAL, synchronous=NORMAL, BEGIN IMMEDIATE, one row for each transaction."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, content TEXT, payload TEXT)")

    def run(start: int, count: int) -> float:
        def work() -> None:
            for number in range(start, start + count):
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO events VALUES (?, ?, ?)", (number, "x" * 550, "y" * 150))
                connection.execute("COMMIT")

        return per_second(count, work)

    return run


def side_by_side(folder: Path, ledger: Database) -> dict[str, float]:
    """Measure both in turns, so that a busy machine disturbs both alike; the medians are returned."""
    bare = bare_inserts(folder)
    rates: dict[str, list[float]] = {"bare": [], "ledger": []}
    for turn in range(ROUNDS):
        start = turn * PER_ROUND
        rates["bare"].append(bare(start, PER_ROUND))

        def appends(start: int = start) -> None:
            for number in range(start, start + PER_ROUND):
                ledger.append(event(number))

        rates["ledger"].append(per_second(PER_ROUND, appends))
    return {name: statistics.median(found) for name, found in rates.items()}


def sealed_appends(folder: Path) -> float:
    """Return the rate of what a command does: synchronous=FULL, a signed checkpoint, and a synced note outside."""
    ledger = open_sqlite_ledger(folder / "sealed.db", witness=WitnessFile(lambda: folder), durable=True)

    def work() -> None:
        for number in range(SEALED):
            ledger.append(event(number))

    rate = per_second(SEALED, work)
    ledger.close()
    return rate


def fill(ledger: Database, start: int, entries: int) -> float:
    """Append up to `entries`, a thousand in each transaction with a checkpoint each; returns the rate."""

    def work() -> None:
        for first in range(start, entries, BATCH):
            with ledger.write() as transaction:
                for number in range(first, min(first + BATCH, entries)):
                    transaction.append(event(number))
                transaction.checkpoint()

    return per_second(max(entries - start, 1), work)


def time_proofs(ledger: Database, entries: int) -> list[float]:
    """Return the milliseconds of making and verifying proofs all over the log."""
    root = bytes.fromhex(ledger.checkpoint().root)
    times = []
    with ledger.read() as connection:
        reader = NodeReader(connection)
        for turn in range(PROOFS):
            seq = turn * (entries // PROOFS)
            leaf = reader([(0, seq)])[0, seq]
            start = time.perf_counter()
            path = inclusion_proof(seq, entries, reader)
            holds = verify_inclusion(leaf, seq, entries, path, root)
            times.append((time.perf_counter() - start) * 1000)
            if not holds:
                sys.exit(f"the proof of entry {seq} does not verify")
    return times


def time_audit(ledger: Database) -> float:
    """Return the seconds of a verification of everything: hashes, payloads, links, tree, checkpoints, tables."""
    note = ledger.checkpoint().note
    outside = Outside(place="memory", text=note)
    start = time.perf_counter()
    audit = audit_database(ledger, (outside,), (SeededSigner().public_key(),), check_signature)
    seconds = time.perf_counter() - start
    if audit.outcome is not Outcome.PASS:
        sys.exit(f"the ledger does not verify: {audit.says}")
    return seconds


def measure(folder: Path, entries: int) -> list[dict[str, Any]]:
    """Return one row for each figure."""
    ledger = open_sqlite_ledger(folder / "ledger.db")
    rates = side_by_side(folder, ledger)
    sealed = sealed_appends(folder)
    batch = fill(ledger, ROUNDS * PER_ROUND, entries)
    proofs = time_proofs(ledger, entries)
    audit = time_audit(ledger)
    ledger.close()
    rate = rates["ledger"]
    return [
        row(
            "append, one transaction each", rate, "1/s", "WAL, synchronous=NORMAL, with idempotency key", at_least=True
        ),
        row(
            "baseline: bare sqlite3 insert",
            rates["bare"],
            "1/s",
            "same pragmas, one transaction each; no index, no hash",
        ),
        row("append as a command does", sealed, "1/s", "synchronous=FULL, signed checkpoint, synced note outside"),
        row("append, 1000 in a transaction", batch, "1/s", "one checkpoint for each transaction"),
        row("proof and verification", statistics.median(proofs), "ms", f"median of {PROOFS} at {entries} entries"),
        row("proof and verification, p99", sorted(proofs)[int(PROOFS * 0.99)], "ms", "as above"),
        row("verify the whole log", audit, "s", f"{entries} entries, {entries // BATCH} checkpoints"),
    ]


def row(name: str, value: float, unit: str, how: str, *, at_least: bool = False) -> dict[str, Any]:
    """Return a figure with its goal, if it has one."""
    goal = GOALS.get(name)
    met = None if goal is None else (value >= goal if at_least else value <= goal)
    return {"name": name, "value": round(value, 3), "unit": unit, "goal": goal, "met": met, "how": how}


def main() -> int:
    """Print the table; exit with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rh-bench-") as name:
        # The rounds beside the bare inserts are in the log already, so it cannot be smaller than they are.
        rows = measure(Path(name), max(options.entries, ROUNDS * PER_ROUND))
    print(f"{'figure':<32} {'value':>10} {'unit':<4} {'goal':>8}  {'':<6} how")
    for each in rows:
        met = {True: "met", False: "MISSED", None: ""}[each["met"]]
        goal = "" if each["goal"] is None else f"{each['goal']:g}"
        print(f"{each['name']:<32} {each['value']:>10,.2f} {each['unit']:<4} {goal:>8}  {met:<6} {each['how']}")
    if options.json:
        about = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "machine": platform.machine()}
        options.json.write_text(
            json.dumps({"schema": "rh.bench.ledger/1", "about": about, "rows": rows}, indent=2) + "\n"
        )
    return 0 if all(each["met"] is not False for each in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
