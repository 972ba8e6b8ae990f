"""What review can do: judge, explain, approve, reject, list what waits, and break the glass."""

from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.model import (
    Answer,
    AnswerOrder,
    CheckReport,
    Explanation,
    GlassBroken,
    ReviewGiven,
    ReviewQueue,
)
from release_harness.steps.review.render.deeds import broken_text, given_text, queue_outcome, queue_text
from release_harness.steps.review.render.markdown import card_markdown
from release_harness.steps.review.render.report import card_text, check_text, explain_text, why_text

if TYPE_CHECKING:
    from release_harness.steps.evidence.flow.together import TogetherNeeds, TogetherRepository
    from release_harness.steps.review.flow import ExamineNeeds
    from release_harness.steps.review.flow.answer import AnswerNeeds
    from release_harness.steps.review.flow.examine import ExamineRepository
    from release_harness.steps.review.flow.queue import QueueNeeds

    class CheckRepository(ExamineRepository, TogetherRepository, Protocol):
        """What judging a change beside others reads."""

    class CheckNeeds(ExamineNeeds, TogetherNeeds, Protocol):
        """What judging a change beside others needs."""

        @property
        def repository(self) -> CheckRepository:
            """The repository."""
            ...


# The flows load the whole pipeline; a handler loads what it needs, so that `rh check --help` does not pay for it.

_REVISION = "What is judged: a branch, a commit or A..B; HEAD when nothing is named."
_BASE = "Branch or revision to land on; the default branch when nothing is named."
_KEY = "Private key file, or the public key of one that the ssh agent holds; default git's user.signingkey (gpg.format=ssh)."


@record
class CheckInput:
    """Which change is looked at."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("Judge the working tree, with what is not committed."))


@record
class TogetherInput:
    """Which change is judged, and which others it must go together with."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("Judge the working tree, with what is not committed."))
    with_: tuple[str, ...] = field(
        default=(), metadata=option("Another change that it must go together with; repeatable.", metavar="REV")
    )


@record
class AnswerInput:
    """What is approved or rejected, and how it is proven."""

    revision: str = field(metadata=argument("The one change: a branch, a commit or A..B.", metavar="CHANGE"))
    base: str = field(default="", metadata=option(_BASE, metavar="BRANCH"))
    lens: tuple[str, ...] = field(
        default=(), metadata=option("Lens under which you looked; may be given several times.")
    )
    key: str = field(default="", metadata=option(_KEY, metavar="FILE"))
    unsigned: bool = field(default=False, metadata=option("Do not sign: the proof level is then only `login`."))
    note: str = field(default="", metadata=option("What you want to say with it.", metavar="TEXT"))


@record
class BreakGlassInput:
    """Which rules are gone past, why, and for how long."""

    revision: str = field(metadata=argument("The one change: a branch, a commit or A..B.", metavar="CHANGE"))
    rule: tuple[str, ...] = field(
        default=(), metadata=option("Rule to go past, by id as `rh why` shows it; repeatable.", metavar="ID")
    )
    incident: str = field(default="", metadata=option("The incident that it is for.", metavar="ID"))
    reason: str = field(default="", metadata=option("Why it cannot wait.", metavar="TEXT"))
    ttl: timedelta | None = field(default=None, metadata=option("How long it holds; at most what the policy allows."))
    key: str = field(default="", metadata=option(_KEY, metavar="FILE"))
    base: str = field(default="", metadata=option(_BASE, metavar="BRANCH"))


@record
class QueueInput:
    """How much of the queue is looked at."""

    base: str = field(default="", metadata=option(_BASE, metavar="BRANCH"))
    limit: int = field(default=25, metadata=option("How many branches are examined, the oldest first."))
    time: timedelta = field(default=timedelta(seconds=60), metadata=option("How long it may take; the rest is named."))


def _spec(request: CheckInput | TogetherInput | AnswerInput | BreakGlassInput) -> ChangeSpec:
    worktree = isinstance(request, CheckInput | TogetherInput) and request.worktree
    return ChangeSpec(revision=request.revision, base=request.base, worktree=worktree)


def check(needs: "CheckNeeds", request: TogetherInput) -> CheckReport:
    """Judge a change, and whether it goes together with others when some are named; writes nothing."""
    from release_harness.steps.review.flow import examine
    from release_harness.steps.review.rules.shown import show_check

    spec = _spec(request)
    examination = examine(needs, spec)
    report = show_check(examination, spec)
    if not request.with_:
        return report
    from release_harness.steps.changes.flow import gather
    from release_harness.steps.evidence.flow.together import together_for

    others = [(name, gather(needs, replace(spec, revision=name, worktree=False))) for name in request.with_]
    changes = [(report.revision or "HEAD", examination.change), *others]
    return replace(report, together=together_for(needs, changes))


def show_card(needs: "ExamineNeeds", request: CheckInput) -> CheckReport:
    """Judge a change for its card; writes nothing."""
    from release_harness.steps.review.flow import examine
    from release_harness.steps.review.rules.shown import show_check

    return show_check(examine(needs, _spec(request)), _spec(request))


def explain_policy(needs: "ExamineNeeds", request: CheckInput) -> Explanation:
    """Say what every policy in force saw and wanted."""
    from release_harness.steps.review.flow import examine
    from release_harness.steps.review.rules.shown import explain

    examination = examine(needs, _spec(request))
    return explain(examination, _spec(request))


def approve(needs: "AnswerNeeds", request: AnswerInput) -> ReviewGiven:
    """Approve exactly this content."""
    return _answer(needs, request, Answer.APPROVE)


def reject(needs: "AnswerNeeds", request: AnswerInput) -> ReviewGiven:
    """Reject exactly this content."""
    return _answer(needs, request, Answer.REJECT)


def _answer(needs: "AnswerNeeds", request: AnswerInput, answer: Answer) -> ReviewGiven:
    from release_harness.steps.review.flow.answer import answer_change

    order = AnswerOrder(
        answer=answer, lenses=request.lens, key=request.key, unsigned=request.unsigned, note=request.note
    )
    return answer_change(needs, _spec(request), order)


def break_the_glass(needs: "AnswerNeeds", request: BreakGlassInput) -> GlassBroken:
    """Go past the named rules for this content and a while."""
    from release_harness.steps.review.flow.break_glass import break_glass
    from release_harness.steps.review.rules.breaking import BreakOrder

    order = BreakOrder(rules=request.rule, incident=request.incident, reason=request.reason, ttl=request.ttl)
    return break_glass(needs, _spec(request), order, key=request.key)


def list_queue(needs: "QueueNeeds", request: QueueInput) -> ReviewQueue:
    """List what waits for whom."""
    from release_harness.steps.review.flow.queue import review_queue

    return review_queue(needs, base=request.base, limit_count=max(request.limit, 0), time_limit=request.time)


def _check_outcome(report: CheckReport) -> Outcome:
    outcomes = {report.verdict.outcome, report.together.outcome if report.together else Outcome.PASS}
    return next(each for each in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS) if each in outcomes)


def _explain_outcome(explanation: Explanation) -> Outcome:
    return explanation.verdict.outcome


def _given_outcome(given: ReviewGiven) -> Outcome:
    """An answer that does not count was recorded, and somebody still has to answer."""
    return Outcome.PASS if given.counts else Outcome.UNKNOWN


def _broken_outcome(broken: GlassBroken) -> Outcome:
    return Outcome.PASS if broken.forced_now else Outcome.UNKNOWN


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="check",
        summary="Judge a change: its release card, its tier with the reasons, the verdict, and what to do next.",
        example="rh check my-branch",
        schema="rh.check/1",
        input=TogetherInput,
        output=CheckReport,
        handler=check,
        effect=Effect.READ,
        text=check_text,
        markdown=card_markdown,
        outcome=_check_outcome,
        details="Everything is computed from git, the policy in force and the recorded evidence. Nothing is written.",
    ),
    Operation(
        name="why",
        summary="Show the verdict tree alone, with everything that was seen and wanted.",
        example="rh why my-branch",
        schema="rh.check/1",
        input=TogetherInput,
        output=CheckReport,
        handler=check,
        effect=Effect.READ,
        text=why_text,
        outcome=_check_outcome,
        details="The JSON form is the same as that of `rh check`.",
    ),
    Operation(
        name="card",
        summary="Print the release card; `--format markdown` is what goes into a pull request.",
        example="rh card my-branch --format markdown",
        schema="rh.check/1",
        input=CheckInput,
        output=CheckReport,
        handler=show_card,
        effect=Effect.READ,
        text=card_text,
        markdown=card_markdown,
        details="The exit code only says that the card was printed; ask `rh check` whether the change may land.",
    ),
    Operation(
        name="policy explain",
        summary="Show what every policy in force saw and wanted, and the smallest set of actions that would pass.",
        example="rh policy explain my-branch --format json",
        schema="rh.explain/1",
        input=CheckInput,
        output=Explanation,
        handler=explain_policy,
        effect=Effect.READ,
        text=explain_text,
        outcome=_explain_outcome,
    ),
    Operation(
        name="approve",
        summary="Approve exactly this content for exactly this branch.",
        example="rh approve my-branch --lens security --key ~/.ssh/id_ed25519",
        schema="rh.approval/1",
        input=AnswerInput,
        output=ReviewGiven,
        handler=approve,
        effect=Effect.WRITE,
        text=given_text,
        outcome=_given_outcome,
        details="It survives a squash, a reword and an unrelated move of the base, and nothing else. One change at a time.",
    ),
    Operation(
        name="reject",
        summary="Reject exactly this content until you approve it.",
        example="rh reject my-branch --note 'refunds twice when the request is repeated'",
        schema="rh.approval/1",
        input=AnswerInput,
        output=ReviewGiven,
        handler=reject,
        effect=Effect.WRITE,
        text=given_text,
        outcome=_given_outcome,
    ),
    Operation(
        name="review queue",
        summary="List what waits for whom, oldest first, with the part that needs eyes.",
        example="rh review queue",
        schema="rh.review-queue/1",
        input=QueueInput,
        output=ReviewQueue,
        handler=list_queue,
        effect=Effect.READ,
        text=queue_text,
        outcome=queue_outcome,
        details="Local branches ahead of the default branch, changes that the ledger knows, and reviews after break-glass.",
    ),
    Operation(
        name="break-glass",
        summary="Go past named rules in an emergency: signed, reasoned, for one content, expiring, reviewed afterwards.",
        example="rh break-glass fix --rule evidence:tests --incident INC-7 --reason 'checkout is down' --key ~/.ssh/id_ed25519",
        schema="rh.break-glass/1",
        input=BreakGlassInput,
        output=GlassBroken,
        handler=break_the_glass,
        effect=Effect.WRITE,
        text=broken_text,
        outcome=_broken_outcome,
        details="All other checks still run; the decision is stored as FORCED, never as PASSED.",
    ),
)
