"""What was answered about one tree is told of the next one where it holds, and nowhere else."""

import pytest
from tests.steps.evidence.impact.link.test_incremental import BASE, CHANGES, Remembering

from release_harness.steps.evidence.impact.link.layers import Newest
from release_harness.steps.evidence.impact.link.linked import link
from release_harness.steps.evidence.impact.tree import SourceTree

ASKED: dict[str, dict[str, str | None]] = {
    **{name: changed for name, (changed, _) in CHANGES.items()},
    "a class with another base": {
        "app/models.py": BASE["app/models.py"].replace(
            "class User:", "class Base:\n    def name(self): ...\nclass User(Base):"
        )
    },
    "a member of another kind": {"app/models.py": BASE["app/models.py"].replace("name = ''", "def name(self): ...")},
    "another class of the same name": {"app/more.py": "class User:\n    def save(self): ...\n"},
}


@pytest.mark.parametrize("name", list(ASKED))
def test_what_was_answered_about_one_tree_is_told_of_the_next_only_where_it_holds(name: str) -> None:
    """The two sides of a change are asked nearly the same, and an answer of the wrong side would be a wrong card."""
    sources = {path: text for path, text in {**BASE, **ASKED[name]}.items() if text is not None}
    sources["app/guess.py"] = (
        "def g(user, x):\n    user.save()\n    x.save()\n    getattr(x, 'find_it')\n    return 'store'\n"
    )
    newest, first = Newest(), SourceTree({**BASE, "app/guess.py": sources["app/guess.py"]})
    symbols = sorted(
        f"{path}:{each.qualname}" for tree in (first, SourceTree(sources)) for path in tree.blobs for each in tree.facts(path).symbols
    )  # fmt: skip
    before = link(first, newest=newest).graph()
    told = [list(before.referrers(each)) for each in symbols]
    assert any(told)
    found = link(Remembering(sources, first), newest=newest).graph()
    fresh = link(SourceTree(sources)).graph()
    for symbol in symbols:
        assert list(found.referrers(symbol)) == list(fresh.referrers(symbol)), symbol
    assert found.dropped == fresh.dropped
