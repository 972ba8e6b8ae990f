"""Runs a suite under two versions of the tracer and says whether they saw the same.

    python benchmarks/impact/compare_maps.py --suite FOLDER --python VENV/bin/python --before FOLDER [--path src]
                                             [--after FOLDER] [-- ARGUMENTS OF PYTEST]

`--before` and `--after` are folders `rh_tracer`; without `--after` it is the one of this checkout. Numbers in a map follow the
order of the run, so maps are compared by name: for each test its outcome, every function that it ran, every way through an
entry point with the functions on it, the stand-ins, stubs and sockets. The map before is recorded twice: what differs between
those two runs is the suite's own chance, and is told apart from what the tracer changed. Returns 1 when anything else differs.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2] / "src" / "release_harness" / "adapters" / "rh_tracer"
Facts = dict[str, frozenset[Any]]


def main() -> int:
    """Record three maps and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, default=HERE)
    parser.add_argument("--path", default="")
    parser.add_argument("pytest", nargs="*")
    arguments = parser.parse_args()
    first, second, after = (
        record(arguments, tracer) for tracer in (arguments.before, arguments.before, arguments.after)
    )
    chance = differing(first, second)
    changed = {name: found for name, found in differing(first, after).items() if name not in chance}
    functions = sum(len(each) for each in first.values())
    print(f"{len(first)} tests, {functions} facts; {len(chance)} differ between two runs of the same tracer")
    for name, (gone, new) in sorted(changed.items())[:20]:
        print(f"{name}: {len(gone)} gone {sorted(map(str, gone))[:3]}, {len(new)} new {sorted(map(str, new))[:3]}")
    print(f"{len(changed)} differ between the tracers")
    return 1 if changed or not first else 0


def record(arguments: argparse.Namespace, tracer: Path) -> Facts:
    """Run the suite under one tracer; return what each test did, over the maps of all its processes."""
    with tempfile.TemporaryDirectory(prefix="rh-maps-") as kept:
        probe, out = Path(kept) / "probe", Path(kept) / "out"
        shutil.copytree(tracer, probe / "rh_tracer", ignore=shutil.ignore_patterns("__pycache__"))
        kept_names = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
        path = [str(arguments.suite / arguments.path), str(probe)]
        environment = {**kept_names, "PYTHONPATH": os.pathsep.join(path), "RH_TRACE_FOLDER": str(out)}
        command = [arguments.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "rh_tracer.plugin"]
        ended = subprocess.run(
            [*command, *arguments.pytest],
            cwd=arguments.suite,
            env={**environment, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode not in (0, 1):
            sys.exit(f"pytest ended with {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        facts: dict[str, set[Any]] = {}
        for each in out.glob("*.json"):
            for name, found in facts_of(json.loads(each.read_text())).items():
                facts.setdefault(name, set()).update(found)
    return {name: frozenset(found) for name, found in facts.items()}


def facts_of(document: dict[str, Any]) -> Facts:
    """Return what a map says about each test, and about the time between them, without a number in it."""
    files, rows = document["files"], document["functions"]
    names = [f"{files[path][0]}@{files[path][1]}:{name}" for path, name in rows]
    sets = [frozenset(names[at] for at in unpack(each)) for each in document["sets"]]
    replaced = [tuple(each) for each in document["replaced"]]
    facts = {"": frozenset((("dropped", document["dropped"]), ("faults", str(document["faults"]))))}
    for test, row in [("between", document["between"]), *document["tests"].items()]:
        found: set[Any] = {("ran", each) for each in sets[row["ran"]]}
        for name in ("outcome", "why", "dropped"):
            found.add((name, row.get(name)))
        for name in ("stubs", "sockets"):
            found.update((name, each) for each in row.get(name, ()))
        found.update(("replaced", replaced[each]) for each in row.get("replaced", ()))
        for number, ran, used, idle, count in row["hits"]:
            kind, entry, handler, raw = document["entries"][number]
            way = (kind, entry, names[handler] if handler >= 0 else "", raw)
            mocks = (frozenset(replaced[at] for at in used), frozenset(replaced[at] for at in idle))
            found.add(("hit", way, mocks, count, sets[ran]))
        facts[test] = frozenset(found)
    return facts


def unpack(packed: str) -> list[int]:
    """Read a set of numbers as the schema describes it."""
    numbers, gap, shift, last = [], 0, 0, -1
    for byte in base64.b64decode(packed):
        gap |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            last += gap + 1
            numbers.append(last)
            gap = shift = 0
    return numbers


def differing(one: Facts, other: Facts) -> dict[str, tuple[frozenset[Any], frozenset[Any]]]:
    """Return, for each test that differs, what only the one and what only the other has."""
    nothing: frozenset[Any] = frozenset()
    pairs = {name: (one.get(name, nothing), other.get(name, nothing)) for name in {*one, *other}}
    return {name: (mine - theirs, theirs - mine) for name, (mine, theirs) in pairs.items() if mine != theirs}


if __name__ == "__main__":
    sys.exit(main())
