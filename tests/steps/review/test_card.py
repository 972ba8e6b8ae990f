"""The seven fields: computed where they can be, asked for by name where they cannot."""

from dataclasses import replace

import pytest

from release_harness.kernel.facts import FactValue, Known, Unknown
from release_harness.steps.changes.model import CardField
from release_harness.steps.review.rules.card import fields_of
from release_harness.testing.policies import QUIET, facts
from release_harness.testing.review import BRIEF, examination_of, findings_of, green_findings, small_change


def test_a_card_always_has_seven_fields() -> None:
    """The article's card is the contract with everybody who reads it."""
    card = examination_of(small_change()).card
    assert [name for name, _title, _field in fields_of(card)] == [
        "goal",
        "scope",
        "risk_tier",
        "verification_evidence",
        "ship_method",
        "rollback_method",
        "watch_metrics",
    ]


def test_a_field_is_answered_or_asks_for_something() -> None:
    """A missing field that asks for nothing would look like an answer."""
    for brief in (None, BRIEF):
        for findings in (findings_of(), green_findings()):
            card = examination_of(small_change(), brief=brief, findings=findings).card
            for name, _title, each in fields_of(card):
                assert (each.source == "missing") == bool(each.asks), name
                assert each.says, name


def test_without_a_brief_the_commit_title_is_a_hint_and_never_the_goal() -> None:
    """A title says what was done; the goal says why."""
    goal = examination_of(small_change()).card.goal
    assert goal.source == "missing"
    assert "Answer refunds by mail" in goal.says
    assert "rh brief new" in goal.asks


def test_a_goal_trailer_is_marked_as_such() -> None:
    """A trailer is weaker than a brief and must not look like one."""
    change = small_change()
    commit = replace(change.commits[0], trailers=(("Goal", "Refunds within a day"),))
    assert examination_of(replace(change, commits=(commit,))).card.goal == CardField(
        says="Refunds within a day", source="trailer"
    )


def test_the_brief_answers_goal_ship_rollback_and_watch() -> None:
    """What the author wrote down comes before what a surface says or what can be guessed."""
    brief = replace(BRIEF, ship="flag refunds, internal first", rollback="flag off", watch="refund_errors_total")
    card = examination_of(small_change("src/auth/login.py"), brief=brief).card
    assert card.goal.source == card.ship_method.source == card.rollback_method.source == "brief"
    assert card.watch_metrics.says == "refund_errors_total"


def test_success_signals_are_watched_when_nothing_else_is_named() -> None:
    """A signal that was worth a line in the brief is worth a look after the release."""
    assert examination_of(small_change(), brief=BRIEF).card.watch_metrics.says == BRIEF.success_signals


def test_surfaces_answer_when_the_brief_does_not() -> None:
    """The policy knows how a sensitive part ships, is taken back and is watched."""
    card = examination_of(small_change("src/auth/login.py")).card
    assert {card.ship_method.source, card.rollback_method.source, card.watch_metrics.source} == {"policy"}


def with_facts(**values: FactValue) -> dict[str, FactValue]:
    """Return the quiet facts with others on top; double underscores stand for dots."""
    return {**QUIET, **{name.replace("__", "."): value for name, value in values.items()}}


def test_a_flag_a_library_and_a_document_ship_in_their_own_ways() -> None:
    """What can be seen from the diff and the repository is not asked for."""
    change = small_change()
    flag = examination_of(change, findings=findings_of(known=with_facts(flags__touched=True))).card.ship_method
    assert (flag.source, flag.says) == ("computed", "behind the flag that the change touches")
    library = examination_of(change).card.ship_method
    assert library.says == "with the next published version of the Python package; nothing here deploys"
    document = examination_of(small_change("docs/a.md", known=with_facts(change__code_files_count=0))).card.ship_method
    assert document.says == "with the merge; no code file is touched"


def test_a_flag_is_named_with_the_place_where_it_was_seen() -> None:
    """Whoever doubts that the change is behind a flag must be able to look at the line."""
    findings = findings_of(known=QUIET)
    seen = Known(value=True, source="computed here: src/app.py:7, 2 lines in 1 file")
    findings = replace(findings, facts={**findings.facts, "flags.touched": seen})
    says = examination_of(small_change(), findings=findings).card.ship_method.says
    assert says == "behind the flag that the change touches (src/app.py:7, 2 lines in 1 file)"


def test_a_deployed_application_is_asked_how_users_get_it() -> None:
    """A Dockerfile says that something is deployed, not how users come to see it."""
    ship = examination_of(small_change(), root_names=("Dockerfile", "pyproject.toml")).card.ship_method
    assert ship.source == "missing"
    assert "Dockerfile" in ship.says.replace("dockerfile", "Dockerfile")


def test_a_revert_is_the_way_back_only_when_no_data_is_touched() -> None:
    """Reverting code does not bring rows back."""
    assert examination_of(small_change()).card.rollback_method == CardField(
        says="revert of the merge commit; no migration, no data file touched", source="computed"
    )
    data = examination_of(small_change("seeds/users.csv")).card.rollback_method
    assert (data.source, data.says) == ("missing", "a revert does not undo data: seeds/users.csv")


def test_migrations_make_ship_and_rollback_questions() -> None:
    """When the schema moves, order and way back have to be said by somebody."""
    change = small_change("src/app.py")
    change = replace(change, facts={**change.facts, **facts({"migrations.files_count": 2})})
    card = examination_of(change).card
    assert card.ship_method.source == card.rollback_method.source == "missing"
    assert "before or after the code" in card.ship_method.asks


@pytest.mark.parametrize("listing_complete", [True, False])
def test_unknown_migrations_are_no_way_back(listing_complete: bool) -> None:  # noqa: FBT001 - parametrized
    """Not knowing whether data is touched must never read as `no data touched`."""
    change = small_change()
    unknown = {**change.facts, "migrations.files_count": Unknown(why="the listing was cut")}
    card = examination_of(replace(change, facts=unknown, listing_complete=listing_complete)).card
    assert card.rollback_method.source == "missing"
    assert card.rollback_method.says.startswith("unknown: ")


def test_tests_that_did_not_run_are_said() -> None:
    """`12 tests run` without the three that did not would be a claim."""
    values = with_facts(tests__run_count=12, tests__failed_count=1, tests__not_run_count=3)
    evidence = examination_of(small_change(), findings=findings_of(known=values)).card.verification_evidence
    assert evidence.says.startswith("12 tests run (1 failed, 3 not run)")
    assert evidence.source == "computed"


def test_a_long_goal_says_that_it_was_cut() -> None:
    """Nothing is cut silently, not even prose."""
    goal = examination_of(small_change(), brief=replace(BRIEF, goal="word " * 200)).card.goal
    assert goal.says.endswith("… (cut)")
