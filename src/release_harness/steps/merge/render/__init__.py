"""Landings and refusals as words for people."""

from collections.abc import Mapping
from typing import Any

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain
from release_harness.kernel.time import format_instant
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model import Landing, LandingProof, LandReport, Refusal

_MARKS = {Outcome.PASS: ("✓", "ok"), Outcome.FAIL: ("✗", "FAIL"), Outcome.UNKNOWN: ("?", "?")}
_SHORT = 12


def report_text(report: LandReport, view: View) -> str:
    """Lay the answer of `rh land` out for a terminal."""
    if report.landings:
        return "\n".join([report.says, *(_landing_line(each) for each in report.landings)])
    mark = _MARKS[report.outcome][0 if view.unicode else 1]
    lines = [f"{mark} {report.says}"]
    if report.refusal is not None:
        lines += _refusal_lines(report.refusal)
    elif report.proof is not None and report.landed:
        lines += [f"    {name + ':':<12} {value}" for name, value in _proof_rows(report.proof)]
    lines += [f"  note: {note}" for note in report.notes]
    if report.recovered:
        lines.append("  note: an earlier command had landed it and was stopped before it could say so.")
    return "\n".join(lines)


def report_markdown(report: LandReport) -> str:
    """Lay the answer out for a pull request."""
    if report.landings:
        return "\n".join([f"**{report.says}**", "", *(f"- {_landing_line(each)}" for each in report.landings)])
    lines = [f"**{_code_free(report.says)}**"]
    if report.refusal is not None:
        lines += ["", f"Reason: `{report.refusal.reason.value}`"]
        lines += [
            f"- {_code_free(each.do)}" + (f" `{each.command}`" if each.command else "")
            for each in report.refusal.next_actions
        ]
        lines += [f"- evidence `{each}`" for each in report.refusal.evidence]
    elif report.proof is not None and report.landed:
        lines += ["", "| proof | |", "|---|---|"]
        lines += [f"| {name} | {_code_free(value)} |" for name, value in _proof_rows(report.proof)]
    lines += [f"\n_{_code_free(note)}_" for note in report.notes]
    return "\n".join(lines)


def report_plain(report: LandReport) -> Mapping[str, Any]:
    """Give the JSON form, `rh.land/1`: keys are only ever added."""
    return {
        "outcome": report.outcome.value,
        "landed": report.landed,
        "already": report.already,
        "dry_run": report.dry_run,
        "recovered": report.recovered,
        "says": report.says,
        "revision": report.revision,
        "target": {"branch": report.place.branch, "remote": report.place.remote},
        "attempts_count": report.attempts_count,
        "refusal": None if report.refusal is None else to_plain(report.refusal),
        "proof": None if report.proof is None else to_plain(report.proof),
        "event": report.event,
        "notes": list(report.notes),
        "landings": [to_plain(each) for each in report.landings],
    }


def _refusal_lines(refusal: Refusal) -> list[str]:
    lines = [f"    reason:      {refusal.reason.value}"]
    lines += [f"    evidence:    {each[: _SHORT + 7]}" for each in refusal.evidence]
    for action in refusal.next_actions:
        command = f"  ({action.command})" if action.command else ""
        who = f"[{show_text(action.who)}] " if action.who != "anybody" else ""
        lines.append(f"    next:        {who}{show_text(action.do)}{command}")
    return lines


def _proof_rows(proof: LandingProof) -> list[tuple[str, str]]:
    verdict = "FORCED" if proof.forced else proof.verdict.value
    rows = [
        ("change", proof.change[: _SHORT + 7]),
        ("tree", proof.result_tree[:_SHORT]),
        ("tip", f"{proof.tip_before[:_SHORT]} -> {proof.tip_after[:_SHORT]} ({proof.method.value})"),
        ("judged by", f"{proof.policy[: _SHORT + 7]}, tier {show_text(proof.tier)}: {verdict}"),
        ("evidence", f"{len(proof.evidence)} records"),
        ("approvals", str(len(proof.approvals)) + _beside(proof)),
        ("ledger", f"{proof.checkpoint.size} entries, root {proof.checkpoint.root[:_SHORT]}"),
    ]
    if proof.flaky:
        rows.append(("flaky", ", ".join(show_text(each) for each in proof.flaky[:5])))
    return rows


def _beside(proof: LandingProof) -> str:
    count = len(proof.approvals_beside)
    return f" (and {count} that filled nothing that was asked)" if count else ""


def _landing_line(landing: Landing) -> str:
    proof = landing.proof
    forced = " FORCED" if proof.forced else ""
    return f"{format_instant(landing.at)} {proof.tip_after[:_SHORT]} {show_text(proof.tier)}{forced} {show_text(proof.title)}"


def _code_free(text: str) -> str:
    """Keep words of a change from being read as Markdown."""
    return "".join(f"\\{char}" if char in "*_`[]<>|" else char for char in show_text(text))
