"""Measures how many entry points of real applications are read from the source, against what their framework says when it runs.

    python benchmarks/impact/discovery.py [--json FILE] APPLICATIONS.json

APPLICATIONS.json is a list of `{"name", "folder", "framework", "interpreter": [...], "app", "env": {...}, "tuned": bool}`;
`folder` is a checked-out repository, `root` (optional) the folder below it that the interpreter starts in.
"""

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from release_harness.adapters.runtime_entries import RuntimeRegistry
from release_harness.kernel.errors import HarnessError
from release_harness.steps.evidence.flow.runtime import modules_by_path
from release_harness.steps.evidence.impact.entries.comparison import Comparison, compare, runtime_entries
from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS, discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

LEFT_OUT = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__"})
READ = (".py", ".toml", ".cfg", ".yaml", ".yml")


def sources_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder that discovery may want to see."""
    found = {}
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in LEFT_OUT)
        for name in sorted(files):
            path = Path(where, name)
            if name.endswith(READ) and path.is_file() and not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def measure(application: dict[str, Any], shown_count: int) -> dict[str, Any]:
    """Return the figures of one application."""
    folder = Path(application["folder"])
    began = time.process_time()
    linked = link_sources(sources_of(folder), FRAMEWORKS)
    discoveries = discover(linked)
    seconds = time.process_time() - began
    entries: list[EntryPoint] = [entry for each in discoveries for entry in each.entries]
    framework = next(each for each in FRAMEWORKS if each.name == application["framework"])
    row: dict[str, Any] = {"name": application["name"], "framework": framework.name, "tuned": application["tuned"]}
    try:
        rows = RuntimeRegistry().dump(
            folder=str(folder / application.get("root", "")), interpreter=application["interpreter"], app=application["app"],
            source=framework.runtime_dump, env=application.get("env", {}), time_limit=timedelta(minutes=3),
        )  # fmt: skip
    except HarnessError as error:
        return {**row, "problem": str(error)}
    modules = modules_by_path(linked.program.paths, application.get("root", ""))
    found = compare(entries, runtime_entries(rows), modules)
    show(application["name"], found, shown_count)
    return {
        **row,
        **figures(found, entries),
        "unknown": sum(len(each.unknown) for each in discoveries),
        "cpu_seconds": round(seconds, 2),
    }


def figures(found: Comparison, entries: list[EntryPoint]) -> dict[str, Any]:
    """Return the numbers of a comparison."""
    return {
        "runtime": found.found_count + len(found.only_runtime), "found": found.found_count,
        "recall": None if found.recall_ratio is None else round(found.recall_ratio, 4),
        "recall_with_address": None if found.address_ratio is None else round(found.address_ratio, 4),
        "only_static": len(found.only_static), "address_differs": len(found.names_differ),
        "guards_differ": len(found.guards_differ), "in_libraries": found.outside_count, "static": len(entries),
    }  # fmt: skip


def show(name: str, found: Comparison, count: int) -> None:
    """Print what did not agree, for reading."""
    for label, rows in (
        ("only runtime", [f"{each.kind} {each.name} -> {each.handler}" for each in found.only_runtime]),
        ("only static", [f"{each.key} -> {each.handler}" for each in found.only_static]),
        ("address differs", [f"{each.key} / {row.name}" for each, row in found.names_differ]),
        ("guards differ", [f"{each.entry.key}: read {each.only_static}" for each in found.guards_differ]),
    ):
        for each in rows[:count]:
            print(f"  {name}: {label}: {each}", file=sys.stderr)


def main() -> None:
    """Print the table, and write the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("applications", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=0, help="lines of each disagreement to print")
    parser.add_argument("--only", default="", help="measure the one of this name")
    options = parser.parse_args()
    listed = [each for each in json.loads(options.applications.read_text()) if options.only in {"", each["name"]}]
    rows = [measure(each, options.show) for each in listed]
    print(
        f"{'application':32}{'framework':12}{'tuned':6}{'runtime':>8}{'found':>7}{'recall':>8}{'+addr.':>8}{'only static':>12}{'address':>8}{'CPU s':>7}"
    )
    for row in rows:
        if "problem" in row:
            print(f"{row['name']:32}{row['framework']:12}{row['tuned']!s:6}  {row['problem'][:200]}")
            continue
        print(
            f"{row['name']:32}{row['framework']:12}{row['tuned']!s:6}{row['runtime']:>8}{row['found']:>7}{row['recall'] or 0:>8.3f}{row['recall_with_address'] or 0:>8.3f}"
            f"{row['only_static']:>12}{row['address_differs']:>8}{row['cpu_seconds']:>7}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
