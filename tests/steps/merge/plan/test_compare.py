"""Which setting is recommended: the cheapest whose P95 is within the wanted time, and nothing that nobody can stand by."""

from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model.simulation import SettingFigures
from release_harness.steps.merge.plan.simulation.compare import Setting, compare, recommend
from release_harness.steps.merge.plan.simulation.workloads import TeamWorkload, team_world


def row(planner: str, runners: int, p95: float, cost: float, **more: object) -> SettingFigures:
    """Return figures of which only these matter."""
    values = {
        "changes_count": 100,
        "p50_minutes": p95 / 2,
        "p99_minutes": p95 * 1.2,
        "runs_per_change": 1.0,
        "aborted_ratio": 0.0,
        "landed_ratio": 0.9,
        "wrong_per_thousand": 0.0,
        "red_tips_count": 0,
        "within_wait_count": 9,
        **more,
    }
    return SettingFigures(
        planner=planner,
        runners_count=runners,
        p95_minutes=p95,
        ci_minutes_per_landed=cost,
        **values,  # type: ignore[arg-type]
    )


def test_the_cheapest_setting_within_the_wanted_time_is_recommended_with_its_p99() -> None:
    """The quickest one costs more, the cheapest of all is too slow."""
    rows = (row("pcut", 2, 200, 10.0), row("pcut", 8, 50, 14.0), row("scout", 8, 40, 15.0))
    advice = recommend(rows, 60, 12)
    assert (advice.outcome, advice.planner, advice.runners_count) == (Outcome.PASS, "pcut", 8)
    assert "P95 of 50 and a P99 of 60 minutes" in advice.says
    assert "9 of 12 draws" in advice.says
    assert "of the 2 settings" in advice.says
    assert "the only setting" in recommend(rows[:2], 60, 12).says


def test_of_two_that_cost_the_same_the_one_with_fewer_runners_is_taken() -> None:
    """Idle machines cost, too."""
    assert recommend((row("pcut", 8, 20, 14.02), row("pcut", 4, 30, 14.04)), 60, 12).runners_count == 4


def test_a_planner_that_lets_changes_overtake_says_so() -> None:
    """Not every team wants that."""
    assert "overtake" in recommend((row("scout", 8, 40, 15.0),), 60, 12).says
    assert "overtake" not in recommend((row("pcut", 8, 40, 15.0),), 60, 12).says


def test_a_planner_that_lets_changes_overtake_has_to_be_ahead_on_p99_too() -> None:
    """A few CI minutes are not worth the order of the line and a longer tail."""
    pcut = row("pcut", 2, 52, 34.5, p99_minutes=66.0)
    advice = recommend((pcut, row("scout", 2, 53, 34.3, p99_minutes=74.0)), 60, 12)
    assert (advice.planner, advice.runners_count) == ("pcut", 2)
    assert "scout with 2 runners costs 34.3, but lets changes overtake" in advice.says
    assert "keep the order" in advice.says
    assert recommend((pcut, row("scout", 2, 40, 34.3, p99_minutes=60.0)), 60, 12).planner == "scout"


def test_without_a_setting_within_the_time_the_quickest_is_named_and_none_recommended() -> None:
    """A fail, with what could be done."""
    advice = recommend((row("pcut", 2, 200, 10.0), row("pcut", 4, 100, 12.0)), 60, 12)
    assert (advice.outcome, advice.planner) == (Outcome.FAIL, "")
    assert "quickest is pcut with 4 runners, P95 100" in advice.says


def test_a_setting_that_made_the_branch_red_is_never_recommended() -> None:
    """However cheap it is."""
    assert recommend((row("pcut", 1, 20, 9.0, red_tips_count=1),), 60, 12).outcome is Outcome.FAIL


def test_nothing_played_is_unknown() -> None:
    """No figures are no pass."""
    assert recommend((), 60, 12).outcome is Outcome.UNKNOWN


def test_settings_go_through_the_same_draws_and_are_raced_against_prefix() -> None:
    """As many draws as seeds, and no race of the yardstick with itself."""
    worlds = [team_world(TeamWorkload(hours=2), seed) for seed in (1, 2)]
    settings = [Setting(planner=name, runners_count=2) for name in ("prefix", "pcut")]
    steps: list[int] = []
    prefix, pcut = compare(worlds, settings, 60, lambda: steps.append(1))
    assert len(steps) == 4
    assert prefix.won is None
    assert pcut.won is not None
    assert all(0 <= each <= 2 for each in pcut.won)
    assert prefix.changes_count == pcut.changes_count
    (alone,) = compare(worlds, settings[1:], 60)
    assert alone.won is None
