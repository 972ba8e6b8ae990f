"""Words for people about the rule files of a project."""

from collections.abc import Iterable

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.model.checks import (
    CaseResult,
    CheckedFile,
    LintFinding,
    PolicyChecked,
    PolicyLinted,
    PolicyTested,
)
from release_harness.steps.project.model.init import FilePlan, InitReport

_LANGUAGES_COUNT = 6


def init_text(report: InitReport, view: View) -> str:
    """Say what was found, what was written or would be, and what comes next."""
    lines = [*_found(report), ""]
    for each in report.files:
        lines += _file_lines(each, view, checked_only=report.checked_only)
    if report.findings:
        lines += ["", "Out of date:", *(f"  {_bullet(view)} {show_text(each)}" for each in report.findings)]
    if report.remarks:
        lines += ["", "To know:", *(f"  {_bullet(view)} {show_text(each)}" for each in report.remarks)]
    return "\n".join(lines)


def init_markdown(report: InitReport) -> str:
    """Say the same as Markdown."""
    lines = ["## rh init", "", *(f"- {line.strip()}" for line in _found(report)), ""]
    lines += [f"- `{each.path}`: {_state(each, checked_only=report.checked_only)}" for each in report.files]
    for title, said in (("Out of date", report.findings), ("To know", report.remarks)):
        if said:
            lines += ["", f"### {title}", "", *(f"- {show_text(each)}" for each in said)]
    for each in report.files:
        if each.diff and each.state == "differs":
            lines += ["", f"### Diff of `{each.path}`", "", *_fenced(each.diff, "diff")]
    return "\n".join(lines)


def _found(report: InitReport) -> list[str]:
    proposal = report.proposal
    languages = ", ".join(f"{each.name} ({each.files_count:,})" for each in proposal.languages[:_LANGUAGES_COUNT])
    tests = ", ".join(each.runner for each in proposal.tests)
    touched = [f"{each.surface.name} ({len(each.files):,})" for each in proposal.surfaces if each.files]
    rows = (
        ("Languages", languages or "none found"),
        ("Tests", tests or "no way to run them was found"),
        ("Default branch", proposal.default_branch or "not found"),
        ("Code owners", proposal.codeowners or "no CODEOWNERS"),
        ("Migrations", ", ".join(proposal.migrations) or "none found"),
        ("Surfaces", ", ".join(touched) or "none touched by a file of today"),
        ("People", _people(report)),
    )
    return [f"{name + ':':<16}{show_text(said)}" for name, said in rows]


def _people(report: InitReport) -> str:
    listed, found = len(report.proposal.confirmed_people), len(report.proposal.people)
    return f"{listed} confirmed, {found} in the last {report.proposal.commits_count:,} commits"


def _file_lines(plan: FilePlan, view: View, *, checked_only: bool) -> list[str]:
    lines = [f"{plan.path}: {_state(plan, checked_only=checked_only)}"]
    if plan.state == "differs" and plan.diff:
        lines += [f"  {_coloured(line, view)}" for line in plan.diff.split("\n")]
    return lines


def _state(plan: FilePlan, *, checked_only: bool) -> str:
    if plan.state == "same":
        return "up to date"
    if plan.state == "missing":
        return "written" if plan.written else "missing"
    if plan.written:
        return "overwritten"
    if checked_only:
        return "differs from what would be proposed today"
    return "kept as it is; it differs from what would be proposed today (`rh init --force` overwrites it)"


def _coloured(line: str, view: View) -> str:
    colour = {"+": "32", "-": "31", "@": "36"}.get(line[:1], "")
    return f"\x1b[{colour}m{line}\x1b[0m" if view.colour and colour else line


def checked_text(checked: PolicyChecked, view: View) -> str:
    """Say that the files are sound, and what they hold."""
    if not checked.files:
        return "There is no rule file here; the built-in policy holds. `rh init` writes one that fits this repository."
    lines: list[str] = []
    for each in checked.files:
        lines += [f"{show_text(each.source)}: no faults{_holds(each)}"]
        if each.digest:
            lines.append(f"  digest {each.digest}")
        lines += [f"  {_bullet(view)} not written there, and it holds: {show_text(said)}" for said in each.added]
    return "\n".join(lines)


def checked_markdown(checked: PolicyChecked) -> str:
    """Say the same as Markdown."""
    if not checked.files:
        return "No rule file: the built-in policy holds."
    return "\n".join(f"- `{show_text(each.source)}`: no faults{_holds(each)}" for each in checked.files)


def _holds(checked: CheckedFile) -> str:
    counted = ", ".join(_count(count, word) for word, count in checked.holds)
    return f" ({counted})" if counted else ""


def linted_text(linted: PolicyLinted, view: View) -> str:
    """List what was found with its places."""
    if not linted.findings:
        return f"{show_text(linted.source)}: nothing found."
    lines = [f"{show_text(linted.source)}: {_count(len(linted.findings), 'finding')}."]
    return "\n".join([*lines, *(f"  {_bullet(view)} {show_text(_sentence(each))}" for each in linted.findings)])


def linted_markdown(linted: PolicyLinted) -> str:
    """Say the same as Markdown."""
    if not linted.findings:
        return f"`{show_text(linted.source)}`: nothing found."
    return "\n".join(f"- {show_text(_sentence(each))}" for each in linted.findings)


def _sentence(finding: LintFinding) -> str:
    place = ":".join(str(part) for part in (finding.source, finding.line, finding.column) if part is not None)
    rule = f"{finding.path}: " if finding.path else ""
    expected = f" Expected {finding.expected}." if finding.expected else ""
    meant = f" Did you mean {finding.suggestion!r}?" if finding.suggestion else ""
    return f"{place}: {rule}{finding.says}{expected}{meant}"


def tested_text(tested: PolicyTested, view: View) -> str:
    """List every case, with what was expected and what was got where they differ."""
    lines = [f"Policy: {show_text(tested.policy)}"]
    for each in tested.results:
        lines += _case_lines(each, view)
    failed = f"{tested.failed_count} failed" if tested.failed_count else "all as expected"
    return "\n".join([*lines, f"{_count(len(tested.results), 'case')}, {failed}."])


def _case_lines(result: CaseResult, view: View) -> Iterable[str]:
    good, bad = ("✓", "✗") if view.unicode else ("ok", "FAIL")
    mark = bad if result.differences else good
    yield f"{mark} {show_text(result.name)}: {result.tier}, {_word(result.outcome)}"
    if result.differences:
        yield f"    at {show_text(result.source)}:{result.line}"
    for each in result.differences:
        yield f"    - {each.what}: {show_text(each.expected)}"
        yield f"    + {each.what}: {show_text(each.got)}"


def tested_markdown(tested: PolicyTested) -> str:
    """Say the same as a Markdown table."""
    lines = ["| case | tier | outcome | as expected |", "|---|---|---|---|"]
    for each in tested.results:
        wrong = "; ".join(f"{one.what}: expected {one.expected}, got {one.got}" for one in each.differences)
        cells = (each.name, each.tier, each.outcome.value, wrong or "yes")
        lines.append("| " + " | ".join(show_text(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _word(outcome: Outcome) -> str:
    return outcome.value


def _bullet(view: View) -> str:
    return "•" if view.unicode else "-"


def _fenced(text: str, language: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", text, fence]


def _count(count: int, word: str) -> str:
    plural = {"person": "people", "policy": "policies"}.get(word, f"{word}s")
    return f"{count:,} {word if count == 1 else plural}"
