"""What still holds after the branch has moved: exactly the same tree, or a proof that the rest commutes."""

from release_harness.steps.merge.model.queue import Members
from release_harness.steps.merge.plan.known import after_landing, after_landing_of_one, after_leaving, never_commutes


def members(*numbers: int) -> Members:
    """Return a set of changes."""
    return frozenset(numbers)


def always(_one: Members, _other: Members) -> bool:
    """Say that everything commutes."""
    return True


def test_a_result_holds_exactly_when_all_that_landed_was_part_of_it() -> None:
    """The new tip with the rest is the tested tree."""
    assert after_landing(members(1, 2, 3), members(1, 2), never_commutes) == members(3)


def test_a_result_is_void_when_something_else_landed_beside_it() -> None:
    """The tree on the new tip was never tested."""
    assert after_landing(members(3), members(1), never_commutes) is None
    assert after_landing(members(1, 3), members(1, 2), never_commutes) is None


def test_what_commutes_with_the_rest_leaves_the_result_standing() -> None:
    """It is a weaker proof, and marked as such where it is used."""
    assert after_landing(members(1, 3), members(1, 2), always) == members(3)


class Asked:
    """Notes what it is asked, and gives one answer."""

    def __init__(self, answer: bool) -> None:  # noqa: FBT001
        """Nothing was asked yet."""
        self.answer = answer
        self.pairs: list[tuple[Members, Members]] = []

    def __call__(self, one: Members, other: Members) -> bool:
        """Answer."""
        self.pairs.append((one, other))
        return self.answer


def test_only_what_is_new_to_the_result_has_to_commute_with_what_is_left_of_it() -> None:
    """What landed as part of it was tested with it."""
    asked = Asked(answer=False)
    assert after_landing(members(1, 3), members(1, 2), asked) is None
    assert asked.pairs == [(members(2), members(3))]


def test_nothing_is_left_of_a_result_whose_members_have_all_landed() -> None:
    """The shorter runs of a landed prefix say nothing more."""
    assert after_landing(members(1), members(1, 2), always) is None


def test_for_the_newest_change_alone_the_others_of_the_set_need_not_commute() -> None:
    """They have results of their own."""
    asked = Asked(answer=True)
    assert after_landing_of_one(members(2, 3), members(1), asked) == members(2, 3)
    assert asked.pairs == [(members(1), members(3))]
    assert after_landing_of_one(members(2, 3), members(3), always) is None


def test_for_the_newest_change_nothing_has_to_commute_when_all_that_landed_was_assumed() -> None:
    """And a result about the tip itself says nothing about any change."""
    assert after_landing_of_one(members(2, 3), members(2), never_commutes) == members(3)
    assert after_landing_of_one(members(), members(2), always) is None


def test_a_result_is_void_when_a_member_left_without_landing() -> None:
    """The others of it stay what they were."""
    assert after_leaving(members(1, 2), members(2)) is None
    assert after_leaving(members(1, 3), members(2)) == members(1, 3)
