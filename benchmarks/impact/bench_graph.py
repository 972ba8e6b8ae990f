"""Times linking whole trees into a graph and asking it: cold, warm over real commits, and grimp's module graph beside it.

    python -m benchmarks.impact.bench_graph SOURCE… [--commits 20] [--package NAME --root FOLDER] [--json FILE]

A SOURCE is a folder with Python sources, such as an unpacked wheel, or a git directory. Facts are read before and are not in
the figures (see `bench_index`). `cold` links everything in one process; `warm` links each of the last first-parent commits
from what the one before left and asks which of 200 functions reach what the commit changed: its rows give the median and the
largest. A folder without history has no warm rows but `warm, nothing changed`. grimp builds the import graph of a package
below a folder on its path, without and with its cache. Every row is a process of its own; figures are CPU seconds.
"""

import argparse
import gc
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.impact.bench_index import as_repository, describe_machine

from release_harness.adapters.facts_cache import SqliteFactsCache
from release_harness.app import Application
from release_harness.steps.evidence.flow.index import IndexedTree, tree_facts
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link.linked import Linked, link
from release_harness.testing.progress import RecordedProgress

LARGE_LINES_COUNT = 500_000
TARGETS_SECONDS = {"large": {"cold": 5.0, "warm": 1.0}, "small": {"cold": 1.0, "warm": 0.15}}
TARGETS_COUNT = 200
SEEDS_COUNT = 30


def main() -> int:
    """Measure every source and print one table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--package", default="")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", choices=("cold", "warm", "grimp", "facts"), help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments)))
        return 0
    machine = describe_machine()
    print(machine)
    found = []
    with tempfile.TemporaryDirectory(prefix="rh-bench-graph-") as kept:
        for number, source in enumerate(arguments.sources):
            repository = as_repository(source, Path(kept) / f"tree{number}")
            found.append(measure_source(repository, source.name, Path(kept) / f"cache{number}", arguments))
    if arguments.json:
        said = {"schema": "rh.bench-graph/1", "machine": machine, "sources": found}
        arguments.json.write_text(json.dumps(said, indent=2) + "\n")
    return 0


def measure_source(repository: Path, name: str, cache: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one source and print it."""
    cache.mkdir()
    common = [str(repository), "--cache", str(cache), "--commits", str(arguments.commits)]
    lines_count = run([*common, "--measure", "facts"])["lines_count"]
    rows = [run([*common, "--measure", "cold"])["row"], *run([*common, "--measure", "warm"])["rows"]]
    if arguments.package and arguments.root:
        said = run([*common, "--measure", "grimp", "--package", arguments.package, "--root", str(arguments.root)])
        rows.extend(said["rows"])
    targets = TARGETS_SECONDS["large" if lines_count >= LARGE_LINES_COUNT else "small"]
    print(f"\n{name}: {lines_count} lines of Python at HEAD")
    print(f"{'what':<34}{'CPU s':>8}{'RSS MB':>8}  {'size':<44}target")
    for row in rows:
        target = next((f"{seconds} s" for key, seconds in targets.items() if row["row"].startswith(key)), "")
        print(
            f"{row['row']:<34}{row['cpu_seconds']:>8.2f}{row['rss_bytes'] / (1 << 20):>8.0f}  {row['size']:<44}{target}"
        )
    return {"name": name, "lines_count": lines_count, "rows": rows}


def run(words: Sequence[str]) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "benchmarks.impact.bench_graph", *words]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    said: dict[str, Any] = json.loads(finished.stdout)
    return said


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Do one measurement in this process."""
    repository, cache = arguments.sources[0], arguments.cache
    if arguments.measure == "grimp":
        return measure_grimp(arguments.package, arguments.root)
    needs = Application(repository, dict(os.environ), RecordedProgress())
    needs.__dict__["facts_cache"] = SqliteFactsCache(lambda: cache, needs.clock)
    revisions = last_commits(repository, arguments.commits)
    if arguments.measure == "facts":
        trees = [tree_facts(needs, each) for each in revisions]
        return {
            "lines_count": sum(trees[-1].facts(path).lines_count for path in trees[-1].blobs if path.endswith(".py"))
        }
    gc.disable()
    if arguments.measure == "cold":
        tree = tree_facts(needs, revisions[-1])
        started = time.process_time()
        linked = link(tree)
        return {"row": row_of("cold, 1 process", time.process_time() - started, size_of(linked))}
    return measure_warm([tree_facts(needs, each) for each in revisions])


class Kept:
    """Keeps links in memory, so that no disk is measured."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: dict[str, bytes] = {}

    def get_many(self, _kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept."""
        return {name: self.rows[name] for name in names if name in self.rows}

    def put_many(self, _kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep it."""
        self.rows.update(contents)


def measure_warm(trees: Sequence[IndexedTree]) -> dict[str, Any]:
    """Link each tree from what the one before left, and ask what reaches the symbols of the files that changed."""
    cache = Kept()
    previous = link(trees[0], cache=cache)
    taken: list[float] = []
    relinked: list[int] = []
    started = time.process_time()
    again = link(trees[0], cache=cache)
    rows = [row_of("warm, nothing changed", time.process_time() - started, size_of(again))]
    for before, tree in itertools.pairwise(trees):
        changed = {path for path, blob in tree.blobs.items() if before.blobs.get(path) != blob}
        started = time.process_time()
        previous = link(tree, cache=cache)
        ask(previous, changed)
        taken.append(time.process_time() - started)
        relinked.append(len(previous.relinked))
    if taken:
        size = f"{statistics.median(relinked):.0f} files linked again at the median, {max(relinked)} at most"
        rows.append(row_of("warm commit with ways, median", statistics.median(taken), size))
        rows.append(row_of("warm commit with ways, largest", max(taken), size))
    return {"rows": rows}


def ask(linked: Linked, changed: set[str]) -> None:
    """Ask which functions reach the functions of some files."""
    functions = [f"{path}:{name}" for path, each in linked.links.items() for name in each.functions]
    seeds = [each for each in functions if each.partition(":")[0] in changed][:SEEDS_COUNT]
    step = max(1, len(functions) // TARGETS_COUNT)
    linked.graph().reaching(seeds, [Node(each) for each in functions[::step]])


def measure_grimp(package: str, root: Path) -> dict[str, Any]:
    """Build the import graph of the same package with grimp."""
    import grimp

    sys.path.insert(0, str(root.resolve()))
    rows = []
    with tempfile.TemporaryDirectory(prefix="rh-bench-grimp-") as cache:
        for name in ("grimp modules, cold", "grimp modules, warm"):
            before = time.process_time()
            graph = grimp.build_graph(package, cache_dir=cache)
            size = f"{len(graph.modules)} modules, {graph.count_imports()} imports"
            rows.append(row_of(name, time.process_time() - before, size))
    return {"rows": rows}


def last_commits(repository: Path, count: int) -> list[str]:
    """Return the last first-parent commits, the oldest first."""
    command = ["git", "-C", str(repository), "rev-list", "--first-parent", f"--max-count={count + 1}", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[::-1]


def size_of(linked: Linked) -> str:
    """Say how large a graph is."""
    graph = linked.graph()
    return f"{graph.nodes_count} symbols, {graph.edges_count} edges"


def row_of(name: str, cpu_seconds: float, size: str) -> dict[str, Any]:
    """Return one row with the largest resident size so far."""
    rss_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"row": name, "cpu_seconds": round(cpu_seconds, 3), "rss_bytes": rss_bytes, "size": size}


if __name__ == "__main__":
    raise SystemExit(main())
