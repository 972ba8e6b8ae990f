"""A machine that lands changes in a made-up world with bad luck, against invariants that must hold at every moment.

Slow: several hundred histories.
"""

import itertools
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, TreeId, digest_bytes
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.merge.model import (
    Already,
    Culprit,
    Land,
    LandFacts,
    Look,
    Method,
    NeedRun,
    NeedSuspects,
    Person,
    Place,
    Refusal,
    RefusalReason,
    RunOutcome,
    Step,
    Suspects,
    Tree,
    TreeRun,
)
from release_harness.steps.merge.rules import check_draft, decide, draft_commit, next_probe

Content = frozenset[str]
NAMES = ("a", "b", "c", "d")
BLAME = (RefusalReason.OWN_FAILURE, RefusalReason.CONFLICT_SEMANTIC)
PLACE = Place(branch="main", remote="origin")


def hash_of(*parts: object) -> str:
    """Return a made-up object id."""
    return digest_bytes(repr(parts).encode())[7:47]


def tree_of(content: Content) -> TreeId:
    """Name the tree of a content."""
    return TreeId(hash_of("tree", sorted(content)))


class Landings(RuleBasedStateMachine):
    """Changes are names, trees are sets of names, and tests fail for bad names and for bad pairs."""

    @initialize(
        bad=st.frozensets(st.sampled_from(NAMES)),
        pairs=st.frozensets(st.sampled_from(list(itertools.combinations(NAMES, 2)))),
    )
    def begin(self, bad: Content, pairs: frozenset[tuple[str, str]]) -> None:
        """Decide what is really broken, and start with an empty branch."""
        self.bad, self.pairs = bad, pairs
        self.main: list[Content] = [frozenset()]
        self.by_us: list[int] = []
        self.heads = dict.fromkeys(NAMES, 0)
        self.bases = dict.fromkeys(NAMES, 0)
        self.passed: set[TreeId] = set()
        self.flaked: set[TreeId] = set()
        self.facts: LandFacts | None = None
        self.name = ""
        self.step: Step | None = None

    def fails(self, content: Content) -> bool:
        """Tell what the tests really say."""
        return bool(content & self.bad) or any(set(pair) <= content for pair in self.pairs)

    def head(self, name: str) -> CommitId:
        """Name the head of a change as it is now."""
        return CommitId(hash_of("head", name, self.heads[name]))

    def tip_at(self, index: int) -> CommitId:
        """Name the commit of the branch at a place; the history is part of the name."""
        return CommitId(hash_of("tip", [sorted(each) for each in self.main[: index + 1]]))

    def run_on(self, content: Content, luck: str) -> TreeRun:
        """Run the tests with luck: the truth, no answer, or one flake for each tree."""
        tree = tree_of(content)
        outcome = RunOutcome.FAILED if self.fails(content) else RunOutcome.PASSED
        if luck in ("timeout", "infra"):
            outcome = RunOutcome.TIMEOUT if luck == "timeout" else RunOutcome.INFRA
        elif luck == "flake" and outcome is RunOutcome.PASSED and tree not in self.flaked:
            self.flaked.add(tree)
            outcome = RunOutcome.FAILED
        if outcome is RunOutcome.PASSED:
            self.passed.add(tree)
        return TreeRun(
            tree=tree,
            outcome=outcome,
            evidence=(hash_of(tree, outcome),),
            failed=("t",) if outcome is RunOutcome.FAILED else (),
        )

    def look_at(self, name: str, run: TreeRun | None) -> Look:
        """Examine a change on the tip of now."""
        result = self.main[-1] | {name}
        good = run is not None and run.outcome is RunOutcome.PASSED
        return Look(
            head=self.head(name),
            tip=self.tip_at(len(self.main) - 1),
            merge_base=self.tip_at(self.bases[name]),
            branch=name,
            title=name,
            brief="",
            author=Person(name="Ana", email="ana@example.org"),
            result_tree=tree_of(result),
            change=ChangeDigest("sha256:" + "0" * 64),
            policy=PolicyDigest("sha256:" + "0" * 64),
            tier="low",
            verdict=Verdict(outcome=Outcome.PASS if good else Outcome.UNKNOWN, says="-", rule="gate"),
            forced=False,
            conflicts=(),
            gaps=(),
            files=(),
            evidence=(),
            approvals=(),
            bypasses=(),
            approvals_lost=(),
            next_actions=(),
            tests_configured=True,
            run=run,
            method=Method.MERGE,
        )

    @rule(name=st.sampled_from(NAMES))
    def start(self, name: str) -> None:
        """Begin to land a change; whatever was underway is forgotten, as after a crash."""
        self.name = name
        already = "the branch holds the same content" if name in self.main[-1] else ""
        self.facts = LandFacts(place=PLACE, look=self.look_at(name, None), head_now=self.head(name), already=already)
        self.on = self.main[-1]
        self.base = self.main[self.bases[name]]
        self.length = len(self.main)

    @rule(luck=st.sampled_from(["truth", "truth", "truth", "flake", "timeout", "infra"]))
    def go_on(self, luck: str) -> None:
        """Take one step, as the flow does."""
        if self.facts is None:
            return
        facts = replace(self.facts, head_now=self.head(self.name))
        step = decide(facts)
        self.step = step
        if isinstance(step, NeedRun):
            self.facts = self.after_run(facts, step.tree, luck)
        elif isinstance(step, NeedSuspects):
            self.facts = replace(facts, suspects=self.search())
        elif isinstance(step, Land):
            self.swap(facts)
        else:
            self.check_end(facts, step)
            self.facts = None

    def after_run(self, facts: LandFacts, tree: Tree, luck: str) -> LandFacts:
        """Add what a run says."""
        contents = {Tree.TIP: self.on, Tree.ALONE: self.base | {self.name}}
        run = self.run_on(contents.get(tree, self.on | {self.name}), luck)
        if tree is Tree.TIP:
            return replace(facts, tip_run=run)
        if tree is Tree.ALONE:
            return replace(facts, alone_run=run)
        if tree is Tree.AGAIN and run.outcome is not RunOutcome.PASSED:
            return replace(facts, again=run)
        good = run.outcome is RunOutcome.PASSED
        verdict = Verdict(outcome=Outcome.PASS if good else Outcome.UNKNOWN, says="-", rule="gate")
        return replace(facts, look=replace(facts.look, run=run, verdict=verdict))

    def search(self) -> Suspects:
        """Search as the flow does, without bad luck."""
        first = self.bases[self.name]
        passing, failing = 0, self.length - 1 - first
        while (probe := next_probe(passing, failing)) is not None:
            failed = self.fails(self.main[first + probe] | {self.name})
            passing, failing = (passing, probe) if failed else (probe, failing)
        found = tuple(Culprit(commit=self.tip_at(first + at), subject="-") for at in range(passing + 1, failing + 1))
        return Suspects(found=found, exact=len(found) == 1)

    def swap(self, facts: LandFacts) -> None:
        """Compare and swap; a moved tip means beginning again."""
        draft = draft_commit(facts.look, PLACE)
        assert draft is not None
        check_draft(facts, draft, tree=draft.tree, first_parent=draft.tip)
        if draft.tip == self.tip_at(len(self.main) - 1):
            self.main.append(self.main[-1] | {self.name})
            self.by_us.append(len(self.main) - 1)
        self.facts = None

    def check_end(self, facts: LandFacts, step: Step) -> None:
        """Compare blame with the truth."""
        if isinstance(step, Already):
            assert self.name in self.on
        if not isinstance(step, Refusal):
            return
        together, alone = self.fails(self.on | {self.name}), self.fails(self.base | {self.name})
        if step.reason in BLAME:
            assert together, "blamed although the tests pass"
            assert not self.fails(self.on), "blamed for a red base"
            assert step.outcome is Outcome.FAIL
            assert step.evidence
        elif step.reason is not RefusalReason.HEAD_CHANGED:
            assert step.outcome is Outcome.UNKNOWN
        if step.reason is RefusalReason.CONFLICT_SEMANTIC:
            assert not alone
            (culprit,) = step.culprits
            at = next(each for each in range(self.length) if self.tip_at(each) == culprit.commit)
            assert self.fails(self.main[at] | {self.name})
            assert not self.fails(self.main[at - 1] | {self.name})
        assert facts.head_now == facts.look.head or step.reason is RefusalReason.HEAD_CHANGED

    @rule(name=st.sampled_from(NAMES))
    def push_foreign(self, name: str) -> None:
        """Let somebody push to the branch without us; it may break it."""
        self.main.append(self.main[-1] | {name})

    @rule(name=st.sampled_from(NAMES))
    def push_head(self, name: str) -> None:
        """Let an author push to a change, rebased onto the tip."""
        self.heads[name] += 1
        self.bases[name] = len(self.main) - 1

    @invariant()
    def every_tip_that_we_made_was_tested_and_is_green(self) -> None:
        """Invariant 1: a stored pass for its exact tree; and, with true passes only, it really is green."""
        for at in getattr(self, "by_us", []):
            assert tree_of(self.main[at]) in self.passed
            assert not self.fails(self.main[at])

    @invariant()
    def nothing_lands_twice(self) -> None:
        """Invariant 6: each of our landings adds something that was not there."""
        for at in getattr(self, "by_us", []):
            assert self.main[at] != self.main[at - 1]


TestLandings = pytest.mark.slow(Landings.TestCase)
TestLandings.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
