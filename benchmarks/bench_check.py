"""Times `rh check` against `git diff --numstat` on generated repositories, the start of the command, and `rh retro`.

    python benchmarks/bench_check.py [--runs 20] [--sizes 1000,10000,30000] [--merges 1000] [--json FILE]

Every figure is the median of whole processes with a warm cache, taken in one run on one machine; the baseline stands
beside it. The targets are those that the project set itself: `rh --version` 100 ms, `rh check --help` 150 ms, `rh check`
4 times `git diff --numstat base...head` + 300 ms, `rh retro` over 1,000 merges 10 s.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

RH = [sys.executable, "-m", "release_harness"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed command has its bytecode; compiling 250 modules anew each time would hide everything else."""
CHANGED_COUNT = 20
FILES_IN_FOLDER = 100
START_TARGETS_SECONDS = {"rh --version": 0.100, "rh check --help": 0.150}
RETRO_TARGET_SECONDS = 10.0


class Taken(NamedTuple):
    """Time of one command with everything that it starts."""

    seconds: float
    cpu_seconds: float
    """Unlike the time on the clock, hardly longer on a busy machine."""


def main() -> int:
    """Measure everything, print a table, and return 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--sizes", default="1000,10000,30000")
    parser.add_argument("--merges", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rh-bench-") as kept:
        rows = measure_start(Path(kept), arguments.runs)
        for size in (int(each) for each in arguments.sizes.split(",")):
            rows += measure_check(Path(kept) / f"files-{size}", size, arguments.runs)
        rows.append(measure_retro(Path(kept) / "retro", arguments.merges))
    machine = describe_machine()
    print_table(rows, machine)
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"schema": "rh.bench-check/1", "machine": machine, "rows": rows}, indent=2)
        )
    return 0 if all(row["met"] in (True, None) for row in rows) else 1


def measure_start(folder: Path, runs_count: int) -> list[dict[str, Any]]:
    """Time the commands that read nothing."""
    bare = median_seconds([sys.executable, "-c", ""], folder, runs_count)
    rows = [row("python -c ''", bare, None)]
    for name, target in START_TARGETS_SECONDS.items():
        rows.append(row(name, median_seconds([*RH, *name.split()[1:]], folder, runs_count), target))
    return rows


def measure_check(folder: Path, files_count: int, runs_count: int) -> list[dict[str, Any]]:
    """Time one change of 20 files in a repository of this size: moved base, so that a merge has to be made."""
    make_repository(folder, files_count)
    numstat = median_seconds(["git", "diff", "--numstat", "main...change"], folder, runs_count)
    target = 4 * numstat.seconds + 0.300
    label = f"{files_count} files"
    return [
        row(f"{label}: git diff --numstat", numstat, None),
        row(f"{label}: rh change show", median_seconds([*RH, "change", "show", "change"], folder, runs_count), target),
        row(f"{label}: rh check", median_seconds([*RH, "check", "change"], folder, runs_count), target),
        row(
            f"{label}: rh check, base not moved",
            median_seconds([*RH, "check", "change", "--base", "start"], folder, runs_count),
            target,
        ),
    ]


def measure_retro(folder: Path, merges_count: int) -> dict[str, Any]:
    """Time one look back over a history of merges."""
    make_history(folder, merges_count)
    seconds = median_seconds([*RH, "retro", "--last", str(merges_count), "--format", "json"], folder, 3)
    return row(f"rh retro over {merges_count} merges", seconds, RETRO_TARGET_SECONDS)


def make_repository(folder: Path, files_count: int) -> None:
    """Make a repository of this many files, a branch that changes 20 of them, and a main that moved on."""
    names = [f"src/part{number // FILES_IN_FOLDER:04}/module{number}.py" for number in range(files_count)]
    stream = Stream()
    stream.commit("refs/heads/main", "Start", [(name, module(number, "")) for number, name in enumerate(names)])
    step = max(files_count // CHANGED_COUNT, 1)
    changed = [(name, module(number * step, "change")) for number, name in enumerate(names[::step][:CHANGED_COUNT])]
    stream.copy_branch("refs/heads/start", "refs/heads/main")
    stream.commit("refs/heads/change", "Change twenty modules\n\nBecause of it.", changed, start="refs/heads/main")
    stream.commit("refs/heads/main", "Move main", [(names[1], module(1, "moved"))])
    stream.write(folder)


def make_history(folder: Path, merges_count: int) -> None:
    """Make a main with this many merge commits, each of which brings in two commits that edit three files."""
    stream = Stream()
    stream.commit("refs/heads/main", "Start", [(f"src/m{number}.py", module(number, "")) for number in range(300)])
    for number in range(merges_count):
        files = [(f"src/m{(number * 7 + each) % 300}.py", module(each, f"{number}")) for each in range(3)]
        stream.commit("refs/heads/work", f"Work {number}", files[:2], start="refs/heads/main")
        stream.commit("refs/heads/work", f"More {number}", files[2:])
        says = f"Merge pull request #{number} from x/y\n\nImprove part {number}"
        stream.commit("refs/heads/main", says, files, merged="refs/heads/work")
    stream.write(folder)


def module(number: int, mark: str) -> str:
    """Write a module of thirty lines."""
    lines = [f"def function_{number}_{line}(value):\n    return value + {line}\n" for line in range(14)]
    return f"MARK = {mark!r}\n\n" + "".join(lines) + f"# {mark}\n"


class Stream:
    """Input of `git fast-import`, which writes thousands of objects in a second."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts: list[bytes] = []
        self._seconds = 1_790_000_000

    def commit(
        self, ref: str, message: str, files: Sequence[tuple[str, str]], *, start: str = "", merged: str = ""
    ) -> None:
        """Add one commit to a branch; `start` is where a new branch begins."""
        if start:
            self.copy_branch(ref, start)
        self._seconds += 60
        text = message.encode()
        parts = [
            f"commit {ref}\ncommitter Ana <ana@example.org> {self._seconds} +0000\ndata {len(text)}\n".encode(),
            text,
        ]
        parts.append(b"\n" + (f"merge {merged}\n".encode() if merged else b""))
        for name, content in files:
            data = content.encode()
            parts.append(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")
        self._parts += parts

    def copy_branch(self, ref: str, start: str) -> None:
        """Let one branch point where another does."""
        self._parts.append(f"reset {ref}\nfrom {start}\n\n".encode())

    def write(self, folder: Path) -> None:
        """Make the repository, packed as a clone would be, with `change` or `main` checked out."""
        folder.mkdir()
        run(["git", "init", "--quiet", "--initial-branch=main"], folder)
        run(["git", "fast-import", "--quiet"], folder, b"".join(self._parts))
        run(["git", "repack", "-adq"], folder)
        run(["git", "reset", "--quiet", "--hard"], folder)


def median_seconds(command: Sequence[str], folder: Path, runs_count: int) -> Taken:
    """Return the medians of whole processes, after one that warms the cache."""
    taken = []
    for _ in range(runs_count + 1):
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        taken.append((time.perf_counter() - started, usage.ru_utime + usage.ru_stime))
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 3):
            message = f"{' '.join(command)} ended with {process.returncode}"
            raise SystemExit(message)
    return Taken(statistics.median(each[0] for each in taken[1:]), statistics.median(each[1] for each in taken[1:]))


def run(command: Sequence[str], folder: Path, stdin: bytes = b"") -> None:
    """Run a command that must work."""
    subprocess.run(command, cwd=folder, input=stdin, check=True, stdout=subprocess.DEVNULL)


def row(name: str, taken: Taken, target_seconds: float | None) -> dict[str, Any]:
    """Build one line of the table."""
    met = None if target_seconds is None else taken.seconds <= target_seconds
    return {"name": name, **taken._asdict(), "target_seconds": target_seconds, "met": met}


def describe_machine() -> str:
    """Say what was measured on, without naming the machine itself."""
    git = subprocess.run(["git", "version"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {load}, Python {platform.python_version()}, {git}"


def print_table(rows: Sequence[dict[str, Any]], machine: str) -> None:
    """Print the figures."""
    print(machine)
    print(f"{'what':<44}{'median':>10}{'CPU':>10}{'target':>10}  met")
    for each in rows:
        target = "" if each["target_seconds"] is None else f"{each['target_seconds'] * 1000:.0f} ms"
        met = "" if each["met"] is None else "yes" if each["met"] else "NO"
        shown = f"{each['seconds'] * 1000:>7.0f} ms{each['cpu_seconds'] * 1000:>7.0f} ms"
        print(f"{each['name']:<44}{shown}{target:>10}  {met}")


if __name__ == "__main__":
    sys.exit(main())
