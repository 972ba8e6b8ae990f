"""The smallest set of actions that would let a verdict pass."""

from release_harness.kernel.verdict import NextAction, Outcome, Verdict


def smallest_actions(verdict: Verdict) -> tuple[NextAction, ...]:
    """Return the fewest actions after which the verdict would pass, in the order of the tree, each once.

    Where every child must pass, all that do not pass add theirs; where one is enough, the cheapest child does, and a child
    that nobody can do anything about is no way out. Empty for a verdict that passes.
    """
    return _needed(verdict)


def _needed(node: Verdict) -> tuple[NextAction, ...]:
    if node.outcome is Outcome.PASS:
        return ()
    below = [_needed(child) for child in node.children if child.outcome is not Outcome.PASS]
    if node.one_suffices:
        ways = [way for way in below if way]
        chosen = min(ways, key=_cost) if ways else ()
    else:
        chosen = tuple(action for way in below for action in way)
    return tuple(dict.fromkeys((*node.actions, *chosen)))


def _cost(way: tuple[NextAction, ...]) -> tuple[int, int]:
    """Count the actions, then those that rh cannot do."""
    return len(way), sum(not action.command for action in way)
