"""Which tests surely lead to changed code by references alone: a test function, over whatever it calls, to the change.

What most tests lead to, such as the settings of the application that their fixtures make, says nothing of any one of them:
it is told once, as a share of all tests.
"""

from collections.abc import Iterator, Mapping, Sequence

from release_harness.steps.evidence.impact.answer.crossing import CROSSING_LEAST_COUNT, CROSSING_RATIO
from release_harness.steps.evidence.impact.answer.touches import referrers_of
from release_harness.steps.evidence.impact.difference.seeds import Seed
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.model.impact import Confidence, SymbolId
from release_harness.steps.evidence.model.relevance import ReferringTest

_LISTED_COUNT = 2_000


def tests_referring(head: SideView, seeds: Sequence[Seed]) -> tuple[tuple[ReferringTest, ...], tuple[str, ...]]:
    """Return the tests of the head that lead to a seed by sure references, nearest first, and what too many of them lead to."""
    wanted = {each.symbol: each for each in seeds if each.sure and not each.on_import}
    tests = dict(_tests(head)) if wanted else {}
    reached = head.graph.nearest(wanted, [Node(each) for each in tests], referrers_of(wanted)) if tests else {}
    by_seed: dict[SymbolId, dict[SymbolId, int]] = {}
    for (node, seed), (confidence, length) in reached.items():
        if confidence is Confidence.HIGH:
            by_seed.setdefault(seed, {})[node.symbol] = length
    shared = {seed for seed, found in by_seed.items() if _are_many(len(found), len(tests))}
    said = tuple(f"{len(by_seed[seed])} of {len(tests)} tests lead to {seed}" for seed in sorted(shared))
    return _nearest({seed: found for seed, found in by_seed.items() if seed not in shared}, tests), said


def _are_many(count: int, all_count: int) -> bool:
    return all_count >= CROSSING_LEAST_COUNT and count >= CROSSING_RATIO * all_count


def _nearest(
    by_seed: Mapping[SymbolId, Mapping[SymbolId, int]], tests: Mapping[SymbolId, str]
) -> tuple[ReferringTest, ...]:
    best: dict[SymbolId, ReferringTest] = {}
    for seed, found in sorted(by_seed.items()):
        for test, length in found.items():
            known = best.get(test)
            if known is None or length < known.hops_count:
                best[test] = ReferringTest(test=tests[test], symbol=seed, hops_count=length)
    return tuple(sorted(best.values(), key=lambda each: (each.hops_count, each.test))[:_LISTED_COUNT])


def _tests(side: SideView) -> Iterator[tuple[SymbolId, str]]:
    """Yield the symbol of each test function, and its name as pytest writes it."""
    for path in side.tree.blobs:
        if path.endswith(".py") and is_test_path(path):
            for qualname in side.graph.functions_in(path):
                if _is_test(qualname):
                    yield f"{path}:{qualname}", "::".join((path, *qualname.split(".")))


def _is_test(qualname: str) -> bool:
    return qualname.rpartition(".")[2].startswith("test") and "<locals>" not in qualname
