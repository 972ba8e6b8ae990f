"""Times `rh impact` and `rh check` whole, as a person starts them: cold, on a new commit, and asked again.

    python -m benchmarks.impact.bench_check REPOSITORY… [--commits 3] [--package NAME --root FOLDER] [--json FILE]

A REPOSITORY is a folder with a `.git`. It is cloned with shared objects into a temporary folder, so that nothing is written to
it and the first question meets no cache. `new commit` asks about other neighbouring commits and gives the median and the
largest; `again` asks the last question once more. Every figure is of whole processes, start-up included: CPU seconds of the
command and of everything that it starts, wall seconds, and the largest proportional memory (PSS) of all its processes at one
time. Beside them, in the same run: grimp's import graph of a package below a folder, and a parse of every Python file by
tree-sitter alone, which is the floor of a cold run.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.impact.bench_index import describe_machine
from benchmarks.impact.bench_index import run as run_parser

LARGE_LINES_COUNT = 500_000
TARGETS_SECONDS = {"large": {"cold": 12.0, "new commit": 1.5}, "small": {"cold": 2.0, "new commit": 0.3}}
RSS_TARGET_BYTES = 600 << 20
_LOOK_SECONDS = 0.1


def main() -> int:
    """Measure every repository and print one table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=3)
    parser.add_argument("--package", default="")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    machine = describe_machine()
    print(machine)
    found = []
    for repository in arguments.repositories:
        with tempfile.TemporaryDirectory(prefix="rh-bench-check-") as place:
            clone = Path(place) / "clone"
            subprocess.run(["git", "clone", "--quiet", "--shared", "--bare", str(repository), str(clone)], check=True)
            found.append(measure(clone, repository.name, arguments))
    if arguments.json:
        said = {"schema": "rh.bench-check/1", "machine": machine, "repositories": found}
        arguments.json.write_text(json.dumps(said, indent=2) + "\n")
    return 0


def measure(clone: Path, name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure all rows of one repository and print them."""
    floor = run_parser("tree-sitter parse", clone, clone)
    rows: list[dict[str, Any]] = []
    for command in ("impact", "check"):
        rows += measure_command(clone, command, arguments.commits)
    rows.append({"row": "tree-sitter parse", **floor})
    if arguments.package and arguments.root:
        rows += measure_grimp(arguments.package, arguments.root)
    lines_count = int(floor["lines_count"])
    targets = TARGETS_SECONDS["large" if lines_count >= LARGE_LINES_COUNT else "small"]
    print(f"\n{name}: {floor['files_count']} Python files, {lines_count} lines; {describe_machine()}")
    print(f"{'what':<30}{'CPU s':>8}{'wall s':>8}{'PSS MB':>8}{'load':>6}  target")
    for each in rows:
        target = next((f"{seconds} s" for key, seconds in targets.items() if key in each["row"]), "")
        print(
            f"{each['row']:<30}{each['cpu_seconds']:>8.2f}{each['wall_seconds']:>8.2f}"
            f"{each['rss_bytes'] / (1 << 20):>8.0f}{each.get('load', 0.0):>6.1f}  {target}"
        )
    return {"name": name, "lines_count": lines_count, "rows": rows}


def measure_command(clone: Path, command: str, commits_count: int) -> list[dict[str, Any]]:
    """Ask about one commit without any cache, about its neighbours, and about the last of them again."""
    forget(clone)
    questions = [f"HEAD~{at + 1}..HEAD~{at}" for at in range(commits_count, -1, -1)]
    cold = run_command(clone, command, questions[0])
    new = [run_command(clone, command, each) for each in questions[1:]]
    again = run_command(clone, command, questions[-1])
    by_cpu = sorted(new, key=lambda each: float(each["cpu_seconds"]))
    median = {
        **by_cpu[len(by_cpu) // 2],
        "cpu_seconds": statistics.median(float(each["cpu_seconds"]) for each in new),
        "wall_seconds": statistics.median(float(each["wall_seconds"]) for each in new),
    }
    return [
        {"row": f"{command}, cold", **cold},
        {"row": f"{command}, new commit, median", **median},
        {"row": f"{command}, new commit, largest", **by_cpu[-1]},
        {"row": f"{command}, again", **again},
    ]


def forget(clone: Path) -> None:
    """Remove everything that rh keeps between commands."""
    import shutil

    shutil.rmtree(clone / "rh" / "cache", ignore_errors=True)


def run_command(clone: Path, command: str, question: str) -> dict[str, Any]:
    """Run one command and say what it took; its answer is not looked at, only that there was one."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = [sys.executable, "-m", "release_harness", command, question]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(words, cwd=clone, env=environment, stdout=answer, stderr=subprocess.DEVNULL)
        largest_bytes = 0
        while process.poll() is None:
            largest_bytes = max(largest_bytes, memory_of(process.pid))
            time.sleep(_LOOK_SECONDS)
        wall_seconds = time.perf_counter() - started
        if not answer.tell() and not os.fstat(answer.fileno()).st_size:
            message = f"rh {command} {question} answered nothing (exit code {process.returncode})"
            raise SystemExit(message)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "question": question,
        "exit_code": process.returncode,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall_seconds": wall_seconds,
        "rss_bytes": largest_bytes,
        "load": os.getloadavg()[0],
    }


def memory_of(process_id: int) -> int:
    """Return the proportional memory of a process and of all that it started, where the system tells; shared pages count once."""
    found = 0
    try:
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found += int(line.split()[1]) << 10
        children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    except OSError:
        return found
    return found + sum(memory_of(int(each)) for each in children)


def measure_grimp(package: str, root: Path) -> list[dict[str, Any]]:
    """Build the import graph of the package in a process of its own, without and with its cache."""
    words = [
        sys.executable, "-m", "benchmarks.impact.bench_graph", str(root), "--measure", "grimp", "--package", package,
        "--root", str(root),
    ]  # fmt: skip
    finished = subprocess.run(words, check=True, stdout=subprocess.PIPE)
    rows: list[dict[str, Any]] = json.loads(finished.stdout)["rows"]
    return [{**each, "wall_seconds": each["cpu_seconds"], "load": os.getloadavg()[0]} for each in rows]


if __name__ == "__main__":
    raise SystemExit(main())
