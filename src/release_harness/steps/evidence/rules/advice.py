"""What would mend a fact that is not as a rule wants it: the lines, tests and places by name, as sentences."""

from collections.abc import Iterable, Mapping, Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.steps.changes.model import LineRange
from release_harness.steps.evidence.model import EvidenceRecord, Finding, MissedLines

MISSED_LINES = "coverage.missed_lines"
_SHOWN_COUNT = 5


def missed_fact(missed: Sequence[MissedLines] | None, source: str, why_unknown: str) -> Fact:
    """Return the changed lines that no test ran, as `path:first-last`, one text for each file."""
    if missed is None:
        return Unknown(why=why_unknown)
    return Known(value=tuple(_name_lines(each) for each in missed if each.missed), source=source)


def advice_of_change(missed: Sequence[MissedLines], secrets: Sequence[Finding]) -> dict[str, str]:
    """Say what would mend the facts of the change, by the name of the fact."""
    lines = advise_lines(missed)
    advice = dict.fromkeys(("coverage.exercised_ratio", "coverage.missed_lines_count", MISSED_LINES), lines)
    advice["secrets.found_count"] = advise_secrets(secrets)
    return {name: says for name, says in advice.items() if says}


def advice_of_record(record: EvidenceRecord) -> Mapping[str, str]:
    """Say what would mend the facts of one test run, by the name of the fact."""
    lists = record.tests
    if lists is None:
        return {}
    broken_count = sum(_count(record, name) for name in ("tests.failed_count", "tests.errors_count"))
    failed = _sentence("Mend the tests that fail", lists.failed, broken_count)
    advice = {
        "tests.failed_count": failed,
        "tests.errors_count": failed,
        # The runner's own exit code only says again what the list of failed tests says better.
        "tests.exit_code": failed,
        "tests.newly_skipped_count": _sentence("Run the tests that are skipped now", lists.newly_skipped),
        "tests.flaky_count": _sentence("Mend the tests that pass only at times", lists.flaky),
        "tests.not_run_count": _sentence("Run the tests that were left out", lists.not_run),
    }
    return {name: says for name, says in advice.items() if says}


def advise_lines(missed: Sequence[MissedLines]) -> str:
    """Ask for tests of the changed lines that none runs, by file and line."""
    files = [each for each in missed if each.missed]
    missed_count = sum(len(each.missed) for each in files)
    whole_count = missed_count + sum(len(each.exercised) for each in missed)
    tail = f" ({missed_count} of {whole_count} lines {'is' if missed_count == 1 else 'are'} not run)"
    return _sentence("Add tests that run the changed lines", [_name_lines(each) for each in files], tail=tail, colon="")


def advise_secrets(secrets: Sequence[Finding]) -> str:
    """Name the places of secrets, never the secrets."""
    places = [f"{each.path}:{each.line}" for each in secrets]
    asked = _sentence("Take the secret out of", list(dict.fromkeys(places)), colon="")
    return f"{asked} Revoke it if it was ever real: it stays in the history of the branch." if asked else ""


def line_ranges(lines: Iterable[int]) -> tuple[LineRange, ...]:
    """Join line numbers that follow each other."""
    ranges: list[LineRange] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1].last + 1:
            ranges[-1] = LineRange(first=ranges[-1].first, last=line)
        else:
            ranges.append(LineRange(first=line, last=line))
    return tuple(ranges)


def _name_lines(missed: MissedLines) -> str:
    ranges = line_ranges(missed.missed)
    shown = [str(each.first) if each.first == each.last else f"{each.first}-{each.last}" for each in ranges]
    more = f" + {len(shown) - _SHOWN_COUNT} more" if len(shown) > _SHOWN_COUNT else ""
    return f"{missed.path}:{','.join(shown[:_SHOWN_COUNT])}{more}"


def _sentence(asked: str, names: Sequence[str], total_count: int = 0, *, tail: str = "", colon: str = ":") -> str:
    if not names:
        return ""
    hidden_count = max(total_count, len(names)) - len(names[:_SHOWN_COUNT])
    more = f" + {hidden_count} more" if hidden_count > 0 else ""
    return f"{asked}{colon} {', '.join(show_text(each) for each in names[:_SHOWN_COUNT])}{more}{tail}."


def _count(record: EvidenceRecord, name: str) -> int:
    value = record.facts.get(name, 0)
    return value if isinstance(value, int) else 0
