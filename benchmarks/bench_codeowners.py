"""Times CODEOWNERS: 2,500 lines against 1,000 files, beside the `codeowners` package when it is installed.

    python benchmarks/bench_codeowners.py [--lines 2500] [--files 1000] [--repeat 7] [--json FILE]

Lines and files are made up from a fixed seed: folders, names in any folder, endings, folders with stars. Both read the same
text in the same process and must give the same owners for every file; the table says how many answers differ.
`read` includes parsing the text, `ask` the owners of every file, both on a file that was not seen before.
"""

import argparse
import importlib
import importlib.util
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from release_harness.policy.glob_patterns import read_glob
from release_harness.steps.project.rules import owners_of, parse_codeowners

GOAL_SECONDS = 0.2
Answers = list[tuple[str, ...]]
Run = Callable[[str, Sequence[str]], tuple[float, float, Answers]]

WORDS = ("alpha", "beta", "gamma", "core", "web", "api", "tests", "docs", "lib", "jobs", "svc", "db", "auth")


def main() -> None:
    """Print the table and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=2500)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    text, files = make_up(arguments.lines, arguments.files)
    rows = [measure("release-harness", run_ours, text, files, arguments.repeat)]
    if importlib.util.find_spec("codeowners"):
        rows.append(measure("codeowners (package)", run_peer, text, files, arguments.repeat))
        rows[1]["differing_count"] = sum(
            ours != theirs for ours, theirs in zip(rows[0].pop("answers"), rows[1].pop("answers"), strict=True)
        )
    rows[0].pop("answers", None)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print_table(rows, arguments, machine)
    if arguments.json:
        report = {"machine": machine, "lines_count": arguments.lines, "files_count": arguments.files, "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=2))


def make_up(lines_count: int, files_count: int) -> tuple[str, list[str]]:
    """Return the text of a CODEOWNERS file and the paths of files, the same on every run."""
    pick = random.Random(1)

    def path(parts_count: int) -> str:
        return "/".join(f"{pick.choice(WORDS)}{pick.randint(0, 30)}" for _ in range(parts_count))

    def line(number: int) -> str:
        kind = pick.random()
        if kind < 0.5:
            return f"/{path(pick.randint(1, 4))}/ @team{number}"
        if kind < 0.7:
            return f"{path(2)} @team{number}"
        if kind < 0.8:
            return f"*.{pick.choice(WORDS)}{number % 50} @team{number}"
        if kind < 0.9:
            return f"{pick.choice(WORDS)}{number % 30}/**/*_test.py @team{number}"
        return f"/{path(1)}/*-svc/ @team{number} @other{number}"

    text = "\n".join(line(number) for number in range(lines_count))
    return text, [path(pick.randint(2, 6)) + ".py" for _ in range(files_count)]


def run_ours(text: str, files: Sequence[str]) -> tuple[float, float, Answers]:
    """Read and ask once; what was remembered of the patterns is forgotten first."""
    read_glob.cache_clear()
    begin = time.perf_counter()
    codeowners = parse_codeowners(text, ".github/CODEOWNERS")
    read = time.perf_counter()
    answers = [owners_of(codeowners, path) for path in files]
    return read - begin, time.perf_counter() - read, answers


def run_peer(text: str, files: Sequence[str]) -> tuple[float, float, Answers]:
    """The same with the package."""
    peer: Any = importlib.import_module("codeowners")
    begin = time.perf_counter()
    codeowners = peer.CodeOwners(text)
    read = time.perf_counter()
    answers = [tuple(owner for _, owner in codeowners.of(path)) for path in files]
    return read - begin, time.perf_counter() - read, answers


def measure(name: str, run: Run, text: str, files: Sequence[str], repeat_count: int) -> dict[str, Any]:
    """Return the medians of several runs."""
    runs = [run(text, files) for _ in range(repeat_count)]
    return {
        "name": name,
        "read_seconds": statistics.median(each[0] for each in runs),
        "ask_seconds": statistics.median(each[1] for each in runs),
        "whole_seconds": statistics.median(each[0] + each[1] for each in runs),
        "answers": runs[0][2],
    }


def print_table(rows: Sequence[dict[str, Any]], arguments: argparse.Namespace, machine: str) -> None:
    """Print what was measured and whether the goal is met."""
    print(
        f"CODEOWNERS, {arguments.lines:,} lines x {arguments.files:,} files, median of {arguments.repeat} ({machine})\n"
    )
    print(f"{'':<22}{'read ms':>10}{'ask ms':>10}{'whole ms':>10}{'differing':>11}")
    for row in rows:
        figures = [f"{1000 * row[key]:10.1f}" for key in ("read_seconds", "ask_seconds", "whole_seconds")]
        print(f"{row['name']:<22}{''.join(figures)}{row.get('differing_count', ''):>11}")
    met = "met" if rows[0]["ask_seconds"] <= GOAL_SECONDS else "MISSED"
    print(f"\ngoal: ask in at most {1000 * GOAL_SECONDS:.0f} ms: {met}")


if __name__ == "__main__":
    main()
