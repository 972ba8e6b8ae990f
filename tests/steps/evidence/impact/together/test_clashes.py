"""Two changes that are each green: what they do to each other."""

from dataclasses import replace

import pytest

from release_harness.kernel.verdict import Outcome
from release_harness.steps.evidence.impact.together import find_clashes
from release_harness.steps.evidence.model.impact import ChangedSymbol, SymbolChange
from release_harness.steps.evidence.model.together import (
    ClashKind,
    Contribution,
    Keyed,
    Place,
    TogetherAnswer,
    Use,
)


def changed(symbol: str, change: SymbolChange, line: int = 3, was: str = "") -> ChangedSymbol:
    """Return a change of one symbol."""
    return ChangedSymbol(
        symbol=symbol, change=change, path=symbol.partition(":")[0], line=line, kind="function", was=was
    )


PRICE = "shop/price.py:total"
CALL = Use(PRICE, "shop/basket.py:checkout", Place("shop/basket.py", 9))


def test_a_new_caller_of_a_changed_signature_is_a_break() -> None:
    """Both branches are green alone; merged, the call does not fit."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.SIGNATURE),))
    other = Contribution(name="b", uses=(CALL,))
    (clash,) = find_clashes([one, other])
    assert (clash.kind, clash.outcome) == (ClashKind.SIGNATURE, Outcome.FAIL)
    assert clash.says == (
        "a changes the signature of total (shop/price.py:3), "
        "and b adds a use of the old one in checkout (shop/basket.py:9)"
    )


@pytest.mark.parametrize("order", [0, 1])
def test_the_order_of_the_changes_does_not_matter(order: int) -> None:
    """Who is asked first must not decide whether the break is seen."""
    pair = [
        Contribution(name="a", changed=(changed(PRICE, SymbolChange.SIGNATURE),)),
        Contribution(name="b", uses=(CALL,)),
    ]
    assert len(find_clashes(pair[::-1] if order else pair)) == 1


def test_a_body_change_does_not_hurt_new_callers() -> None:
    """Only what callers see can break them; anything else would be noise on every pair."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.BODY),))
    assert find_clashes([one, Contribution(name="b", uses=(CALL,))]) == ()


@pytest.mark.parametrize("gone", [SymbolChange.REMOVED, SymbolChange.MOVED])
def test_a_use_of_what_the_other_removes_is_a_break(gone: SymbolChange) -> None:
    """A renamed function is gone under the name that the other branch calls."""
    symbol = PRICE if gone is SymbolChange.REMOVED else "shop/price.py:sum_up"
    one = Contribution(name="a", changed=(changed(symbol, gone, was="" if symbol == PRICE else PRICE),))
    (clash,) = find_clashes([one, Contribution(name="b", uses=(CALL,))])
    assert (clash.kind, clash.outcome) == (ClashKind.REMOVED, Outcome.FAIL)


def test_editing_what_the_other_removes_is_opposite() -> None:
    """The edit would be lost without a word."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.REMOVED),))
    other = Contribution(name="b", changed=(changed(PRICE, SymbolChange.BODY),))
    (clash,) = find_clashes([one, other])
    assert clash.kind is ClashKind.OPPOSITE


def test_one_symbol_edited_twice_asks_for_a_look() -> None:
    """Git merges two edits whose lines lie apart; whether they agree is for a person to say."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.BODY),), texts={PRICE: "1"})
    other = replace(one, name="b", texts={PRICE: "2"})
    (clash,) = find_clashes([one, other])
    assert (clash.kind, clash.outcome) == (ClashKind.EDITED_TWICE, Outcome.UNKNOWN)


def test_one_constant_set_to_two_values_is_a_break() -> None:
    """Whichever is merged last wins, and the other team does not hear of it."""
    one = Contribution(name="a", changed=(changed("shop/price.py:TAX", SymbolChange.CONSTANT),), texts={"x": "1"})
    (clash,) = find_clashes([one, replace(one, name="b")])
    assert (clash.kind, clash.outcome) == (ClashKind.OPPOSITE, Outcome.FAIL)
    assert clash.says.endswith("both set TAX to different values")


def test_the_same_edit_made_twice_is_none() -> None:
    """Stacked branches carry the same edit; that is no collision."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.BODY),), texts={PRICE: "1"})
    assert find_clashes([one, replace(one, name="b")]) == ()


def test_one_symbol_added_twice_breaks() -> None:
    """The second definition silently replaces the first."""
    one = Contribution(name="a", changed=(changed(PRICE, SymbolChange.ADDED),), texts={PRICE: "1"})
    (clash,) = find_clashes([one, replace(one, name="b", texts={PRICE: "2"})])
    assert clash.outcome is Outcome.FAIL


def test_a_migration_number_is_told_once() -> None:
    """Two migrations that share number and parent are one collision, not two."""
    one = Contribution(
        name="a",
        migrations={
            "number 7 in app/migrations": Place("app/migrations/0007_a.py"),
            "follower of 0006_x in app/migrations": Place("app/migrations/0007_a.py"),
        },
    )
    other = Contribution(
        name="b",
        migrations={
            "number 7 in app/migrations": Place("app/migrations/0007_b.py"),
            "follower of 0006_x in app/migrations": Place("app/migrations/0007_b.py"),
        },
    )
    (clash,) = find_clashes([one, other])
    assert "number 7" in clash.says


def test_a_route_added_twice_is_a_break() -> None:
    """The router answers with whichever was registered first."""
    one = Contribution(name="a", entries={"http GET /x": Place("a.py", 1)})
    (clash,) = find_clashes([one, Contribution(name="b", entries={"http GET /x": Place("b.py", 2)})])
    assert (clash.kind, clash.outcome) == (ClashKind.ENTRY, Outcome.FAIL)


@pytest.mark.parametrize(
    ("one_value", "other_value", "expected"),
    [("1", "2", Outcome.FAIL), ("1", "1", None), ("1", "", Outcome.UNKNOWN), ("", "", Outcome.UNKNOWN)],
)
def test_a_key_set_to_two_values_is_a_break(one_value: str, other_value: str, expected: Outcome | None) -> None:
    """Values that cannot be read are not taken for equal."""
    one = Contribution(name="a", keys={"setting LIMIT": Keyed(Place("s.py", 1), one_value)})
    other = Contribution(name="b", keys={"setting LIMIT": Keyed(Place("t.py", 1), other_value)})
    assert [clash.outcome for clash in find_clashes([one, other])] == ([expected] if expected else [])


def test_nothing_to_compare_is_no_pass() -> None:
    """An answer with gaps is unknown, however few clashes were found."""
    assert TogetherAnswer(clashes=(), unknown=("b has no base",), compared=("a", "b")).outcome is Outcome.UNKNOWN
    assert TogetherAnswer(clashes=(), unknown=(), compared=("a", "b")).outcome is Outcome.PASS


def test_breaks_come_before_what_asks_for_a_look() -> None:
    """A reader who stops after the first line has read the worst."""
    one = Contribution(
        name="a", changed=(changed(PRICE, SymbolChange.BODY),), entries={"http GET /x": Place("z.py", 1)}
    )
    found = find_clashes([one, replace(one, name="b")])
    assert [clash.outcome for clash in found] == [Outcome.FAIL, Outcome.UNKNOWN]
