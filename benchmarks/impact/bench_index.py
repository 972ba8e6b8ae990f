"""Times reading whole trees into facts: cold with one and with two processes, and warm, beside two parsers as the floor.

    python -m benchmarks.impact.bench_index SOURCE… [--runs 3] [--json FILE]

A SOURCE is a folder with Python sources, such as an unpacked wheel, or a git directory (its HEAD is read; nothing is
written to it). Every figure is the best of some whole processes: CPU seconds with everything that they start, wall seconds,
and the largest resident size of all processes together. `parse` rows only parse, in one process, and keep nothing.
"""

import argparse
import ast
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release_harness.adapters.facts_cache import SqliteFactsCache
from release_harness.app import Application
from release_harness.steps.evidence.flow.index import tree_facts
from release_harness.testing.progress import RecordedProgress

ROWS = ("tree-sitter parse", "ast parse", "cold, 1 process", "cold, 2 processes", "warm")
LARGE_LINES_COUNT = 500_000
TARGETS_SECONDS = {"large": {"cold, 1 process": 20.0, "cold, 2 processes": 12.0, "warm": 1.5}, "small": {"warm": 0.3}}
RSS_TARGET_BYTES = 600 << 20


def main() -> int:
    """Measure every source and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", choices=ROWS, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.sources[0], arguments.cache)))
        return 0
    machine = describe_machine()
    print(machine)
    found = []
    with tempfile.TemporaryDirectory(prefix="rh-bench-index-") as kept:
        for number, source in enumerate(arguments.sources):
            found.append(
                measure_source(as_repository(source, Path(kept) / f"tree{number}"), source.name, arguments.runs)
            )
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"schema": "rh.bench-index/1", "machine": machine, "sources": found}, indent=2)
        )
    return 0


def as_repository(source: Path, place: Path) -> Path:
    """Return a git repository with the source; a folder is put into a new one."""
    if (source / "HEAD").exists() or (source / ".git").exists():
        return source
    place.mkdir()
    git = ["git", f"--git-dir={place}", f"--work-tree={source.resolve()}"]
    subprocess.run(["git", "init", "--quiet", "--bare", str(place)], check=True)
    subprocess.run([*git, "-c", "core.bare=false", "add", "--all", "--force"], check=True, cwd=source)
    people = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "core.bare=false"]
    subprocess.run([*git, *people, "commit", "--quiet", "-m", "sources"], check=True, cwd=source)
    return place


def measure_source(repository: Path, name: str, runs_count: int) -> dict[str, Any]:
    """Measure all rows of one source and print them."""
    rows: list[dict[str, Any]] = []
    for row in ROWS:
        with tempfile.TemporaryDirectory(prefix="rh-bench-cache-") as cache:
            if row == "warm":
                run(row, repository, Path(cache))
            taken = []
            for attempt in range(runs_count):
                place = Path(cache) if row == "warm" else Path(cache) / str(attempt)
                taken.append(run(row, repository, place))
        best = min(taken, key=lambda each: float(each["cpu_seconds"]))
        rows.append({"row": row, **best, "wall_seconds": min(float(each["wall_seconds"]) for each in taken)})
    lines_count = max(int(each["lines_count"]) for each in rows)
    targets = TARGETS_SECONDS["large" if lines_count >= LARGE_LINES_COUNT else "small"]
    print(f"\n{name}: {rows[0]['files_count']} Python files, {lines_count} lines")
    print(f"{'what':<22}{'CPU s':>8}{'wall s':>8}{'RSS MB':>8}{'kLOC/CPU s':>12}  target")
    for each in rows:
        target = f"{targets[each['row']]:.1f} s" if each["row"] in targets else ""
        speed = lines_count / 1000 / max(float(each["cpu_seconds"]), 0.001)
        print(
            f"{each['row']:<22}{each['cpu_seconds']:>8.2f}{each['wall_seconds']:>8.2f}"
            f"{each['rss_bytes'] / (1 << 20):>8.0f}{speed:>12.0f}  {target}"
        )
    return {"name": name, "lines_count": lines_count, "rows": rows}


def run(row: str, repository: Path, cache: Path) -> dict[str, Any]:
    """Run one row in a process of its own; its start-up counts."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [
        sys.executable,
        "-m",
        "benchmarks.impact.bench_index",
        str(repository),
        "--measure",
        row,
        "--cache",
        str(cache),
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    finished = subprocess.run(command, check=True, capture_output=True, env=environment)
    wall_seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said: dict[str, Any] = json.loads(finished.stdout)
    if "cpu_seconds" not in said:
        # Parsers alone are the floor of the work; starting and reading do not belong to them.
        said = {**said, "cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds}
    return said


def measure(row: str, repository: Path, cache: Path) -> dict[str, Any]:
    """Do the work of one row in this process and say what it took."""
    if row.endswith("parse"):
        return measure_parser(row, contents_of(repository))
    processes = {"cold, 1 process": 1, "cold, 2 processes": 2}.get(row, 2)
    needs = Application(repository, {**os.environ, "RH_PROCESSES": str(processes)}, RecordedProgress())
    needs.__dict__["facts_cache"] = SqliteFactsCache(lambda: cache, needs.clock)
    tree = tree_facts(needs, "HEAD")
    counts = tree.counts
    needs.repository.close()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    children_count = processes if row.endswith("processes") else 1
    return {
        "files_count": counts.files_count,
        "lines_count": 0,
        "partial_count": counts.partial_count,
        "failed_count": len(counts.failed),
        "rss_bytes": (own + children_count * largest_child) * 1024,
    }


def measure_parser(row: str, contents: Sequence[bytes]) -> dict[str, Any]:
    """Parse every content and keep nothing."""
    import gc

    from release_harness.steps.evidence.impact.extract.grammar import parse

    gc.disable()
    warnings.simplefilter("ignore")
    refused_count = 0
    parse("python", b"")
    cpu_before, wall_before = time.process_time(), time.perf_counter()
    for content in contents:
        try:
            parse("python", content) if row.startswith("tree") else ast.parse(content)
        except (SyntaxError, ValueError):
            refused_count += 1
    return {
        "cpu_seconds": time.process_time() - cpu_before,
        "wall_seconds": time.perf_counter() - wall_before,
        "files_count": len(contents),
        "lines_count": sum(content.count(b"\n") for content in contents),
        "refused_count": refused_count,
        "rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def contents_of(repository: Path) -> list[bytes]:
    """Return the Python sources of HEAD."""
    needs = Application(repository, os.environ, RecordedProgress())
    paths = [path for path in needs.repository.list_blobs("HEAD") if path.endswith((".py", ".pyi"))]
    found = needs.repository.read_files("HEAD", paths, limit_bytes=4_000_000)
    needs.repository.close()
    return list(found.values())


def describe_machine() -> str:
    """Say what was measured on, without naming the machine itself."""
    load = f"load {os.getloadavg()[0]:.1f}"
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {load}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
