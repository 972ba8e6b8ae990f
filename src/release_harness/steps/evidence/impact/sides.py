"""Links a tree and finds its entry points: what the answer needs of each side."""

from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.answer.mounting import looked_again
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.words import SourceWords, WordSearch
from release_harness.steps.evidence.impact.discovered import Discovered
from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS
from release_harness.steps.evidence.impact.link.building import LinkCache, Spread
from release_harness.steps.evidence.impact.link.layers import Newest
from release_harness.steps.evidence.impact.link.linked import link
from release_harness.steps.evidence.impact.tree import SourceTree, TreeFacts


def view_side(
    tree: TreeFacts,
    words: WordSearch,
    *,
    frameworks: Sequence[Framework] = FRAMEWORKS,
    declared: Sequence[Mapping[str, Any]] = (),
    cache: LinkCache | None = None,
    spread: Spread | None = None,
    newest: Newest | None = None,
    discovered: Discovered | None = None,
) -> SideView:
    """Link a tree and find its entry points; `spread` maps over processes.

    `cache` keeps both between commands, `newest` the links and `discovered` the entry points between trees.
    """
    linked = link(tree, frameworks, cache, declared, spread, newest)
    discoveries = (discovered or Discovered(cache)).discover(linked, frameworks)
    graph = linked.graph(discoveries)
    return SideView(tree, linked.program, graph, looked_again(discoveries, linked.program, graph), words)


def view_sources(sources: Mapping[str, str | bytes]) -> SideView:
    """Link files held in memory."""
    tree = SourceTree(sources)
    return view_side(tree, SourceWords(tree))
