"""Measures which entry points a function affects, by reading and with traces, against what the tests of real applications walked.

    python -m benchmarks.impact.bench_accuracy [--json FILE] [--show 20] [--only NAME] APPLICATIONS.json

APPLICATIONS.json is a list of `{"name", "folder", "traces": [FILE…], "tuned": bool}`; `folder` is a git work tree at exactly the
commit that the traces were recorded on (docs/how-to/measure-the-engine.md), and a file may hold `*`. With `"packages": [NAME…]`
and `"root"` (the folder below `folder` that they are imported from), grimp is measured beside it where it is installed: an
entry point is predicted for a function when the module of its handler imports the function's, however far.

The truth is what passed tests walked. Only entry points that they walked count. `traced` rows take a random half of the test
files as the trace of the main branch, five times, and give the mean. `--show` lists the functions with the most missed and the
most wrong entry points, which is where rules are missing or wrong.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from release_harness.app import Application
from release_harness.steps.evidence.flow.accuracy import TRACED_RESOLVED, functions_of, measure_accuracy
from release_harness.steps.evidence.flow.evaluation import load_view
from release_harness.steps.evidence.flow.impact import side_for
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.evaluation.accuracy import Pairs, closure_baseline, split_cross_cutting
from release_harness.steps.evidence.impact.evaluation.predictions import (
    POSSIBLE,
    RESOLVED,
    graph_predictions,
    handler_paths,
)
from release_harness.steps.evidence.model.evaluation import AccuracyRow
from release_harness.steps.evidence.render.evaluation import accuracy_lines
from release_harness.steps.evidence.rules.walks import TraceView
from release_harness.steps.evidence.rules.walks.truth import truth_of
from release_harness.testing.progress import RecordedProgress

GRIMP = "grimp"
GOALS = {RESOLVED: (0.75, 0.35), POSSIBLE: (0.95, None), TRACED_RESOLVED: (0.97, 0.6)}
"""Recall and precision that are aimed at; what is possible may predict half of what grimp predicts."""
POSSIBLE_SHARE_OF_GRIMP = 0.5


def main() -> int:
    """Measure every application and print one table for each, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("applications", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=0, help="functions of each kind of mistake to list")
    parser.add_argument("--only", default="", help="measure the one of this name")
    parser.add_argument("--grimp", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grimp:
        print(json.dumps(grimp_importers(json.loads(arguments.grimp))))
        return 0
    listed = json.loads(arguments.applications.read_text())
    found = [measure(each, arguments) for each in listed if arguments.only in {"", each["name"]}]
    medians = medians_of([row for each in found for row in each["rows"]])
    print("\nMedians over the applications\n")
    print("\n".join(accuracy_lines(medians)))
    if arguments.json:
        said = {
            "schema": "rh.bench-accuracy/1",
            "applications": [{**each, "rows": [plain(row) for row in each["rows"]]} for each in found],
            "medians": [plain(row) for row in medians],
        }
        arguments.json.write_text(json.dumps(said, indent=1) + "\n")
    return 0


def measure(application: Mapping[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one application and print its tables."""
    folder = Path(application["folder"])
    needs = Application(folder, dict(os.environ), RecordedProgress())
    commit = needs.repository.resolve(["HEAD"])["HEAD"]
    if commit is None:
        msg = f"{folder} has no commit"
        raise SystemExit(msg)
    began = time.process_time()
    side = side_for(needs, commit, ())
    linking_seconds = time.process_time() - began
    traces = [
        str(path) for each in map(Path, application["traces"]) for path in sorted(each.resolve().parent.glob(each.name))
    ]
    view = load_view(needs, side, traces)
    functions = frozenset(functions_of(truth_of(view)))
    others, why = grimp_predictions(side, application, folder, functions, arguments.applications)
    rows, notes = measure_accuracy(side, view, others)
    missed = [each for each in view.unmapped if each.handler]
    print(
        f"\n{application['name']} ({'tuned on' if application['tuned'] else 'nothing was tuned on it'}), {commit[:12]}"
    )
    print(
        f"{side.tree.counts.files_count} files, {len(side.entries)} entry points by reading; tests walked {len(view.hits)} of "
        f"them and {len(missed)} that reading did not find; {len(functions)} functions ran under one"
    )
    print("\n".join(accuracy_lines(rows)))
    for each in (*notes, *filter(None, [why])):
        print(f"not measured: {each}")
    print("\n".join(goal_lines(rows)))
    show_mistakes(side, view, arguments.show)
    return {
        "name": application["name"],
        "commit": commit,
        "tuned": application["tuned"],
        "files_count": side.tree.counts.files_count,
        "entries_count": len(side.entries),
        "walked_count": len(view.hits),
        "not_found": [f"{each.kind} {each.name}" for each in missed],
        "functions_count": len(functions),
        "tests_count": len(view.map.tests),
        "cpu_seconds": round(linking_seconds, 2),
        "rows": rows,
    }


def goal_lines(rows: Sequence[AccuracyRow]) -> list[str]:
    """Say for each goal whether it is reached on the functions that are not cross-cutting."""
    local = {row.predictor: row for row in reversed(rows)}
    lines = []
    for name, (recall, precision) in GOALS.items():
        row = local.get(name)
        if row is None or row.recall_ratio is None:
            continue
        reached = row.recall_ratio >= recall and (precision is None or (row.precision_ratio or 0.0) >= precision)
        wanted = f"recall {recall}" + (f" at precision {precision}" if precision is not None else "")
        if name == POSSIBLE and GRIMP in local:
            limit = POSSIBLE_SHARE_OF_GRIMP * local[GRIMP].predicted_mean
            reached = reached and row.predicted_mean <= limit
            wanted += f" with at most {limit:.1f} predicted"
        lines.append(f"  goal of {name}: {wanted}: {'reached' if reached else 'not reached'}")
    return lines


def grimp_predictions(
    side: SideView, application: Mapping[str, Any], folder: Path, functions: frozenset[str], applications: Path
) -> tuple[dict[str, Pairs], str]:
    """Return what grimp's import graph predicts, or why it was not asked."""
    packages = application.get("packages")
    if not packages:
        return {}, "grimp, as no packages are named"
    root = application.get("root", "")
    said = json.dumps({"root": str((folder / root).resolve()), "packages": packages})
    command = [sys.executable, "-m", "benchmarks.impact.bench_accuracy", str(applications), "--grimp", said]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        return {}, f"grimp: {finished.stderr.strip().splitlines()[-1]}"
    prefix = f"{root.strip('/')}/" if root.strip("/.") else ""
    paths = {f"{prefix}{path}": each for path, each in json.loads(finished.stdout).items()}
    importers = {path: frozenset(f"{prefix}{each}" for each in found) for path, found in paths.items()}
    return {GRIMP: closure_baseline(handler_paths(side), importers, functions)}, ""


def grimp_importers(request: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, for each file of some packages, the files that import it, however far."""
    import grimp

    root = Path(request["root"])
    sys.path.insert(0, str(root))
    graph = grimp.build_graph(*request["packages"], cache_dir=None)
    paths = {module: path_of(root, module) for module in graph.modules}
    return {paths[each]: sorted(paths[other] for other in graph.find_downstream_modules(each)) for each in paths}


def path_of(root: Path, module: str) -> str:
    """Return the file of a module."""
    stem = module.replace(".", "/")
    return f"{stem}/__init__.py" if (root / stem / "__init__.py").is_file() else f"{stem}.py"


def medians_of(rows: Sequence[AccuracyRow]) -> tuple[AccuracyRow, ...]:
    """Return the median of every figure over the applications, by predictor and group."""
    found = []
    for key in dict.fromkeys((row.group, row.predictor) for row in rows):
        of_key = [row for row in rows if (row.group, row.predictor) == key]
        figures = {
            name: statistics.median(values)
            for name in plain(of_key[0])
            if name not in {"predictor", "group"}
            and (values := [plain(row)[name] for row in of_key if plain(row)[name] is not None])
        }
        ratios = dict.fromkeys(("recall_ratio", "precision_ratio", "pair_recall_ratio", "pair_precision_ratio"))
        counts = {name: int(figures.pop(name)) for name in ("functions_count", "entries_count")}
        found.append(AccuracyRow(predictor=key[1], group=key[0], **counts, **{**ratios, **figures}))
    return tuple(sorted(found, key=lambda row: row.group != found[0].group))


def plain(row: AccuracyRow) -> dict[str, Any]:
    """Return a row as plain values."""
    return asdict(row)


def show_mistakes(side: SideView, view: TraceView, count: int) -> None:
    """List the functions with the most missed and the most wrongly predicted entry points."""
    if not count:
        return
    local, _crossing = split_cross_cutting(functions_of(truth_of(view)), len(view.hits))
    sure, possible = graph_predictions(side, frozenset(local))
    walked = set(view.hits)
    for label, mistakes in (
        ("missed by any way", {each: set(true) - possible[each] for each, true in local.items()}),
        ("missed by sure ways", {each: set(true) - sure[each] for each, true in local.items()}),
        ("wrong by sure ways", {each: (sure[each] & walked) - set(true) for each, true in local.items()}),
    ):
        listed = sorted((each for each in mistakes if mistakes[each]), key=lambda each: (-len(mistakes[each]), each))
        print(f"\n  {label}: {len(listed)} functions")
        for each in listed[:count]:
            print(f"    {len(mistakes[each])} beside {len(local[each])} true: {each} {sorted(mistakes[each])[:3]}")


if __name__ == "__main__":
    raise SystemExit(main())
