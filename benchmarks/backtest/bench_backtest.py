"""rh-backtest v1 over real histories: how well scores and rules tell what was later reverted or mended.

    python -m benchmarks.backtest.bench_backtest --histories FOLDER [--cache FOLDER] [--only NAME]… [--json FILE] [--speed]

For a history that helped to make the prior, the prior is made again without it; held-out histories get the shipped table.
Every quarter is scored by what could be known before it began; only the prior of another history may be younger.
--speed walks one history anew beside git's own walk of it, in CPU seconds.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.backtest.histories import (
    HISTORIES,
    HORIZON_DAYS,
    History,
    Matrix,
    Ready,
    learn_prior,
    make_ready,
    open_history,
)

from release_harness.kernel.records import to_plain
from release_harness.steps.risk.flow.backtest import BacktestOrder, run_backtest
from release_harness.steps.risk.model.backtest import Calibration, Estimate, PolicyResult, Ranking
from release_harness.steps.risk.rules.heads import walk_forward
from release_harness.steps.risk.rules.measures import (
    Scored,
    bounds_of,
    calibrate,
    difference,
    escaped_by_quarter,
    positives_by_quarter,
    rank,
    resample,
)
from release_harness.steps.risk.rules.percentiles import trailing_percentiles
from release_harness.steps.risk.rules.prior import prior_weights
from release_harness.steps.risk.rules.quarters import Outcomes, plan_folds
from release_harness.steps.risk.rules.replay import AUTO, FULL, is_docs_or_tests, is_low_by_rule, lines_of
from release_harness.steps.risk.rules.reporting import policy_result
from release_harness.steps.risk.rules.scoring import calibration_slope, rank_all, score_all, with_claims


@dataclass
class Result:
    """What was measured of one history."""

    history: History
    scored_count: int
    positives_count: int
    rankings: dict[str, Ranking]
    lift: Estimate
    calibration: Calibration
    rules: tuple[PolicyResult, ...]


def measure_one(ready: Ready, prior: Matrix, outcomes: Outcomes) -> Result:
    """Score one history with one prior."""
    folds = plan_folds(outcomes, ready.since_seconds)
    tests = np.concatenate([each.test for each in folds])
    asked = [ready.prepared.landings[place] for place in tests]
    lines = np.array([float(lines_of(each.files)) for each in asked])
    scored = Scored(positives=outcomes.positives[tests], lines=lines, bounds=bounds_of([each.test for each in folds]))
    draws = resample(scored)
    scores = score_all(ready.measured.rows, folds, ready.history.label, tests, asked)
    scores["score"] = walk_forward(ready.places, folds, prior)
    scores["cross"] = walk_forward(ready.places, folds, prior, 1e9)
    rankings = {each.name: each for each in rank_all(scores, scored, draws)}
    claims = trailing_percentiles(with_claims(ready.measured.rows, ready.prepared.landings))
    wide = np.concatenate([prior, np.zeros(claims.shape[1] - len(prior))])
    track_b = walk_forward(claims, folds, wide)
    rankings["track B"] = rank("track B", "the score with what titles claim", scored, track_b, draws)
    levels = {AUTO: AUTO, FULL: FULL}
    rules = tuple(
        policy_result(name, (AUTO, FULL), levels, [AUTO if rule(each) else FULL for each in asked], scored, draws)
        for name, rule in (("docs", is_docs_or_tests), ("rule", is_low_by_rule))
    )
    escaped = [escaped_by_quarter(scored, scores[name], 0.5) for name in ("size", "score")]
    return Result(
        history=ready.history,
        scored_count=len(tests),
        positives_count=int(scored.positives.sum()),
        rankings=rankings,
        lift=difference(escaped[0], escaped[1], positives_by_quarter(scored), draws),
        calibration=calibrate(scored, scores["score"], calibration_slope),
        rules=rules,
    )


def measure_all(readies: Sequence[Ready]) -> list[Result]:
    """Score every history, each with a prior that never saw it."""
    found = []
    for each in readies:
        teachers = [other for other in readies if _teaches(other.history, each.history)]
        if each.history.role == "held out":
            prior = np.array(prior_weights(each.history.label))
        elif teachers:
            prior = learn_prior(teachers)
        else:
            prior = np.zeros(each.places.shape[1])
        result = measure_one(each, prior, each.outcomes)
        print_result(result)
        found.append(result)
    return found


def _teaches(other: History, history: History) -> bool:
    return other.role != "held out" and other.label == history.label and other.name != history.name


def print_result(result: Result) -> None:
    """Print one history."""
    history = result.history
    rate = result.positives_count / max(result.scored_count, 1)
    print(
        f"\n{history.name} ({history.role}), {history.label} within {HORIZON_DAYS[history.label]} days: "
        f"{result.scored_count} landings, {result.positives_count} positives ({rate:.2%})"
    )
    print(f"  {'':<8}{'AUC':>22}{'E@30':>7}{'E@50':>23}{'E@70':>7}{'c@5':>6}{'c@10':>6}{'c@20':>6}{'c@50':>6}")
    for name, each in result.rankings.items():
        captured = "".join(f"{value:>6.2f}" for value in each.captured)
        print(
            f"  {name:<8}{_show(each.auc):>22}{each.escaped[0].value:>7.2f}{_show(each.escaped[1]):>23}"
            f"{each.escaped[2].value:>7.2f}{captured}"
        )
    for rule in result.rules:
        print(f"  {rule.name:<5} A {rule.auto_share:.2f} E {rule.escaped_share:.2f} RR {_show(rule.risk_ratio)}")
    found = result.calibration
    print(
        f"  lift over size at half auto {_show(result.lift)}; ECE {found.error:.3f}, Brier skill {found.skill:+.4f}, slope {found.slope:.2f}"
    )


def print_means(results: Sequence[Result]) -> dict[str, Any]:
    """Print the macro means of each label and role."""
    means: dict[str, Any] = {}
    for label in ("reverts", "fixes"):
        for role in ("development", "training", "held out"):
            chosen = [each for each in results if each.history.label == label and each.history.role == role]
            if not chosen:
                continue
            rows = {}
            for name in chosen[0].rankings:
                rankings = [each.rankings[name] for each in chosen]
                rows[name] = {
                    "auc": float(np.mean([each.auc.value for each in rankings])),
                    "escaped_at_half": float(np.mean([each.escaped[1].value for each in rankings])),
                    "captured_at_tenth": float(np.mean([each.captured[1] for each in rankings])),
                    "captured_at_fifth": float(np.mean([each.captured[2] for each in rankings])),
                }
            means[f"{label}, {role}"] = rows
            print(f"\nmacro mean of {len(chosen)}, {label}, {role}")
            for name, row in rows.items():
                print(
                    f"  {name:<8}AUC {row['auc']:.3f}  E@50 {row['escaped_at_half']:.3f}  c@10 {row['captured_at_tenth']:.3f}  c@20 {row['captured_at_fifth']:.3f}"
                )
    return means


def measure_speed(history: History, folder: Path) -> dict[str, float]:
    """Compare a first and a second backtest with git's own walk of the same history, in CPU seconds."""
    repository = folder / history.name / "repo"
    raw = _git_seconds(
        ["log", "--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "HEAD"], repository
    )
    trees = _pairs(repository)
    numstat = _git_seconds(["diff-tree", "--stdin", "-r", "-z", "--numstat", "--no-renames"], repository, trees)
    seconds = {"git_raw": raw, "git_numstat": numstat}
    with tempfile.TemporaryDirectory() as cache:
        for name in ("first", "second"):
            before = _cpu_seconds()
            application = open_history(history, folder, Path(cache))
            run_backtest(
                application, BacktestOrder(policies=("built-in",), since=str(history.since_year), label=history.label)
            )
            application.repository.close()
            seconds[name] = _cpu_seconds() - before
    own = seconds["git_raw"] + seconds["git_numstat"]
    print(
        f"\n{history.name}: git raw {raw:.1f} + numstat {numstat:.1f} = {own:.1f} CPU s; first backtest {seconds['first']:.1f} "
        f"({seconds['first'] / own:.2f}), second {seconds['second']:.1f} ({seconds['second'] / own:.2f})"
    )
    return seconds


def _pairs(repository: Path) -> bytes:
    shown = (
        subprocess.run(
            ["git", "log", "--first-parent", "--format=%T", "HEAD"], cwd=repository, check=True, capture_output=True
        )
        .stdout.decode()
        .split()
    )
    return "".join(f"{old} {new}\n" for new, old in pairwise(shown)).encode()


def _git_seconds(arguments: Sequence[str], repository: Path, stdin: bytes = b"") -> float:
    before = _cpu_seconds()
    done = subprocess.run(["git", *arguments], cwd=repository, input=stdin, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        print(f"{repository}: git's own walk ended early, at an object that is not here; choose a whole clone.")
    return _cpu_seconds() - before


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _show(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}, {estimate.high:.3f})"


def main() -> None:
    """Measure what is asked for, print it, and write JSON."""
    parser = argparse.ArgumentParser(description="rh-backtest v1 over real histories.")
    parser.add_argument("--histories", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "rh-backtest")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--speed", action="store_true")
    asked = parser.parse_args()
    chosen = [each for each in HISTORIES if not asked.only or each.name in asked.only]
    present = [each for each in chosen if (asked.histories / each.name / "repo").is_dir()]
    if asked.speed:
        figures: Any = {each.name: measure_speed(each, asked.histories) for each in present}
    else:
        started = time.process_time()
        results = measure_all([make_ready(each, asked.histories, asked.cache) for each in present])
        figures = {
            "results": [to_plain_result(each) for each in results],
            "means": print_means(results),
            "cpu_seconds": time.process_time() - started,
        }
    if asked.json:
        about = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
        asked.json.write_text(json.dumps({"about": about, "figures": figures}, indent=1) + "\n", encoding="utf-8")


def to_plain_result(result: Result) -> dict[str, Any]:
    """Write one history as plain data."""
    return {
        "history": vars(result.history),
        "scored_count": result.scored_count,
        "positives_count": result.positives_count,
        "rankings": {name: to_plain(each) for name, each in result.rankings.items()},
        "lift": to_plain(result.lift),
        "calibration": to_plain(result.calibration),
        "rules": [to_plain(each) for each in result.rules],
    }


if __name__ == "__main__":
    main()
