"""The command that plays the queue: what it answers, over made-up worlds and over a repository's own landings."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pprint import pformat
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot

from release_harness.kernel.digests import TreeId, digest_bytes
from release_harness.kernel.errors import InputError
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.model import EvidenceRecord, Origin
from release_harness.steps.merge.model.simulation import (
    Assumption,
    Bin,
    Calibration,
    HistoryUsed,
    Recommendation,
    SettingFigures,
    Simulation,
)
from release_harness.steps.merge.plan.odds import Attempt, Traits
from release_harness.steps.merge.render.cost_plot import cost_svg
from release_harness.steps.merge.render.simulate import simulation_markdown, simulation_plain, simulation_text
from release_harness.steps.merge.rules import simulating
from release_harness.steps.risk.model.landings import NOT_COUNTED, FileRow
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.past import write_commit

SLOW = pytest.mark.slow


def figures(
    planner: str, runners: int, p95: float, cost: float, won: tuple[int, int, int, int] | None
) -> SettingFigures:
    """Return one row."""
    return SettingFigures(
        planner=planner,
        runners_count=runners,
        changes_count=200,
        p50_minutes=p95 / 2,
        p95_minutes=p95,
        p99_minutes=p95 * 1.25,
        runs_per_change=1.5,
        ci_minutes_per_landed=cost,
        aborted_ratio=0.25,
        landed_ratio=0.875,
        wrong_per_thousand=0.0,
        red_tips_count=0,
        within_wait_count=2,
        won=won,
    )


def answer() -> Simulation:
    """Return an answer in which everything is said."""
    return Simulation(
        workload="history",
        says="main: its 60 landings.",
        seeds_count=3,
        wait_minutes=60.0,
        lanes=True,
        assumptions=(Assumption(name="minutes", value=12.0, source="assumed: no run is recorded"),),
        rows=(
            figures("pcut", 1, 800.0, 9.0, (3, 3, 3, 3)),
            figures("pcut", 8, 48.0, 18.5, (2, 3, 3, 1)),
            figures("bors", 1, 1000.0, 10.0, (3, 3, 2, 3)),
            figures("bors", 8, 1000.0, 10.0, (0, 0, 0, 3)),
            figures("prefix", 8, 110.0, 20.0, None),
        ),
        recommendation=Recommendation(
            outcome=Outcome.PASS, says="Take pcut with 8 runners.", planner="pcut", runners_count=8
        ),
        history=HistoryUsed(
            branch="main",
            tip="a" * 40,
            days=90,
            landings_count=60,
            changes_count=55,
            busiest_hour_count=4,
            lines_median=30.0,
            commuting_ratio=0.25,
            areas=(("src/**", 40), ("docs|x/**", 9)),
            calibration=Calibration(
                learned_count=70,
                tested_count=30,
                failed_count=4,
                brier=0.1,
                brier_of_common_rate=0.125,
                weight=0.5,
                bins=(Bin(predicted_ratio=0.1, failed_ratio=0.125, changes_count=30),),
            ),
        ),
        limits=("Git does not know when it was ready.",),
        plot="queue.svg",
    )


def test_the_json_form_is_a_contract() -> None:
    """Programs read it; keys are only ever added."""
    plain = dict(simulation_plain(answer()))
    plain["rows"] = plain["rows"][1:2]
    assert pformat(plain, sort_dicts=False, width=120) == snapshot("""\
{'outcome': 'pass',
 'workload': 'history',
 'says': 'main: its 60 landings.',
 'seeds_count': 3,
 'wait_minutes': 60.0,
 'lanes': True,
 'assumptions': [{'name': 'minutes', 'value': 12.0, 'source': 'assumed: no run is recorded'}],
 'rows': [{'planner': 'pcut',
           'runners_count': 8,
           'changes_count': 200,
           'p50_minutes': 24.0,
           'p95_minutes': 48.0,
           'p99_minutes': 60.0,
           'runs_per_change': 1.5,
           'ci_minutes_per_landed': 18.5,
           'aborted_ratio': 0.25,
           'landed_ratio': 0.875,
           'wrong_per_thousand': 0.0,
           'red_tips_count': 0,
           'within_wait_count': 2,
           'won': {'p50': 2, 'p95': 3, 'p99': 3, 'runs': 1}}],
 'recommendation': {'outcome': 'pass', 'says': 'Take pcut with 8 runners.', 'planner': 'pcut', 'runners_count': 8},
 'history': {'branch': 'main',
             'tip': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
             'days': 90,
             'landings_count': 60,
             'changes_count': 55,
             'busiest_hour_count': 4,
             'lines_median': 30.0,
             'commuting_ratio': 0.25,
             'areas': [{'area': 'src/**', 'changes_count': 40}, {'area': 'docs|x/**', 'changes_count': 9}],
             'calibration': {'learned_count': 70,
                             'tested_count': 30,
                             'failed_count': 4,
                             'brier': 0.1,
                             'brier_of_common_rate': 0.125,
                             'weight': 0.5,
                             'bins': [{'predicted_ratio': 0.1, 'failed_ratio': 0.125, 'changes_count': 30}],
                             'is_useful': True}},
 'limits': ['Git does not know when it was ready.'],
 'plot': 'queue.svg'}\
""")


def test_a_terminal_of_eighty_columns_holds_the_table_and_a_wide_one_shows_more() -> None:
    """People look at this over a shared screen."""
    narrow = simulation_text(answer(), View(width=80, unicode=True))
    wide = simulation_text(answer(), View(width=200, unicode=True))
    assert max(map(len, narrow.splitlines())) <= 80
    assert "→ " in narrow
    assert "2/3/3/1" in narrow
    assert "aborted" not in narrow
    assert "aborted" in wide
    assert "█" in wide
    assert max(map(len, wide.splitlines())) <= 200


def test_without_unicode_the_page_is_plain() -> None:
    """Logs of a CI are often read as ASCII."""
    for width in (80, 200):
        assert simulation_text(answer(), View(width=width, unicode=False)).isascii()


def test_markdown_keeps_names_of_folders_from_breaking_the_table() -> None:
    """A folder may be called anything."""
    page = simulation_markdown(answer())
    assert "| pcut | 8 | 24 | 48 | 60 | 1.50 | 18.5 | 0.0 | 2/3/3/1 |" in page
    assert page.startswith("**Take pcut with 8 runners.**")


def test_the_plot_is_whole_and_says_its_figures_as_text() -> None:
    """One line for each planner, points by runners, joined where they cover each other, readable on dark and light."""
    drawn = cost_svg(answer())
    root = ET.fromstring(drawn)  # noqa: S314 - our own picture
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"pcut", "bors", "prefix", "1", "8", "1, 8"} <= set(texts)
    assert sum("line" in each.get("class", "") for each in root.iter("{http://www.w3.org/2000/svg}polyline")) == 3
    assert "prefers-color-scheme:dark" in drawn
    assert 'class="ring"' in drawn
    assert "P95 48" in drawn


def test_no_rows_have_no_plot() -> None:
    """An empty picture would look like an answer."""
    from dataclasses import replace

    assert cost_svg(replace(answer(), rows=())) == ""


@pytest.mark.parametrize(
    ("planners", "runners", "code"),
    [
        (("pcuts",), "1", "PLANNER_UNKNOWN"),
        ((), "0", "RUNNERS_MALFORMED"),
        ((), "1,,2", "RUNNERS_MALFORMED"),
        ((), "many", "RUNNERS_MALFORMED"),
        ((), "²", "RUNNERS_MALFORMED"),
        ((), ",".join(map(str, range(1, 100))), "SIMULATION_RANGE"),
    ],
)
def test_settings_that_make_no_sense_are_refused(planners: tuple[str, ...], runners: str, code: str) -> None:
    """With what could be written instead."""
    with pytest.raises(InputError) as caught:
        simulating.read_settings(planners, runners)
    assert caught.value.code == code


def test_settings_are_every_planner_with_every_number_once() -> None:
    """In the order in which planners are asked for."""
    found = simulating.read_settings(("bors", "pcut", "bors"), "4, 1,4")
    assert [(each.planner, each.runners_count) for each in found] == [
        ("bors", 1),
        ("bors", 4),
        ("pcut", 1),
        ("pcut", 4),
    ]


@pytest.mark.parametrize("value", [-0.1, 0.95, float("nan"), float("inf")])
def test_figures_outside_of_their_limits_are_refused(value: float) -> None:
    """Not a number is no number."""
    with pytest.raises(InputError):
        simulating.within(simulating.FAILS, value)


def test_an_unknown_workload_is_refused() -> None:
    """The three are named."""
    with pytest.raises(InputError, match="workload"):
        simulating.read_workload("teams")


def ran(seconds: float, **more: object) -> EvidenceRecord:
    """Return one recorded run of so many seconds."""
    started = datetime(2026, 1, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "predicate": "test-result/v0.1",
        "origin": Origin.COMPUTED,
        "exit_code": 0,
        "facts": {"tests.run_count": 3},
        **more,
    }
    return EvidenceRecord(
        id="sha256:1",
        result_tree=TreeId("1" * 40),
        change=None,
        base=None,
        producer=Actor(id="ana", kind=ActorKind.PERSON),
        command=(),
        environment_digest=digest_bytes(b""),
        isolation="",
        started_at=started,
        finished_at=started + timedelta(seconds=seconds),
        log_digest=None,
        policy=None,
        dependency_lock="",
        unknown={},
        claims={},
        details=None,
        **values,
    )


def test_the_length_of_a_run_comes_from_the_runs_that_are_recorded() -> None:
    """Median and spread of those that ended and were computed here."""
    records = [ran(60.0 * minutes) for minutes in (4, 5, 5, 6, 7)]
    noise = [ran(9000, exit_code=137), ran(9000, origin=Origin.REPORTED), ran(9000, predicate="scan/v1")]
    found = simulating.spread_of_runs([*records, *noise], None, 12.0)
    assert found.median_minutes == pytest.approx(5.0)
    assert 0.1 < found.sigma < 0.3
    assert found.source == "recorded: 5 runs"


def test_too_few_runs_are_no_record_and_what_was_asked_for_goes_first() -> None:
    """It is said that the figure is assumed."""
    few = simulating.spread_of_runs([ran(60.0)], None, 12.0)
    assert (few.median_minutes, few.source) == (12.0, "assumed: 1 recorded runs are too few")
    assert simulating.spread_of_runs([ran(60.0)] * 9, 30.0, 12.0).median_minutes == 30.0


def test_the_share_of_failures_comes_from_recorded_attempts() -> None:
    """Below twenty it is assumed, and said so."""
    attempts = [Attempt(traits=Traits(), failed=number % 5 == 0) for number in range(40)]
    assert simulating.rate_of_failures(attempts, None, 0.1).value == pytest.approx(0.2)
    assert simulating.rate_of_failures(attempts[:10], None, 0.1).source.startswith("assumed")
    assert simulating.rate_of_failures(attempts, 0.3, 0.1).source == "asked"


def test_what_everything_depends_on_commutes_with_nothing() -> None:
    """CI, dependencies, migrations, files at the top, and what nobody knows."""

    def commutes(*paths: str) -> bool:
        files = [FileRow(path, "M", 1, 1) for path in paths]
        return not simulating.past_change(0.0, "ana", files).commutes_never

    assert commutes("src/a.py", "docs/b.md")
    for path in (".github/workflows/ci.yml", "package-lock.json", "shop/migrations/0001_first.py", "setup.cfg"):
        assert not commutes("src/a.py", path), path
    assert not commutes()


def test_lines_that_cannot_be_counted_are_not_known() -> None:
    """And not zero."""
    assert simulating.traits_of([FileRow("a.png", "M", NOT_COUNTED, NOT_COUNTED)]).lines_count is None
    assert simulating.traits_of([]) == Traits()


def rh(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "COLUMNS": "80", "LANG": "C.UTF-8"}
    environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
    command = [sys.executable, "-m", "release_harness", "queue", "simulate", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def asked(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the command and read its JSON."""
    done = rh(folder, *arguments, "--format", "json")
    assert done.stdout, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, read


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """A repository with 80 landings, one every quarter of an hour, and an older one that is too old to count."""
    made = GitRepository.create(tmp_path_factory.mktemp("busy") / "repository")
    start = 1_760_000_000
    commits = [write_commit("Begin", start - 400 * 86_400, "src/begin.py", "1\n")]
    commits += [
        write_commit(
            f"Change {number}", start + 900 * number, f"{('src', 'docs')[number % 2]}/p{number % 7}.md", f"{number}\n"
        )
        for number in range(80)
    ]
    made.git("fast-import", "--quiet", stdin=b"".join(commits))
    made.git("reset", "--quiet", "--hard", "main")
    return made


@SLOW
def test_a_team_needs_no_repository_and_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    """Who thinks about a queue may not have one yet. Slow: it starts two processes."""
    question = ("--seeds", "2", "--hours", "3", "--runners", "2,8", "--wait", "90")
    code, first = asked(tmp_path, *question)
    assert (code, first["schema"], first["outcome"]) == (0, "rh.queue.simulate/1", "pass")
    assert [each["planner"] for each in first["rows"][::2]] == ["pcut", "scout", "prefix", "bors", "serial"]
    assert all(each["red_tips_count"] == 0 and each["wrong_per_thousand"] == 0 for each in first["rows"])
    assert asked(tmp_path, *question)[1] == first


@SLOW
def test_with_no_setting_quick_enough_it_fails(tmp_path: Path) -> None:
    """A script can go by the exit code. Slow: it starts a process."""
    code, answered = asked(
        tmp_path, "--seeds", "1", "--hours", "3", "--runners", "1", "--planner", "serial", "--wait", "5"
    )
    assert (code, answered["outcome"]) == (1, "fail")
    assert answered["recommendation"]["planner"] == ""


@SLOW
def test_a_history_is_replayed_as_it_came(busy: GitRepository, tmp_path: Path) -> None:
    """Its landings of the last days, and not those before. Slow: it walks a history."""
    plot = tmp_path / "queue.svg"
    code, answered = asked(
        busy.path,
        "--workload",
        "history",
        "--seeds",
        "2",
        "--planner",
        "pcut",
        "--planner",
        "prefix",
        "--svg",
        str(plot),
    )
    history = answered["history"]
    assert (code, history["landings_count"], history["changes_count"]) == (0, 80, 80)
    assert history["busiest_hour_count"] == 4
    assert history["commuting_ratio"] == 1.0
    assert history["areas"] == [{"area": "docs/**", "changes_count": 40}, {"area": "src/**", "changes_count": 40}]
    assert any("assumed" in each["source"] for each in answered["assumptions"])
    assert ET.parse(plot).getroot().tag.endswith("svg")  # noqa: S314 - our own file
    assert answered["plot"] == str(plot)


@SLOW
def test_a_short_history_is_unknown_and_says_so(busy: GitRepository) -> None:
    """Nobody should choose machines by ten landings. Slow: it starts a process."""
    done = rh(busy.path, "--workload", "history", "--branch", "main~60")
    assert done.returncode == 3
    assert "too few to tell" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
