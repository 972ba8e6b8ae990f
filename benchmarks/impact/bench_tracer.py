"""Measures what the tracer costs a real suite, beside coverage.py with contexts and pytest-testmon, in one run.

    python benchmarks/impact/bench_tracer.py --suite FOLDER --python VENV/bin/python [--path src] [--rounds 7] [--json FILE]
                                             [--tracer FOLDER] [--only 2] [-- ARGUMENTS OF PYTEST]

`FOLDER` is a checkout of a project, `VENV` an environment (Python 3.12 or newer for `sys.monitoring`) in which its tests pass;
peers that are not installed there are left out and named. Every figure is user and system time of whole processes
with their children. Rounds are strictly interleaved and each way is compared with the run without tracing of its own round, so
that a busy machine burdens all alike; a first round warms up and is not counted. Beside the median of the ratios stands the
interval that holds it with 95 % whatever the distribution (order statistics; with fewer than 6 rounds there is none), and the
ratio of the least times. `--tracer` takes another version of the folder `rh_tracer`. The target is +8 % CPU by medians.
"""

import argparse
import json
import math
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TARGET_RATIO = 1.08
TRACER = Path(__file__).parents[2] / "src" / "release_harness" / "adapters" / "rh_tracer"


class Way(NamedTuple):
    """One way of running the suite."""

    name: str
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    """Module that must be installed for it."""


def ways(scratch: Path) -> tuple[Way, ...]:
    """Return the ways that are compared; the first is the yardstick."""
    traced = (("RH_TRACE_FOLDER", str(scratch / "maps")),)
    contexts = ("--cov", "--cov-context=test", "--cov-report=")
    return (
        Way("no tracing"),
        Way("rh tracer", ("-p", "rh_tracer.plugin"), traced),
        Way("coverage.py, C trace, contexts", contexts, (("COVERAGE_CORE", "ctrace"),), needs="pytest_cov"),
        Way(
            "coverage.py, sysmon, no contexts",
            ("--cov", "--cov-report="),
            (("COVERAGE_CORE", "sysmon"),),
            needs="pytest_cov",
        ),
        Way(
            "pytest-testmon",
            ("--testmon-noselect",),
            (("TESTMON_DATAFILE", str(scratch / "testmon.db")),),
            needs="testmon",
        ),
    )


def main() -> int:
    """Measure all ways, print a table, and return 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--path", default="")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tracer", type=Path, default=TRACER)
    parser.add_argument("--only", type=int, default=0, help="compare only the first so many ways")
    parser.add_argument("--json", type=Path)
    parser.add_argument("pytest", nargs="*")
    arguments = parser.parse_args()
    load = f"{os.getloadavg()[0]:.2f}"
    with tempfile.TemporaryDirectory(prefix="rh-bench-") as kept:
        rows, left_out = measure(arguments, Path(kept))
    machine = {**describe_machine(arguments.python), "load": f"{load} to {os.getloadavg()[0]:.2f}"}
    print_table(rows, machine, arguments.suite.name)
    for each in left_out:
        print(f"left out: {each}")
    if arguments.json:
        report = {"schema": "rh.bench-tracer/1", "machine": machine, "suite": arguments.suite.name, "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    met = any(row["way"] == "rh tracer" and row["cpu_ratio"] <= TARGET_RATIO for row in rows)
    return 0 if met else 1


def measure(arguments: argparse.Namespace, scratch: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Run every way so many times, in turns; the first round only warms up."""
    shutil.copytree(arguments.tracer, scratch / "probe" / "rh_tracer", ignore=shutil.ignore_patterns("__pycache__"))
    path = os.pathsep.join(
        filter(None, (arguments.path and str(arguments.suite / arguments.path), str(scratch / "probe")))
    )
    base = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHON", "RH_"))
    }
    base["PYTHONPATH"] = path
    every = ways(scratch)[: arguments.only or None]
    there = [each for each in every if not each.needs or installed(arguments.python, each.needs)]
    left_out = [f"{each.name}: not installed" for each in every if each not in there]
    taken: dict[str, list[float]] = {each.name: [] for each in there}
    expected = ""
    for number in range(arguments.rounds + 1):
        for way in tuple(there):
            seconds, said = run(way, arguments.python, arguments.suite, base, arguments.pytest)
            expected = expected or said
            if said != expected:
                # A way in which other tests pass does other work; its time says nothing.
                left_out.append(f"{way.name}: {said or 'no test passed'} in the place of {expected}")
                there.remove(way)
            elif number:
                taken[way.name].append(seconds)
    yardstick = taken[there[0].name]
    rows = []
    for way in there:
        figures = taken[way.name]
        # Rounds are compared one by one: what burdens the machine burdens neighbours in time.
        ratios = [mine / theirs for mine, theirs in zip(figures, yardstick, strict=True)]
        rows.append(
            {
                "way": way.name,
                "cpu_seconds": round(statistics.median(figures), 3),
                "least_cpu_seconds": round(min(figures), 3),
                "cpu_ratio": round(statistics.median(ratios), 3),
                "cpu_ratio_interval": interval_of_median(ratios),
                "least_cpu_ratio": round(min(figures) / min(yardstick), 3),
                "rounds_count": len(figures),
                "rounds_cpu_seconds": [round(each, 3) for each in figures],
            }
        )
    maps = sum(each.stat().st_size for each in (scratch / "maps").glob("*.json")) // (arguments.rounds + 1)
    for row in rows:
        if row["way"] == "rh tracer":
            row["map_bytes"] = maps
    return rows, left_out


def interval_of_median(figures: Sequence[float]) -> list[float] | None:
    """Return the narrowest pair of figures, one as far from the end as the other, that holds the median with 95 %."""
    ordered, count = sorted(figures), len(figures)
    for at in range(count // 2 - 1, -1, -1):
        outside = 2 * sum(math.comb(count, each) for each in range(at + 1)) / 2**count
        if outside <= 0.05:
            return [round(ordered[at], 3), round(ordered[count - 1 - at], 3)]
    return None


def installed(python: str, module: str) -> bool:
    """Tell whether an environment has a module."""
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def run(way: Way, python: str, suite: Path, base: Mapping[str, str], more: Sequence[str]) -> tuple[float, str]:
    """Run the suite once; return the CPU seconds of it and its children, and how many tests passed."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *way.arguments, *more]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        command, cwd=suite, env={**base, **dict(way.environment)}, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in (0, 1):
        sys.exit(f"{way.name}: pytest ended with {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    passed = re.findall(r"\d+ passed", ended.stdout)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, passed[-1] if passed else ""


def describe_machine(python: str) -> dict[str, str]:
    """Say where the figures come from."""
    version = subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout.strip()
    return {"platform": platform.platform(), "cpus": str(os.cpu_count()), "processor": processor(), "python": version}


def processor() -> str:
    """Return the name of the processor, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def print_table(rows: Sequence[Mapping[str, Any]], machine: Mapping[str, str], suite: str) -> None:
    """Print one line for each way."""
    print(f"{suite} on {machine['processor']}, {machine['cpus']} CPUs, load {machine['load']}, {machine['python']}")
    print(f"{'way':<34} {'CPU s':>8} {'least':>8} {'ratio':>7} {'95 % interval':>15} {'least':>7} {'rounds':>7}")
    for row in rows:
        low, high = row["cpu_ratio_interval"] or ("?", "?")
        seconds = f"{row['cpu_seconds']:>8} {row['least_cpu_seconds']:>8}"
        ratios = f"{row['cpu_ratio']:>7} {f'{low} to {high}':>15} {row['least_cpu_ratio']:>7}"
        print(f"{row['way']:<34} {seconds} {ratios} {row['rounds_count']:>7}")
    print(f"target: the median ratio of rh tracer at most {TARGET_RATIO}")


if __name__ == "__main__":
    sys.exit(main())
