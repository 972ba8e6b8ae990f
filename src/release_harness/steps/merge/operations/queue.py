"""The commands of the queue."""

from dataclasses import field
from datetime import datetime, timedelta
from typing import Protocol

from release_harness.kernel.errors import InputError
from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.flow.gate import GateNeeds, ReviewGate
from release_harness.steps.merge.flow.place import find_place
from release_harness.steps.merge.flow.queue.adding import (
    AddOrder,
    add_change,
    hold_place,
    remove_change,
    resume_place,
)
from release_harness.steps.merge.flow.queue.keeping import keep_queue
from release_harness.steps.merge.flow.queue.needs import QueueLands, QueueNeeds
from release_harness.steps.merge.flow.queue.reporting import explain, list_queue
from release_harness.steps.merge.model import Refusal, RefusalReason
from release_harness.steps.merge.model.queued import QueueReport, QueueSettings, SentBack
from release_harness.steps.merge.ports import QueueRepository
from release_harness.steps.merge.render.queue import queue_markdown, queue_text
from release_harness.steps.review.flow.examine import ExamineRepository

_ONTO = "Branch to land on; the default branch when nothing is named."
_REMOTE = "Remote to push to; else as the project file or git is set up."
_DEFAULTS = QueueSettings()


class GateRepository(ExamineRepository, QueueRepository, Protocol):
    """What looking at changes and merging them reads."""


class LookNeeds(QueueLands, GateNeeds, Protocol):
    """What looking at the queue needs."""

    @property
    def repository(self) -> GateRepository:
        """The repository."""
        ...


class KeepNeeds(QueueNeeds, GateNeeds, Protocol):
    """What keeping the queue needs."""

    @property
    def repository(self) -> GateRepository:
        """The repository."""
        ...


@record
class PlaceInput:
    """Which queue is meant."""

    onto: str = field(default="", metadata=option(_ONTO, metavar="BRANCH"))
    remote: str = field(default="", metadata=option(_REMOTE, metavar="NAME"))


@record
class AddInput:
    """What is queued, and how."""

    revision: tuple[str, ...] = field(
        default=(),
        metadata=argument("The changes: branches or commits; HEAD when nothing is named.", metavar="[CHANGE]..."),
    )
    onto: str = field(default="", metadata=option(_ONTO, metavar="BRANCH"))
    remote: str = field(default="", metadata=option(_REMOTE, metavar="NAME"))
    priority: int = field(default=0, metadata=option("Higher goes first, as long as nobody is overtaken too often."))
    emergency: str = field(
        default="",
        metadata=option("Why it goes first and through a hold; only for people, and written down.", metavar="REASON"),
    )


@record
class RunInput:
    """How the queue is kept."""

    onto: str = field(default="", metadata=option(_ONTO, metavar="BRANCH"))
    remote: str = field(default="", metadata=option(_REMOTE, metavar="NAME"))
    workers: int = field(
        default=_DEFAULTS.workers_count, metadata=option("How many trees are tested at the same time.")
    )
    planner: str = field(
        default=_DEFAULTS.planner, metadata=option("What decides which trees to test next.", metavar="NAME")
    )
    until_empty: bool = field(default=False, metadata=option("End when nothing is left to do."))
    most_overtakes: int = field(
        default=_DEFAULTS.most_overtakes_count, metadata=option("How many later changes may land before a waiting one.")
    )
    flake_rate: str = field(
        default="0.01",
        metadata=option("Share of the runs of a good tree that fail all the same; 0 believes the first failure."),
    )


@record
class ChangeInput:
    """Which change is meant."""

    revision: str = field(metadata=argument("The change: a branch, a commit or its number.", metavar="CHANGE"))
    onto: str = field(default="", metadata=option(_ONTO, metavar="BRANCH"))
    remote: str = field(default="", metadata=option(_REMOTE, metavar="NAME"))


@record
class HoldInput:
    """Why nothing lands, and for how long."""

    reason: str = field(metadata=argument("Why.", metavar="REASON"))
    onto: str = field(default="", metadata=option(_ONTO, metavar="BRANCH"))
    remote: str = field(default="", metadata=option(_REMOTE, metavar="NAME"))
    for_: timedelta | None = field(default=None, metadata=option("How long; until somebody resumes it when not said."))


def _add(needs: LookNeeds, request: AddInput) -> QueueReport:
    gate = ReviewGate(needs)
    place = find_place(needs, gate, request.onto, request.remote)
    queued, refused = [], []
    for revision in request.revision or ("HEAD",):
        answer = add_change(
            needs, gate, place, AddOrder(revision=revision, priority=request.priority, emergency=request.emergency)
        )
        if isinstance(answer, Refusal):
            refused.append((revision, answer))
        else:
            queued.append(answer)
    listed = list_queue(needs, place)
    numbers = {each.number for each in queued}
    said = (
        [f"Queued {', '.join(show_text(each.name) for each in queued)} for {show_text(place.name)}."] if queued else []
    )
    said += [f"Held back {', '.join(show_text(revision) for revision, _refusal in refused)}."] if refused else []
    there = all(refusal.reason is RefusalReason.ALREADY_ON_MAIN for _revision, refusal in refused)
    return QueueReport(
        outcome=Outcome.PASS if there else Outcome.UNKNOWN,
        says=" ".join(said),
        place=place,
        lines=tuple(each for each in listed.lines if each.number in numbers),
        notes=listed.notes,
        sent_back=tuple(SentBack(name=revision, refusal=refusal) for revision, refusal in refused),
        event=queued[-1].event if queued else "",
    )


def _run(needs: KeepNeeds, request: RunInput) -> QueueReport:
    gate = ReviewGate(needs)
    place = find_place(needs, gate, request.onto, request.remote)
    settings = QueueSettings(
        planner=request.planner,
        workers_count=request.workers,
        most_overtakes_count=request.most_overtakes,
        flake_ratio=_ratio(request.flake_rate),
    )
    return keep_queue(needs, gate, place, settings, until_empty=request.until_empty)


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0.0 <= ratio < 1.0:
        raise InputError(
            code="FLAKE_RATE",
            says=f"{show_text(text)!r} is no share.",
            hint="Give a number from 0 to below 1, such as 0.02.",
        )
    return ratio


def _list(needs: LookNeeds, request: PlaceInput) -> QueueReport:
    return list_queue(needs, find_place(needs, ReviewGate(needs), request.onto, request.remote))


def _why(needs: LookNeeds, request: ChangeInput) -> QueueReport:
    return explain(needs, find_place(needs, ReviewGate(needs), request.onto, request.remote), request.revision)


def _remove(needs: LookNeeds, request: ChangeInput) -> QueueReport:
    place = find_place(needs, ReviewGate(needs), request.onto, request.remote)
    entry = remove_change(needs, place, request.revision)
    says = f"{show_text(entry.name)} does not wait for {show_text(place.name)} any more."
    return QueueReport(outcome=Outcome.PASS, says=says, place=place, event=entry.event)


def _hold(needs: LookNeeds, request: HoldInput) -> QueueReport:
    place = find_place(needs, ReviewGate(needs), request.onto, request.remote)
    until: datetime | None = None if request.for_ is None else needs.clock.now() + request.for_
    event = hold_place(needs, place, request.reason, until)
    says = f"Nothing but an emergency lands from the queue of {show_text(place.name)} until it is resumed."
    return QueueReport(outcome=Outcome.PASS, says=says, place=place, event=event)


def _resume(needs: LookNeeds, request: PlaceInput) -> QueueReport:
    place = find_place(needs, ReviewGate(needs), request.onto, request.remote)
    event = resume_place(needs, place)
    says = f"The queue of {show_text(place.name)} goes on." if event else f"Nothing held {show_text(place.name)}."
    return QueueReport(outcome=Outcome.PASS, says=says, place=place, event=event)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="queue add",
        summary="Queue changes that lack nothing but the run of their tests.",
        example="rh queue add my-branch --onto main",
        schema="rh.queue/1",
        input=AddInput,
        output=QueueReport,
        handler=_add,
        effect=Effect.WRITE,
        text=queue_text,
        markdown=queue_markdown,
        outcome=lambda report: report.outcome,
        details=(
            "A change that lacks an approval, conflicts with the branch, or depends on something that is neither landed "
            "nor queued is held back, with what it lacks. The policy is asked again before it lands."
        ),
    ),
    Operation(
        name="queue run",
        summary="Keep the queue: test, land, and send back, with workers of its own.",
        example="rh queue run --workers 2 --until-empty",
        schema="rh.queue/1",
        input=RunInput,
        output=QueueReport,
        handler=_run,
        effect=Effect.DESTRUCTIVE,
        text=queue_text,
        markdown=queue_markdown,
        outcome=lambda report: report.outcome,
        details=(
            "Changes are merged in the order of their numbers as the commits that would land, and exactly that tree is "
            "tested. What passes lands in one move of the branch by compare-and-swap; a change is sent back only when the "
            "tip passes and the tip with it fails. Ended or killed, the same command goes on."
        ),
    ),
    Operation(
        name="queue list",
        summary="List what waits, what is being tested, and why the rest waits.",
        example="rh queue list",
        schema="rh.queue/1",
        input=PlaceInput,
        output=QueueReport,
        handler=_list,
        effect=Effect.READ,
        text=queue_text,
        markdown=queue_markdown,
    ),
    Operation(
        name="queue why",
        summary="Say where a change stands, or why it left: class, evidence, next action.",
        example="rh queue why my-branch",
        schema="rh.queue/1",
        input=ChangeInput,
        output=QueueReport,
        handler=_why,
        effect=Effect.READ,
        text=queue_text,
        markdown=queue_markdown,
        outcome=lambda report: report.outcome,
    ),
    Operation(
        name="queue remove",
        summary="Take a change out of the queue.",
        example="rh queue remove my-branch",
        schema="rh.queue/1",
        input=ChangeInput,
        output=QueueReport,
        handler=_remove,
        effect=Effect.WRITE,
        text=queue_text,
        markdown=queue_markdown,
    ),
    Operation(
        name="queue hold",
        summary="Let nothing but emergencies land from the queue.",
        example='rh queue hold "the release is being cut" --for 2h',
        schema="rh.queue/1",
        input=HoldInput,
        output=QueueReport,
        handler=_hold,
        effect=Effect.WRITE,
        text=queue_text,
        markdown=queue_markdown,
    ),
    Operation(
        name="queue resume",
        summary="Let a held queue go on.",
        example="rh queue resume",
        schema="rh.queue/1",
        input=PlaceInput,
        output=QueueReport,
        handler=_resume,
        effect=Effect.WRITE,
        text=queue_text,
        markdown=queue_markdown,
    ),
)
