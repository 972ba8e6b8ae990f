"""Searches are done once for all who ask: the answer is the one that a search of its own would give."""

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.impact.link.before import Before
from release_harness.steps.evidence.impact.link.linked import Linked
from release_harness.steps.evidence.impact.link.search import Search, Searches
from release_harness.steps.evidence.impact.link.states import State, Step

SOURCES = {
    "deep.py": "def seed(): ...\ndef one():\n    seed()\ndef two():\n    one()\n",
    "far.py": "from deep import two, one\ndef three():\n    two()\ndef four(x):\n    x.five()\n    one()\n",
    "views.py": "import far\nclass Page:\n    def five(self):\n        far.three()\ndef handler():\n    far.four(Page())\n",
}
TARGETS = [Node("views.py:handler"), Node("far.py:three"), Node("far.py:four"), Node("views.py:Page")]


def linked() -> Linked:
    """Return the sources, linked."""
    return link_sources(SOURCES)


def test_who_asks_again_is_answered_as_who_asked_first() -> None:
    """The answer for tests must not depend on which entry points were looked for before them."""
    graph, other = linked().graph(), linked().graph()
    seeds = ["deep.py:seed", "deep.py:one"]
    graph.reaching(seeds, TARGETS[:1])
    assert graph.reaching(seeds, TARGETS) == other.reaching(seeds, TARGETS)
    assert graph.reaching(seeds, TARGETS) == other.reaching(seeds, TARGETS)


def test_the_nearest_are_as_sure_and_as_far_as_their_ways() -> None:
    """Thousands of tests are told by their distance alone; it has to be that of the way that would be shown."""
    graph = linked().graph()
    ways = graph.reaching(["deep.py:seed"], TARGETS)
    assert graph.nearest(["deep.py:seed"], TARGETS) == {key: (way.confidence, way.length) for key, way in ways.items()}
    assert len(ways) == len(TARGETS)


def test_a_search_stops_where_all_targets_are_met() -> None:
    """What lies behind them is followed only when somebody asks for it, and is counted only then."""
    asked: list[State] = []
    before = _chain(asked)
    searches = Searches(before, {})
    levels = searches.search(["0"], alone=False).levels()
    assert [[state for state, _ in next(levels).states] for _ in range(2)] == [[("0", "")], [("1", "")]]
    assert asked == [("0", ""), ("1", "")]
    again = searches.search(["0"], alone=False).levels()
    assert [[state for state, _ in level.states] for level in again] == [[(str(at), "")] for at in range(4)]
    assert asked == [(str(at), "") for at in range(4)]


def test_a_search_in_which_something_is_held_is_nobody_elses() -> None:
    """What one asks to be followed by all its ways would be seen by the next who asks."""
    searches = Searches(_chain([]), {})
    assert isinstance(searches.search(["0"], alone=True), Search)
    assert searches.search(["0"], alone=True) is not searches.search(["0"], alone=True)
    assert searches.search(["0"], alone=False) is searches.search(["0"], alone=False)


class _Chain(Before):
    """What leads to `0` is `1`, to that `2`, and to that `3`."""

    def __init__(self, asked: list[State]) -> None:
        self._asked = asked

    def before(self, state: State) -> list[Step]:
        self._asked.append(state)
        following = int(state[0]) + 1
        return [Step((str(following), ""), 0, "calls", 1, asynchronous=False)] if following < 4 else []


def _chain(asked: list[State]) -> Before:
    return _Chain(asked)
