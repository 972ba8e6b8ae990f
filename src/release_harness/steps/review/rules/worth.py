"""What one recorded answer is worth under the policies in force, said at once and not only at the gate."""

from collections.abc import Iterator

from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.review.model import Examination

_SHOWN_ID_CHARACTERS = 19
"""The policies show that much of an approval's id in their trees."""


def worth_of(examination: Examination, event_id: str) -> tuple[bool, str]:
    """Tell whether the answer counts under every policy in force, and why or why not."""
    found = next((each for each in examination.approvals if each.signed.id == event_id), None)
    if found is None:
        return False, "it was recorded for other content than what is there now"
    if not found.counts:
        return False, found.why
    if found.rejected:
        return True, "it stands until the same person approves this content"
    reasons = []
    for judgement in examination.judgements:
        counts, why = _under(judgement.verdict, event_id, judgement.tier.tier)
        if not counts:
            return False, why
        reasons.append(why)
    return True, "; ".join(dict.fromkeys(reasons)) or "it is seen"


def filling_ids(examination: Examination) -> tuple[str, ...]:
    """Return the approvals that fill a requirement of people, in the order of the ledger: one for each person and requirement."""
    filling: set[str] = set()
    for judgement in examination.judgements:
        for node in _nodes(judgement.verdict):
            if node.rule.startswith("approvals:"):
                passing = [trace for trace in node.children if trace.outcome is Outcome.PASS]
                # What a person said first is what was counted; saying it again fills nothing.
                first = {trace.says: trace.seen for trace in reversed(passing)}
                filling.update(seen.partition(",")[0] for seen in first.values())
    approved = [each.signed.id for each in examination.approvals if each.counts and not each.rejected]
    return tuple(event_id for event_id in approved if event_id[:_SHOWN_ID_CHARACTERS] in filling)


def _under(verdict: Verdict, event_id: str, tier: str) -> tuple[bool, str]:
    requirements = [node for node in _nodes(verdict) if node.rule.startswith("approvals:")]
    traces = [
        trace
        for node in requirements
        for trace in node.children
        if trace.seen.startswith(event_id[:_SHOWN_ID_CHARACTERS])
    ]
    if not requirements:
        return True, f"it is recorded, although tier {tier} asks nobody to approve"
    passing = [trace for trace in traces if trace.outcome is Outcome.PASS]
    if passing:
        return True, f"it is one of the looks that tier {tier} asks of people"
    return False, traces[0].says if traces else "no policy in force looked at it"


def _nodes(verdict: Verdict) -> Iterator[Verdict]:
    yield verdict
    for child in verdict.children:
        yield from _nodes(child)
