"""What the search of the queue's states has found, as words for people."""

from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model.selftest import SelftestReport


def selftest_text(report: SelftestReport, view: View) -> str:
    """Lay the answer of `rh selftest queue` out for a terminal."""
    marks = {Outcome.PASS: "✓ " if view.unicode else "ok ", Outcome.FAIL: "✗ " if view.unicode else "FAIL "}
    lines = [marks.get(report.outcome, "? ") + report.says]
    for fault in report.faults:
        lines += ["", f"  {fault.says}", f"  in the world: {fault.world}", "  the shortest way to it:"]
        lines += [f"    {index}. {step}" for index, step in enumerate(fault.way, 1)]
    return "\n".join(lines)


def selftest_markdown(report: SelftestReport) -> str:
    """Lay the answer out for a page."""
    lines = [f"**{report.says}**"]
    for fault in report.faults:
        lines += ["", f"- {fault.says} (world: {fault.world})"]
        lines += [f"  {index}. {step}" for index, step in enumerate(fault.way, 1)]
    return "\n".join(lines)
