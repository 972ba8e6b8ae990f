"""Every refusal with its reason, its sentence, its evidence and what to do next."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.steps.merge.model import (
    LandFacts,
    Look,
    Parent,
    Refusal,
    RefusalReason,
    RunOutcome,
    Suspects,
    Tree,
    TreeRun,
)

_SHOWN = 8
AGAIN = "rh land"


def refuse_moved_head(facts: LandFacts) -> Refusal:
    """The name that was to be landed stands for another commit now."""
    now = facts.head_now[:12] if facts.head_now else "nothing"
    return Refusal(
        reason=RefusalReason.HEAD_CHANGED,
        outcome=Outcome.UNKNOWN,
        says=f"The change was {facts.look.head[:12]} when this began and is {now} now; what was judged is not landed under a new head.",
        next_actions=(NextAction(do="Land the new head; it is judged anew.", command=AGAIN),),
    )


def refuse_for_parents(waiting: Sequence[Parent]) -> Refusal:
    """A change that it depends on was refused, or has not landed yet."""
    refused = [parent for parent in waiting if parent.refused]
    names = _listed([parent.name for parent in refused or waiting])
    if refused:
        why = _listed([f"{show_text(parent.name)} ({parent.refused})" for parent in refused])
        return Refusal(
            reason=RefusalReason.PARENT_REJECTED,
            outcome=Outcome.FAIL,
            says=f"It depends on {why}, which was refused.",
            next_actions=(NextAction(do=f"Mend and land {names} first, or take the trailer away.", who="author"),),
        )
    return Refusal(
        reason=RefusalReason.POLICY,
        outcome=Outcome.UNKNOWN,
        says=f"It depends on {names}, which has not landed.",
        next_actions=(NextAction(do=f"Land {names} first.", command=f"rh land {show_text(waiting[0].name)}"),),
    )


def refuse_conflict(facts: LandFacts) -> Refusal:
    """It does not merge onto the tip."""
    place = show_text(facts.place.name)
    return Refusal(
        reason=RefusalReason.CONFLICT_TEXTUAL,
        outcome=Outcome.FAIL,
        says=f"It does not merge onto {place} at {facts.look.tip[:12]}: conflicts in {_listed(facts.look.conflicts)}.",
        next_actions=(
            NextAction(
                do=f"Rebase onto {place} and solve the conflicts.",
                command=f"git rebase {facts.look.tip[:12]}",
                who="author",
            ),
        ),
    )


def refuse_unknown_content(look: Look) -> Refusal:
    """The result of the merge is not known, so nothing can be tested or landed."""
    why = show_text(look.gaps[0]) if look.gaps else "the result tree could not be computed"
    return Refusal(
        reason=RefusalReason.INFRA,
        outcome=Outcome.UNKNOWN,
        says=f"What would land is not known: {why}",
        next_actions=look.next_actions or (NextAction(do="Fetch what is missing.", command="git fetch --unshallow"),),
    )


def refuse_without_run(look: Look) -> Refusal:
    """There is no run for the tree and none may be started."""
    return Refusal(
        reason=RefusalReason.CHECK_NEVER_REPORTED,
        outcome=Outcome.UNKNOWN,
        says=f"No run of the tests reported on the tree {tree_name(look.result_tree)}, and --no-run keeps this from starting one.",
        next_actions=(NextAction(do="Let it run the tests.", command=AGAIN),),
    )


def refuse_undiagnosed(facts: LandFacts, run: TreeRun) -> Refusal:
    """The tree fails, but without further runs nobody can say whose failure it is."""
    return Refusal(
        reason=RefusalReason.CHECK_NEVER_REPORTED,
        outcome=Outcome.UNKNOWN,
        says=f"The tests fail on the tree {tree_name(facts.look.result_tree)}{_failed(run)}, and --no-run keeps this from finding out whose failure it is.",
        evidence=run.evidence,
        next_actions=(NextAction(do="Let it run the tests on the tip alone and once more.", command=AGAIN),),
    )


def refuse_silent_run(run: TreeRun, tree: Tree) -> Refusal:
    """A run ended without saying anything about the code: nobody is blamed."""
    reason = {
        RunOutcome.TIMEOUT: RefusalReason.TIMEOUT,
        RunOutcome.NOT_RUN: RefusalReason.CHECK_NEVER_REPORTED,
    }.get(run.outcome, RefusalReason.INFRA)
    says = {
        RefusalReason.TIMEOUT: f"The tests did not end within their time limit on {tree.value}",
        RefusalReason.CHECK_NEVER_REPORTED: f"The tests reported nothing on {tree.value}",
        RefusalReason.INFRA: f"The tests could not be run on {tree.value}",
    }[reason]
    do = {
        RefusalReason.TIMEOUT: "Find what hangs in the log, or raise `test.time_limit` in .rh/project.yaml on the branch.",
        RefusalReason.CHECK_NEVER_REPORTED: "Let the test command report what it ran (JUnit XML), and try again.",
        RefusalReason.INFRA: "Mend the machine or the test command, and try again; the change is not to blame.",
    }[reason]
    return Refusal(
        reason=reason,
        outcome=Outcome.UNKNOWN,
        says=f"{says}{': ' + show_text(run.says).rstrip('.') if run.says else ''}.",
        evidence=run.evidence,
        next_actions=(NextAction(do=do, command=AGAIN),),
        retryable=reason is RefusalReason.INFRA,
    )


def refuse_red_base(facts: LandFacts, tip_run: TreeRun) -> Refusal:
    """The branch fails without the change: whether the change is good cannot be told, and it is not blamed."""
    place = show_text(facts.place.name)
    ids = (*(facts.look.run.evidence if facts.look.run else ()), *tip_run.evidence)
    return Refusal(
        reason=RefusalReason.BASE_RED,
        outcome=Outcome.UNKNOWN,
        says=f"{place} at {facts.look.tip[:12]} fails without this change{_failed(tip_run)}; nothing lands on a red branch.",
        evidence=ids,
        next_actions=(
            NextAction(do=f"Mend {place} first, or revert what broke it.", who="anybody"),
            NextAction(do="Then land this change again.", command=AGAIN),
        ),
    )


def refuse_flakes(facts: LandFacts, run: TreeRun, again: TreeRun) -> Refusal:
    """Every failed test of one run passed in the other: no test is known to fail."""
    names = _listed([*run.failed, *again.failed])
    return Refusal(
        reason=RefusalReason.FLAKE_EXHAUSTED,
        outcome=Outcome.UNKNOWN,
        says=f"Two runs of the tree {tree_name(facts.look.result_tree)} failed in different tests: {names}.",
        evidence=(*run.evidence, *again.evidence),
        next_actions=(
            NextAction(
                do="Mend or quarantine the flaky tests, or allow reruns with `test.reruns_count`.", who="author"
            ),
            NextAction(do="Try again.", command=AGAIN),
        ),
    )


def refuse_own_failure(facts: LandFacts, runs: Sequence[TreeRun], alone: TreeRun | None) -> Refusal:
    """The tip passes, the tip with the change fails twice, and the change is not known to pass alone."""
    place = show_text(facts.place.name)
    ids = [each for run in (*runs, *((alone,) if alone else ())) for each in run.evidence]
    tail = ""
    if alone is not None:
        tail = " It fails without what landed meanwhile, too." if alone.outcome is RunOutcome.FAILED else (
            f" Whether it passes without what landed meanwhile is not known ({alone.outcome.value})."
        )  # fmt: skip
    return Refusal(
        reason=RefusalReason.OWN_FAILURE,
        outcome=Outcome.FAIL,
        says=f"{place} at {facts.look.tip[:12]} passes, and fails with this change{_failed(runs[0])}.{tail}",
        evidence=tuple(dict.fromkeys(ids)),
        next_actions=(
            NextAction(do="Mend the change until these tests pass.", command="rh evidence run", who="author"),
        ),
    )


def refuse_pair(facts: LandFacts, runs: Sequence[TreeRun], suspects: Suspects) -> Refusal:
    """Tip and change each pass alone and fail together: the pair is named."""
    named = _listed([f"{each.commit[:12]} {show_text(each.subject)}" for each in suspects.found])
    whom = (
        f"with {named}"
        if suspects.exact
        else f"with one of {named}"
        if suspects.found
        else "with what landed meanwhile"
    )
    ids = [each for run in runs for each in run.evidence]
    ids += [each for culprit in suspects.found for each in culprit.evidence]
    tail = f" {suspects.says}" if suspects.says else ""
    return Refusal(
        reason=RefusalReason.CONFLICT_SEMANTIC,
        outcome=Outcome.FAIL,
        says=f"It merges and it passes alone, but not together {whom}{_failed(runs[0])}.{tail}",
        evidence=tuple(dict.fromkeys(ids)),
        culprits=suspects.found,
        next_actions=(
            NextAction(
                do=f"Rebase onto {show_text(facts.place.name)} and make the two work together.",
                command=f"git rebase {facts.look.tip[:12]}",
                who="author",
            ),
        ),
    )


def refuse_verdict(facts: LandFacts) -> Refusal:
    """The policy does not pass, or not yet: what is missing decides the reason."""
    look = facts.look
    open_nodes = [node for node in named_nodes(look.verdict) if node.outcome is not Outcome.PASS]
    reason = _reason_of(look, open_nodes)
    first = next((node for node in open_nodes if node.outcome is look.verdict.outcome), look.verdict)
    actions = look.next_actions or tuple(action for node in open_nodes for action in node.actions)
    lost = (
        " Approvals were given to an earlier content of this branch." if reason is RefusalReason.APPROVAL_LOST else ""
    )
    return Refusal(
        reason=reason,
        outcome=look.verdict.outcome,
        says=_sentences(look.verdict.says, first.says) + lost,
        evidence=look.approvals_lost if reason is RefusalReason.APPROVAL_LOST else look.evidence,
        next_actions=actions,
    )


def _reason_of(look: Look, nodes: Sequence[Verdict]) -> RefusalReason:
    rules = {node.rule for node in nodes}
    if look.verdict.outcome is Outcome.FAIL:
        return RefusalReason.POLICY
    approvals = any(rule.startswith("approval") for rule in rules)
    if approvals and look.approvals_lost:
        return RefusalReason.APPROVAL_LOST
    if look.run is not None and look.run.flaky and any(rule.startswith("evidence:") for rule in rules):
        return RefusalReason.FLAKE_EXHAUSTED
    if not approvals and any(rule.startswith("evidence:") for rule in rules):
        return RefusalReason.CHECK_NEVER_REPORTED
    return RefusalReason.POLICY


def named_nodes(verdict: Verdict) -> Iterator[Verdict]:
    """Yield the nodes that a policy asks for by name, the outermost of each branch."""
    if verdict.rule.startswith(("evidence:", "approval", "content.", "rejection", "surface:", "fault")):
        yield verdict
        return
    if not verdict.children:
        yield verdict
    for child in verdict.children:
        yield from named_nodes(child)


def _sentences(*parts: str) -> str:
    """Join what is said into sentences, each said once."""
    said = dict.fromkeys(part.strip() for part in parts if part.strip())
    return " ".join(part[0].upper() + part[1:] + ("" if part.endswith((".", "!", "?")) else ".") for part in said)


def _failed(run: TreeRun) -> str:
    return f" in {_listed(run.failed)}" if run.failed else ""


def tree_name(tree: str | None) -> str:
    """Name a tree by its first twelve digits."""
    return tree[:12] if tree else "that is not known"


def _listed(names: Iterable[str]) -> str:
    shown = [show_text(name) for name in dict.fromkeys(names)]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
