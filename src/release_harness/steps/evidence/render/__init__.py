"""Evidence in words for people."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.facts import FactValue
from release_harness.kernel.paths import show_text
from release_harness.kernel.time import format_duration, format_instant
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.evidence.model import EvidenceRecord, MissedLines, StaleEvidence

_SHOWN_COUNT = 10
_MARK = {Outcome.PASS: "pass", Outcome.FAIL: "fail", Outcome.UNKNOWN: "unknown"}


def show_run(records: Sequence[EvidenceRecord], verdict: Verdict, lines: Sequence[MissedLines]) -> str:
    """Say what a run showed, the worst first."""
    parts = [f"{_MARK[verdict.outcome]}: {verdict.says}"]
    for each in records:
        parts += ["", *_facts(each)]
        if each.tests is not None:
            parts += _named("failed", each.tests.failed)
            parts += _named("flaky", each.tests.flaky)
            parts += _named("newly skipped", each.tests.newly_skipped)
            parts += _named("not run", each.tests.not_run)
    parts += _missed(lines)
    parts += ["", *(f"recorded {short(each.id)}  {each.predicate}" for each in records)]
    return "\n".join(parts)


def short(identity: str) -> str:
    """Return the first twelve digits of a digest."""
    return identity.removeprefix("sha256:")[:12]


def _facts(evidence: EvidenceRecord) -> list[str]:
    known = [f"  {name:<32} {show_value(value)}" for name, value in sorted(evidence.facts.items())]
    return known + [f"  {name:<32} unknown: {show_text(why)}" for name, why in sorted(evidence.unknown.items())]


def show_facts(evidence: EvidenceRecord) -> str:
    """List the facts of a record, known and unknown."""
    return "\n".join(_facts(evidence))


def show_value(value: FactValue) -> str:
    """Write a fact for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, tuple):
        return ", ".join(show_text(each) for each in value)
    return show_text(str(value))


def _named(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    rest = [f"    … and {len(names) - _SHOWN_COUNT} more"] if len(names) > _SHOWN_COUNT else []
    return [f"  {title}:", *(f"    {show_text(each)}" for each in names[:_SHOWN_COUNT]), *rest]


def _missed(lines: Iterable[MissedLines]) -> list[str]:
    missed = [each for each in lines if each.missed]
    if not missed:
        return []
    rows = []
    for each in missed[:_SHOWN_COUNT]:
        tail = "" if each.reported else "  (no report speaks of this file)"
        rows.append(f"    {show_text(each.path)}:{ranges(each.missed)}{tail}")
    return ["  changed lines that no test ran:", *rows]


def ranges(numbers: Sequence[int]) -> str:
    """Write line numbers as ranges, such as `3-5,9`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def show_list(
    records: Sequence[EvidenceRecord], stale: Sequence[StaleEvidence], rejected: Sequence[str], title: str
) -> str:
    """List records, one line each, then what is stale with the cheapest rerun first."""
    parts = [title]
    parts += [f"  {_line(each)}" for each in records] or [
        "  nothing is recorded; `rh evidence run` tests the result tree"
    ]
    if stale:
        parts += ["", "stale, cheapest rerun first:"]
        for each in stale:
            cost = f", took {each.cost_seconds:.1f}s last time" if each.cost_seconds is not None else ""
            parts.append(f"  {short(each.id)}  {each.predicate}: {show_text(each.because)} ({each.rerun}{cost})")
    if rejected:
        parts += ["", "not believed:", *(f"  {show_text(each)}" for each in rejected)]
    return "\n".join(parts)


def _line(evidence: EvidenceRecord) -> str:
    took = format_duration(evidence.finished_at - evidence.started_at)
    when = format_instant(evidence.finished_at)
    words = show_text(evidence.claims.get("says", "")) if evidence.claims else _summary(evidence)
    return f"{short(evidence.id)}  {evidence.predicate:<16} {evidence.origin.value:<20} {when}  {took:>6}  {words}"


def _summary(evidence: EvidenceRecord) -> str:
    order = (
        "tests.exit_code",
        "tests.run_count",
        "tests.failed_count",
        "coverage.exercised_lines_count",
        "coverage.missed_lines_count",
    )
    named = [name for name in order if name in evidence.facts] or sorted(evidence.facts)[:3]
    known = [f"{name.rpartition('.')[2].removesuffix('_count')} {show_value(evidence.facts[name])}" for name in named]
    return ", ".join(known) if known else f"{len(evidence.unknown)} facts unknown"


def show_record(
    evidence: EvidenceRecord,
    lines: Sequence[MissedLines],
    failures: Sequence[tuple[str, str]],
    not_run: Sequence[str],
    notes: Sequence[str],
    log_end: str,
) -> str:
    """Say everything about one record."""
    rows = [
        ("id", evidence.id),
        ("predicate", evidence.predicate),
        ("result tree", evidence.result_tree or "-"),
        ("change", evidence.change or "-"),
        ("base", evidence.base or "-"),
        ("origin", evidence.origin.value),
        ("producer", f"{evidence.producer.id} ({evidence.producer.kind.value})"),
        ("command", " ".join(evidence.command) or "-"),
        ("exit code", "-" if evidence.exit_code is None else str(evidence.exit_code)),
        ("isolation", evidence.isolation),
        ("started", format_instant(evidence.started_at)),
        ("took", format_duration(evidence.finished_at - evidence.started_at)),
        ("environment", evidence.environment_digest),
        ("log", evidence.log_digest or "-"),
    ]
    parts = [f"{name:<12} {show_text(value)}" for name, value in rows]
    parts += ["", "facts:", *_facts(evidence)]
    if evidence.claims:
        parts += ["", "claims (no rule reads them):", *(f"  {show_text(each)}" for each in evidence.claims.values())]
    for name, message in failures[:_SHOWN_COUNT]:
        parts += ["", f"  {show_text(name)}", f"    {show_text(message.partition(chr(10))[0][:300])}"]
    parts += _named("not run", not_run)
    parts += _missed(lines)
    parts += [f"note: {show_text(each)}" for each in notes]
    if log_end:
        parts += ["", "end of the log:", *(f"  {show_text(each)}" for each in log_end.split("\n"))]
    return "\n".join(parts)
