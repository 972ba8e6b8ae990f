"""Runs the reading commands on the newest merges of real repositories and tells the times, the answers and the failures.

    python benchmarks/survey_merges.py PATH_OF_A_CLONE... [--merges 20] [--json FILE] [--keep FOLDER]

Nothing is written to the clones. The baseline beside each `rh check` is `git diff --numstat` of the same merge.
"""

import argparse
import collections
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COMMANDS = {
    "check": ["check", "{merge}", "--format", "json"],
    "card": ["card", "{merge}", "--format", "markdown"],
    "explain": ["policy", "explain", "{merge}", "--format", "json"],
}


def main() -> None:
    """Survey every clone that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--merges", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="Folder for the output of every command.")
    arguments = parser.parse_args()
    surveys = [survey(clone, arguments.merges, arguments.keep) for clone in arguments.clones]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {git_version()}"
    print_table(surveys, machine)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "surveys": surveys}, indent=2))


def survey(clone: Path, merges_count: int, keep: Path | None) -> dict[str, Any]:
    """Run every command on the newest merges of one clone, newest first."""
    merges = git(clone, "rev-list", "--first-parent", "--merges", f"-{merges_count}", "HEAD").split()
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in [*COMMANDS, "numstat"]}
    for merge in merges:
        runs["numstat"].append(timed(["git", "-C", str(clone), "diff", "--numstat", f"{merge}^1", merge]))
        for name, words in COMMANDS.items():
            run = timed(["rh", "-C", str(clone), *(word.format(merge=merge) for word in words)])
            if keep:
                folder = keep / clone.resolve().name
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{merge[:10]}.{name}").write_text(run["printed"] + run["errors"])
            runs[name].append(run)
    retro = timed(["rh", "-C", str(clone), "retro", "--last", "200", "--format", "json"])
    return {
        "clone": clone.resolve().name,
        "files_count": len(git(clone, "ls-tree", "-r", "--name-only", "HEAD").splitlines()),
        "merges_count": len(merges),
        "median_seconds": {name: statistics.median(run["seconds"] for run in listed) for name, listed in runs.items()},
        "worst_seconds": {name: max(run["seconds"] for run in listed) for name, listed in runs.items()},
        "retro_200_seconds": retro["seconds"],
        "exits": {name: dict(collections.Counter(run["exit"] for run in listed)) for name, listed in runs.items()},
        "tiers": dict(collections.Counter(tier_of(run) for run in runs["check"])),
        "failures": [run["errors"].strip() for name in COMMANDS for run in runs[name] if run["exit"] in (2, 4, 5)],
        "retro_exit": retro["exit"],
    }


def tier_of(run: dict[str, Any]) -> str:
    """Return the tier that a check named, or a mark that it gave none."""
    try:
        return str(json.loads(run["printed"])["tier"]["name"])
    except (ValueError, KeyError):
        return "(none)"


def timed(command: list[str]) -> dict[str, Any]:
    """Run a command and return its time, exit code and output."""
    started = time.perf_counter()
    finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return {
        "seconds": time.perf_counter() - started,
        "exit": finished.returncode,
        "printed": finished.stdout,
        "errors": finished.stderr,
    }


def git(clone: Path, *arguments: str) -> str:
    """Return what git printed."""
    return subprocess.run(["git", "-C", str(clone), *arguments], capture_output=True, text=True, check=True).stdout


def git_version() -> str:
    """Return the version of git."""
    return subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def print_table(surveys: list[dict[str, Any]], machine: str) -> None:
    """Print one line for each clone, then what went wrong."""
    print(machine)
    print(
        f"{'clone':28} {'files':>7} {'merges':>6} {'numstat':>8} {'check':>7} {'card':>7} {'explain':>8} {'retro':>7}  tiers"
    )
    for each in surveys:
        median = each["median_seconds"]
        print(
            f"{each['clone']:28} {each['files_count']:>7} {each['merges_count']:>6} {median['numstat']:>7.3f}s "
            f"{median['check']:>6.2f}s {median['card']:>6.2f}s {median['explain']:>7.2f}s "
            f"{each['retro_200_seconds']:>6.2f}s  {each['tiers']} exits {each['exits']['check']}"
        )
        for failure in each["failures"][:5]:
            print(f"    {failure}")
    print("seconds are medians; retro is one run over 200 landings")
    if any(each["failures"] for each in surveys):
        sys.exit(1)


if __name__ == "__main__":
    main()
