"""How `rh check`, `rh why`, `rh card` and `rh policy explain` look on a terminal."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.changes.model import CardField, ReleaseCard
from release_harness.steps.evidence.render.together import together_lines
from release_harness.steps.evidence.render.weakened import weakened_texts
from release_harness.steps.review.model import (
    ApprovalShown,
    ChangeShown,
    CheckReport,
    DigestsShown,
    Explanation,
    TierShown,
)
from release_harness.steps.review.render.page import cut, faint, paint, shorten, strong, wrap
from release_harness.steps.review.render.tree import draw_tree

_REASONS_SHOWN_COUNT = 8
_FILES_SHOWN_COUNT = 4
_ACTIONS_SHOWN_COUNT = 12
_GAPS_SHOWN_COUNT = 5
_AUTHORS_SHOWN_COUNT = 3
_FOUND_SHOWN_COUNT = 20
_ENTRIES_SHOWN_COUNT = 2
_LABEL_WIDTH = 14

_TITLES = (
    ("goal", "Goal"),
    ("scope", "Scope"),
    ("risk_tier", "Risk tier"),
    ("verification_evidence", "Evidence"),
    ("ship_method", "Ship"),
    ("rollback_method", "Rollback"),
    ("watch_metrics", "Watch"),
)


def check_text(report: CheckReport, view: View) -> str:
    """Lay out the whole answer of `rh check`."""
    lines = _head(report.change, report.digests, view)
    if not report.change.files_count and not report.change.conflicts:
        return "\n".join(
            [*lines, "", *draw_tree(report.verdict, view, whole=True), *draw_actions(report.next_actions, view)]
        )
    lines += ["", *_section("Card", view), *_card(report.card, view)]
    lines += ["", *_section(f"Tier: {report.tier.name}", view), *_reasons(report.tier, view)]
    lines += _touches(report, view)
    lines += _found(report, view)
    if report.approvals:
        lines += ["", *_section("Answers of people", view), *_answers(report.approvals, view)]
    lines += ["", *_verdict_line(report, view), *draw_tree(report.verdict, view, whole=False)]
    lines += draw_actions(report.next_actions, view)
    lines += _stale(report.stale_evidence, view)
    return "\n".join([*lines, *_together(report, view)])


def _together(report: CheckReport, view: View) -> list[str]:
    if report.together is None:
        return []
    named = ", ".join(report.together.compared[1:])
    return ["", *_section(f"Together with {show_text(named)}", view), *together_lines(report.together, view)]


def why_text(report: CheckReport, view: View) -> str:
    """Lay out the tree alone, with everything that was seen and wanted."""
    tree = [*draw_tree(report.verdict, view, whole=True), *draw_actions(report.next_actions, view)]
    return "\n".join([*tree, *_together(report, view)])


def card_text(report: CheckReport, view: View) -> str:
    """Lay out the card alone."""
    return "\n".join([*_head(report.change, report.digests, view), "", *_card(report.card, view)])


def explain_text(explanation: Explanation, view: View) -> str:
    """Lay out what each policy in force saw and wanted, and the smallest set of actions."""
    lines = _head(explanation.change, explanation.digests, view)
    for each in explanation.policies:
        lines += ["", *_section(f"{show_text(each.source)}: tier {each.tier.name}", view)]
        lines += [*_reasons(each.tier, view), *draw_tree(each.verdict, view, whole=True)]
    if len(explanation.policies) != 1:
        lines += ["", *_section("All of them together", view), *draw_tree(explanation.verdict, view, whole=False)]
    return "\n".join(lines + draw_actions(explanation.actions, view))


def _head(change: ChangeShown, digests: DigestsShown, view: View) -> list[str]:
    arrow = "→" if view.unicode else "->"
    name = change.branch or (change.head or "")[:12] or "change"
    where = f"{name}{' (working tree)' if change.worktree else ''} {arrow} {change.target or (change.base or 'nothing')[:12]}"
    lines = [strong(shorten(where, view.width), view)]
    if change.title:
        lines += wrap(change.title, view, first="  ", rest="  ")
    authors = [f"{each.name or each.id} ({each.kind})" for each in change.authors]
    more = f" + {len(authors) - _AUTHORS_SHOWN_COUNT} more" if len(authors) > _AUTHORS_SHOWN_COUNT else ""
    by = f"by {', '.join(authors[:_AUTHORS_SHOWN_COUNT])}{more}" if authors else "by nobody known"
    counted = f"{change.files_count} file{'' if change.files_count == 1 else 's'}"
    lines += wrap(f"{counted}, +{change.lines_added} -{change.lines_removed} lines, {by}", view, first="  ", rest="  ")
    ids = f"change {_short(digests.change)}  result {_short(digests.result_tree)}  policy {_short(digests.policy)}"
    lines += [faint(line, view) for line in wrap(ids, view, first="  ", rest="  ")]
    for note in change.notes:
        lines += wrap(note, view, first="  ", rest="  ")
    gaps = [line for gap in change.gaps for line in wrap(gap, view, first="  ! ", rest="    ")]
    return lines + cut(gaps, _GAPS_SHOWN_COUNT, "gaps; see --format json", indent="  ")


def _section(title: str, view: View) -> list[str]:
    rule = ("─" if view.unicode else "-") * max(0, view.width - len(title) - 1)
    return [f"{strong(title, view)} {faint(rule, view)}"]


def _card(card: ReleaseCard, view: View) -> list[str]:
    lines: list[str] = []
    for name, title in _TITLES:
        field: CardField = getattr(card, name)
        hanging = " " * (_LABEL_WIDTH + 2)
        lines += wrap(f"{field.says} [{field.source}]", view, first=f"  {title:<{_LABEL_WIDTH}}", rest=hanging)
        if field.asks:
            head = f"{hanging}{paint('asked for:', '33', view)} "
            lines += wrap(field.asks, view, first=head, rest=hanging, used=len(hanging) + len("asked for: "))
    return lines


def _reasons(tier: TierShown, view: View) -> list[str]:
    lines: list[str] = []
    for reason in tier.reasons[:_REASONS_SHOWN_COUNT]:
        source = f" (by {reason.policy})" if reason.policy else ""
        says = f"{reason.tier}: {reason.rule}: {reason.because}{source}"
        lines += wrap(says, view, first="  ", rest="    ")
        named_already = all(show_text(path) in reason.because for path in reason.files)
        files = [] if named_already else [f"    {shorten(path, view.width - 4)}" for path in reason.files]
        lines += cut(files, _FILES_SHOWN_COUNT, "files", indent="    ")
    hidden_count = len(tier.reasons) - _REASONS_SHOWN_COUNT
    return lines + ([f"  + {hidden_count} more reasons; see --format json"] if hidden_count > 0 else [])


def _touches(report: CheckReport, view: View) -> list[str]:
    """Say what the change touches in a dozen lines; `rh impact` says the rest."""
    if report.impact is None:
        return []
    from release_harness.steps.evidence.render.impact import touches_lines

    return ["", *_section("What it touches", view), *touches_lines(report.impact, report.walked, view)]


def _found(report: CheckReport, view: View) -> list[str]:
    """List weakened tests, what scanners found, what is not believed, and what is only claimed; empty when there is nothing."""
    lines: list[str] = []
    for says in weakened_texts(report.weakened):
        lines += wrap(says, view, first="  ", rest="    ")
    for each in report.findings:
        behind = f"; runs under {', '.join(each.entries[:_ENTRIES_SHOWN_COUNT])}" if each.entries else ""
        more = f" + {len(each.entries) - _ENTRIES_SHOWN_COUNT} more" if len(each.entries) > _ENTRIES_SHOWN_COUNT else ""
        said = f"{each.level}: {each.path}:{each.line}: {each.says} ({each.rule}){behind}{more}"
        lines += wrap(said, view, first="  ", rest="    ")
    for where in missed_lines(report):
        lines += wrap(f"no test runs {where}", view, first="  ", rest="    ")
    for says in report.rejected_evidence:
        lines += wrap(f"not believed: {says}", view, first="  ", rest="    ")
    for claim in report.claims:
        lines += wrap(
            f"claim of {claim.by}, read by no rule: {claim.about}: {claim.says}", view, first="  ", rest="    "
        )
    if not lines:
        return []
    shown = cut(lines, _FOUND_SHOWN_COUNT, "lines; see --format json", indent="  ")
    return ["", *_section("What was found", view), *shown]


def missed_lines(report: CheckReport) -> tuple[str, ...]:
    """Return the changed lines that no test ran, as `path:first-last`; empty when there is none or it is not known."""
    fact = report.facts.get("coverage.missed_lines")
    return fact.value if fact is not None and isinstance(fact.value, tuple) else ()


def _answers(approvals: Sequence[ApprovalShown], view: View) -> list[str]:
    lines: list[str] = []
    for each in approvals:
        deed = "approved" if each.answer.value == "approve" else "rejected"
        lens = f" under {', '.join(each.lenses)}" if each.lenses else ""
        worth = each.why if each.counts else f"does NOT count: {each.why}"
        says = f"{each.approver} {deed} this content{lens} (proof {each.proof.value}): {worth}"
        lines += wrap(says, view, first="  ", rest="    ")
    return cut(lines, _ACTIONS_SHOWN_COUNT, "lines; see --format json", indent="  ")


def _verdict_line(report: CheckReport, view: View) -> list[str]:
    if report.forced and report.verdict.outcome is Outcome.PASS:
        return _section("Verdict: FORCED by break-glass, not passed", view)
    forced = ", in part FORCED by break-glass" if report.forced else ""
    return _section(f"Verdict: {report.verdict.outcome.value.upper()}{forced}", view)


def draw_actions(actions: Sequence[NextAction], view: View) -> list[str]:
    """List what to do next, with commands that can be copied."""
    if not actions:
        return []
    lines = ["", *_section("Next", view)]
    for number, action in enumerate(actions[:_ACTIONS_SHOWN_COUNT], 1):
        who = "" if action.who in ("", "anybody") else f" ({action.who})"
        lines += wrap(f"{action.do}{who}", view, first=f"{number:>3}. ", rest="     ")
        if action.command:
            # Never wrapped: a command that is cut into lines cannot be copied.
            lines.append(f"       {paint(show_text(action.command), '36', view)}")
    hidden_count = len(actions) - _ACTIONS_SHOWN_COUNT
    return lines + ([f"  + {hidden_count} more; see --format json"] if hidden_count > 0 else [])


def _stale(actions: Sequence[NextAction], view: View) -> list[str]:
    if not actions:
        return []
    lines = ["", *_section("Stale evidence", view)]
    for action in actions[:_ACTIONS_SHOWN_COUNT]:
        lines += wrap(f"{action.do} [{action.command}]", view, first="  ", rest="    ")
    hidden_count = len(actions) - _ACTIONS_SHOWN_COUNT
    return lines + ([f"  + {hidden_count} more; see --format json"] if hidden_count > 0 else [])


def _short(digest: str | None) -> str:
    return "unknown" if digest is None else digest.removeprefix("sha256:")[:12]


def outcome_of(report: CheckReport) -> Outcome:
    """Return what decides the exit code."""
    return report.verdict.outcome
