"""How long changes wait and how many runs they cost under each planner, on the workloads of merge queues, side by side.

    python -m benchmarks.queue.bench_planners [--seeds 12] [--first-seed 9000] [--only team|monorepo|flakes|speed] [--json FILE]

Every planner gets the same worlds (paired seeds). The baselines are the products' methods: `prefix` (GitHub, GitLab, Zuul),
`bors`, `tide`, `submitqueue`, and an oracle that knows every outcome and keeps the order. The seeds from 9000 on were not
looked at while the planners were made; those from 100 to 111 were. The times are virtual and do not depend on the machine;
only the last table, the CPU time of planning itself, does.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from release_harness.kernel.records import to_plain
from release_harness.steps.merge.model.queue import Memory, Options, Running, Snapshot, Waiting
from release_harness.steps.merge.plan.planners import PLANNERS
from release_harness.steps.merge.plan.simulation.measure import Figures, mean_figures, measure
from release_harness.steps.merge.plan.simulation.oracle import play_oracle
from release_harness.steps.merge.plan.simulation.run import play
from release_harness.steps.merge.plan.simulation.workloads import (
    MonorepoWorkload,
    TeamWorkload,
    monorepo_world,
    team_world,
)
from release_harness.steps.merge.plan.simulation.world import World

MORE_RUNS = Options(least_depth_ratio=0.03, least_pass_ratio=0.1)


@dataclass(frozen=True)
class Entry:
    """One planner as it is set up for one cell."""

    label: str
    planner: str
    options: Options | None = None


@dataclass(frozen=True)
class Cell:
    """One workload with so many runners."""

    name: str
    runners_count: int
    worlds: Callable[[int], World]
    entries: tuple[Entry, ...]


TEAM = tuple(Entry(name, name) for name in ("prefix", "bors", "tide", "probation", "pcut", "scout"))
WITH_PREDICTION = tuple(Entry(f"{name}, predicted", name) for name in ("pcut", "scout"))
MONOREPO = (
    Entry("prefix, window 20", "prefix"),
    Entry("submitqueue", "submitqueue"),
    Entry("submitqueue, threshold 0.1", "submitqueue", Options(threshold_ratio=0.1)),
    Entry("pcut", "pcut"),
    Entry("scout", "scout"),
    Entry("scout, more runs", "scout", MORE_RUNS),
)
FLAKY = tuple(Entry(name, name) for name in ("prefix", "bors", "pcut", "scout"))


def team_cells() -> list[Cell]:
    """Return workload B at its three rates, and B2 with textual conflicts and stacks."""
    cells = []
    for per_hour, hours, runners in ((8, 24, (1, 2, 4)), (20, 10, (2, 4, 8, 16)), (40, 10, (8, 16))):
        for count in runners:
            plain = TeamWorkload(per_hour=per_hour, hours=hours)
            cells.append(Cell(f"team {per_hour}/h", count, worlds_of(plain), TEAM))
            cells.append(Cell(f"team {per_hour}/h", count, worlds_of(replace(plain, predicted=True)), WITH_PREDICTION))
    rough = TeamWorkload(per_hour=20, hours=10, unmergeable_ratio=0.277, stacked_ratio=0.05)
    return [*cells, Cell("team 20/h, conflicts and stacks", 4, worlds_of(rough), TEAM)]


def sensitivity_cells() -> list[Cell]:
    """Return workload B with flakes, other failure rates and other lengths of the tests."""
    base = TeamWorkload(per_hour=20, hours=10)
    cells = [
        Cell(f"flakes {share:g}", 4, worlds_of(replace(base, flake_ratio=share)), FLAKY) for share in (0.0, 0.03, 0.08)
    ]
    for share in (0.02, 0.05, 0.2, 0.3):
        common = 1.0 - share - 0.03
        cells.append(
            Cell(f"fails {share:g}", 4, worlds_of(replace(base, fail_ratio=share, common_pass_ratio=common)), FLAKY)
        )
    lengths = [(minutes, replace(base, median_minutes=minutes)) for minutes in (5, 30, 60)]
    cells += [
        Cell(f"tests {minutes} min", 4 * max(1, minutes // 12), worlds_of(one), FLAKY) for minutes, one in lengths
    ]
    return cells


def monorepo_cells() -> list[Cell]:
    """Return workload A at its highest rate."""
    return [
        Cell("monorepo 500/h", count, lambda seed: monorepo_world(MonorepoWorkload(), seed), MONOREPO)
        for count in (100, 500)
    ]


def worlds_of(workload: TeamWorkload) -> Callable[[int], World]:
    """Return the worlds of a workload by seed."""
    return lambda seed: team_world(workload, seed)


def run_cell(cell: Cell, seeds: Sequence[int]) -> list[dict[str, object]]:
    """Play every planner through the same worlds."""
    worlds = [cell.worlds(seed) for seed in seeds]
    rows: list[dict[str, object]] = []
    ideal = [measure(world, play_oracle(world, cell.runners_count)) for world in worlds]
    first: list[Figures] = []
    for entry in (Entry("oracle", ""), *cell.entries):
        began = time.process_time()
        figures = ideal if not entry.planner else [play_entry(world, entry, cell.runners_count) for world in worlds]
        first = first or (figures if entry.label.startswith("prefix") else [])
        rows.append(row_of(cell, entry, figures, ideal, first, time.process_time() - began))
        print(line_of(rows[-1]), flush=True)
    return rows


def play_entry(world: World, entry: Entry, runners_count: int) -> Figures:
    """Return the figures of one planner in one world."""
    planner = PLANNERS[entry.planner]
    return measure(world, play(world, planner, entry.options or planner.options, runners_count))


def row_of(
    cell: Cell, entry: Entry, figures: Sequence[Figures], ideal: Sequence[Figures], first: Sequence[Figures], cpu: float
) -> dict[str, object]:
    """Return one line of the table: means, how it stands to the oracle, and how many seeds it wins against `prefix`."""
    mean = mean_figures(figures)
    names = ("p50_minutes", "p95_minutes", "p99_minutes", "builds_per_change")
    wins = (
        [
            sum(getattr(one, name) < getattr(other, name) for one, other in zip(figures, first, strict=True))
            for name in names
        ]
        if first and entry.planner
        else []
    )
    return {
        "workload": cell.name,
        "runners": cell.runners_count,
        "planner": entry.label,
        **dict(to_plain(mean).items()),  # type: ignore[union-attr]
        "times_oracle_p50": mean.p50_minutes / max(1e-9, mean_figures(ideal).p50_minutes),
        "times_oracle_p95": mean.p95_minutes / max(1e-9, mean_figures(ideal).p95_minutes),
        "wins_against_prefix": wins,
        "cpu_seconds": round(cpu, 2),
    }


def line_of(row: dict[str, object]) -> str:
    """Return one line for people."""
    wins = "/".join(str(each) for each in row["wins_against_prefix"]) or "-"  # type: ignore[attr-defined]
    return (
        f"{row['workload']:<32}{row['runners']:>4}  {row['planner']:<27}"
        f"{row['p50_minutes']:7.0f}{row['p95_minutes']:7.0f}{row['p99_minutes']:7.0f}{row['builds_per_change']:7.2f}"
        f"{row['ci_minutes_per_landed']:8.1f}{row['times_oracle_p50']:7.2f}{row['wrong_per_thousand']:7.2f}{row['red_tips_count']:5d}  {wins}"
    )


def speed_rows() -> list[dict[str, object]]:
    """Measure one planning step with 1,000 changes and 200 runners, and the simulation of 10,000 changes."""
    rows: list[dict[str, object]] = []
    for name in ("pcut", "scout", "probation", "prefix", "bors"):
        planner = PLANNERS[name]
        waiting = tuple(Waiting(number=n, arrived_at_seconds=float(n), pass_ratio=0.87) for n in range(1000))
        running = tuple(Running(id=str(n), members=frozenset(range(n + 1)), started_at_seconds=0.0) for n in range(100))
        seen = Snapshot(now_seconds=0.0, waiting=waiting, runners_count=200, running=running)
        began = time.process_time()
        for _ in range(5):
            planner.plan(seen, planner.options, Memory())
        step = (time.process_time() - began) / 5
        world = team_world(TeamWorkload(per_hour=20, hours=500, pair_conflict_ratio=8e-6), 1)
        began = time.process_time()
        played = play(world, planner, planner.options, 8)
        rows.append(
            {
                "planner": name,
                "step_ms": 1000 * step,
                "changes": len(played.decided),
                "simulation_s": time.process_time() - began,
            }
        )
        print(
            f"{name:<14}{1000 * step:9.1f} ms a step   {rows[-1]['simulation_s']:7.2f} s for {len(played.decided)} changes",
            flush=True,
        )
    return rows


def main() -> None:
    """Print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=9000)
    parser.add_argument("--only", choices=("team", "flakes", "monorepo", "speed"), action="append")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    parts = {"team": team_cells, "flakes": sensitivity_cells, "monorepo": monorepo_cells}
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; seeds {seeds.start} to {seeds.stop - 1}")
    print(
        f"{'workload':<32}{'W':>4}  {'planner':<27}{'P50':>7}{'P95':>7}{'P99':>7}{'runs/c':>7}{'min/land':>8}{'x orac':>7}{'wrong':>7}{'red':>5}  wins against prefix (P50/P95/P99/runs)"
    )
    rows = [
        row
        for name, cells in parts.items()
        if not asked.only or name in asked.only
        for cell in cells()
        for row in run_cell(cell, seeds)
    ]
    speed = speed_rows() if not asked.only or "speed" in asked.only else []
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": machine, "seeds": list(seeds), "rows": rows, "speed": speed}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
