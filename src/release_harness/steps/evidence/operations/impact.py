"""`rh impact` and `rh entries`: what a change touches, and where the outside world comes in."""

import re
from dataclasses import field, replace
from typing import Protocol

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import NotFound
from release_harness.kernel.operations import AnyOperation, Effect, Operation, View, argument, option
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.evidence.impact.entries.comparison import Comparison
from release_harness.steps.evidence.model.impact import EntryPoint, ImpactAnswer
from release_harness.steps.evidence.model.reading import Counts, Reading
from release_harness.steps.evidence.model.trace import Walked
from release_harness.steps.evidence.operations.requests import ListCommandNeeds
from release_harness.steps.evidence.ports import RuntimeRegistry, WorkTrees
from release_harness.steps.project.model import Rules

_REVISION = "What is looked at: a branch, a commit or A..B; HEAD when nothing is named."
_BASE = "Branch or revision to land on; the default branch when nothing is named."


@record
class ImpactInput:
    """Which change is looked at, and how much of the answer is shown."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("Look at the working tree, with what is not committed."))
    entry: str = field(
        default="",
        metadata=option("Show only entry points whose name holds this, with their whole way.", metavar="NAME"),
    )
    symbol: str = field(
        default="", metadata=option("Show only what reaches changed symbols whose name holds this.", metavar="NAME")
    )
    all: bool = field(default=False, metadata=option("Show everything, also what is only possible."))


@record
class ImpactOutput:
    """What a change touches."""

    revision: str
    base: str
    head: str
    answer: ImpactAnswer
    walked: tuple[Walked, ...] = ()
    shown_whole: bool = False


@record
class EntriesInput:
    """Which tree is looked at, and which of its entry points."""

    revision: str = field(
        default="HEAD", metadata=argument("A branch, commit or tree; HEAD when left out.", metavar="[REV]")
    )
    kind: str = field(
        default="", metadata=option("Only entry points of one kind, such as `http` or `task`.", metavar="KIND")
    )
    runtime: bool = field(
        default=False,
        metadata=option(
            "Start the application from a clean checkout, ask the framework itself, and show the difference."
        ),
    )
    app: str = field(
        default="",
        metadata=option("Application to ask; that of `.rh/project.yaml` when left out.", metavar="MODULE:NAME"),
    )


@record
class EntriesOutput:
    """The entry points of a tree."""

    revision: str
    entries: tuple[EntryPoint, ...]
    counts: Counts
    unknown: tuple[str, ...]
    kind: str = ""
    runtime: Comparison | None = None
    """How far the list agrees with the running framework, when that was asked."""


class EntriesNeeds(ListCommandNeeds, Protocol):
    """What listing entry points needs."""

    @property
    def work_trees(self) -> WorkTrees:
        """Makes clean checkouts."""
        ...

    @property
    def runtime_registry(self) -> RuntimeRegistry:
        """Asks the framework."""
        ...


def answer_impact(needs: ListCommandNeeds, request: ImpactInput) -> ImpactOutput:
    """Answer what a change touches."""
    from release_harness.steps.changes.flow import gather
    from release_harness.steps.evidence.flow.findings import findings_for
    from release_harness.steps.project.flow import rules_for

    spec = ChangeSpec(revision=request.revision, base=request.base, worktree=request.worktree)
    change = gather(needs, spec)
    rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
    default = rules.project.default_branch
    if default and not request.base and ".." not in request.revision and change.target != default:
        change = gather(needs, spec, default_branch=default)
    findings = findings_for(needs, change, rules, needs.clock.now())
    answer = findings.impact or ImpactAnswer(counts=Counts(), unknown=("nothing was asked",))
    return ImpactOutput(
        revision=request.revision or change.branch or "HEAD",
        base=change.target or (change.base or "")[:12],
        head=_head_of(change),
        answer=_narrowed(answer, request),
        walked=findings.walked,
        shown_whole=request.all or bool(request.entry) or bool(request.symbol),
    )


def _head_of(change: Change) -> str:
    return (change.head or "the working tree")[:12]


def _narrowed(answer: ImpactAnswer, request: ImpactInput) -> ImpactAnswer:
    """Keep what was asked for; the counts stay those of the whole."""
    if not request.entry and not request.symbol:
        return answer
    affected = tuple(
        each
        for each in answer.affected
        if _goes_with(each.entry, request.entry)
        and (not request.symbol or any(_is_named(symbol, request.symbol) for symbol in each.changed))
    )
    if not affected:
        wanted = " and ".join(show_text(each) for each in (request.entry, request.symbol) if each)
        raise NotFound(
            code="NOT_AFFECTED",
            says=f"The change affects no entry point that goes with {wanted}.",
            hint="`rh impact --all` lists every affected entry point, `rh entries` all there are.",
        )
    wired = tuple(each for each in answer.wired if request.symbol and _is_named(each.symbol, request.symbol))
    guards = tuple(each for each in answer.guards if request.entry and _goes_with(each.entry, request.entry))
    crossing = tuple(each for each in answer.cross_cutting if request.symbol and _is_named(each.symbol, request.symbol))
    return replace(
        answer,
        affected=affected,
        wired=wired,
        guards=guards,
        cross_cutting=crossing,
        changed=tuple(each for each in answer.changed if request.symbol and _is_named(each.symbol, request.symbol)),
        entries_added=(),
        entries_removed=(),
        reached=(),
    )


def _is_named(symbol: str, wanted: str) -> bool:
    """Tell whether a symbol holds a name, as it is kept or as it is shown."""
    return wanted in symbol or wanted in symbol.replace(".<locals>", "")


def _goes_with(entry: EntryPoint, wanted: str) -> bool:
    """Tell whether an entry point goes with what was asked for: by its name, or by the name that is shown."""
    return any(wanted.lower() in f"{entry.kind} {name}".lower() for name in (entry.name, entry.said))


def impact_text(output: ImpactOutput, view: View) -> str:
    """Lay out what a change touches."""
    from release_harness.steps.evidence.render.impact import impact_lines
    from release_harness.steps.evidence.render.lines import paint

    arrow = "→" if view.unicode else "->"
    # Whole commit ids say no more than their first twelve characters, and fill the line.
    revision = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28}(?:[0-9a-f]{24})?\b", r"\1", output.revision)
    onto = "" if ".." in revision else f" {arrow} {output.base or 'nothing'}"
    head = paint(show_text(f"{revision}{onto}"), "1", view)
    return "\n".join([head, *impact_lines(output.answer, output.walked, view, everything=output.shown_whole)])


def _impact_outcome(output: ImpactOutput) -> Outcome:
    """An answer that is not whole is no failure of the command, and no pass either."""
    return Outcome.UNKNOWN if output.answer.reading is Reading.BROKEN else Outcome.PASS


def answer_entries(needs: EntriesNeeds, request: EntriesInput) -> EntriesOutput:
    """List the entry points of a tree."""
    from release_harness.steps.evidence.flow.impact import declared_entries, entries_of
    from release_harness.steps.project.flow import rules_for

    commit = _commit_of(needs, request.revision or "HEAD")
    rules = rules_for(needs, merge_base=commit, base=commit, result_tree=None)
    entries, counts, unknown = entries_of(needs, commit, declared_entries(rules))
    kept = tuple(each for each in entries if not request.kind or each.kind == request.kind)
    return EntriesOutput(
        revision=request.revision,
        entries=kept,
        counts=counts,
        unknown=unknown,
        kind=request.kind,
        runtime=_compare(needs, request, commit, rules, kept) if request.runtime else None,
    )


def _commit_of(needs: EntriesNeeds, revision: str) -> CommitId:
    found = needs.repository.resolve([revision]).get(revision)
    if found is None:
        raise NotFound(
            code="REVISION_UNKNOWN",
            says=f"{show_text(revision)} is not a revision of this repository.",
            hint="`git branch --all` and `git tag` list the names that exist.",
            subject=revision,
        )
    return found


def _compare(
    needs: EntriesNeeds, request: EntriesInput, commit: CommitId, rules: Rules, entries: tuple[EntryPoint, ...]
) -> Comparison:
    """Ask the framework in a clean checkout of exactly what was read."""
    from release_harness.steps.evidence.flow.runtime import runtime_comparison

    tree = needs.repository.tree_of(commit)
    paths = needs.repository.list_paths(tree)
    with needs.work_trees.clean(tree, commit=commit) as checkout:
        return runtime_comparison(needs, rules.project.entries, checkout.folder, entries, paths, request.app)


def entries_text(output: EntriesOutput, view: View) -> str:
    """Lay out the entry points of a tree."""
    from release_harness.steps.evidence.render.impact import denominators, entries_lines, runtime_lines
    from release_harness.steps.evidence.render.lines import counted, heading, wrapped

    kind = f" of kind {show_text(output.kind)}" if output.kind else ""
    count = counted(len(output.entries), "entry point") + kind
    lines = entries_lines(output.entries, view)
    if not lines:
        of = (
            f" (there are {output.counts.entries_count:,} of other kinds)"
            if kind and output.counts.entries_count
            else ""
        )
        why = "no framework that rh knows registers anything" if not of else "none is of this kind"
        lines = [f"No entry point{kind} was found: {why}{of}."]
    lines += ["", count, *denominators(output.counts, view)]
    if output.runtime is not None:
        lines += runtime_lines(output.runtime, view)
    if output.unknown:
        lines += heading("Not known", view)
        lines += [line for each in output.unknown for line in wrapped(each, view, first="  ? ", rest="    ")]
    return "\n".join(lines)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="impact",
        summary="Say what a change really touches: entry points with the way to them, wiring, guards, and what is not known.",
        example="rh impact my-branch --all",
        schema="rh.impact/1",
        input=ImpactInput,
        output=ImpactOutput,
        handler=answer_impact,
        effect=Effect.READ,
        text=impact_text,
        outcome=_impact_outcome,
        details="Base and result are read from git without a checkout. `traced` was seen to run by tests, `resolved` is "
        "read from the code, `possible` hangs on a name or a guess. Every count says out of how many.",
    ),
    Operation(
        name="entries",
        summary="List where the outside world comes in: routes, commands, jobs, consumers, with handlers and guards.",
        example="rh entries main --kind http",
        schema="rh.entries/1",
        input=EntriesInput,
        output=EntriesOutput,
        handler=answer_entries,
        effect=Effect.READ,
        text=entries_text,
    ),
)
