"""How clashes between changes look on a terminal and in a pull request."""

from collections import Counter
from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.kernel.wrapping import wrap_text
from release_harness.steps.evidence.model.together import Clash, CoherenceReport, TogetherAnswer

_MARKS = {Outcome.PASS: ("✓", "ok"), Outcome.FAIL: ("✗", "NO"), Outcome.UNKNOWN: ("?", "??")}
_CLASHES_SHOWN_COUNT = 40
_UNKNOWN_SHOWN_COUNT = 8
_INVISIBLE_SHOWN_COUNT = 25
_MATRIX_LIMIT_COUNT = 16


def together_lines(answer: TogetherAnswer, view: View) -> list[str]:
    """Return the clashes of an answer, the worst first, and why it is not whole."""
    lines = _clash_lines(answer.clashes, view)
    if not lines:
        said = "nothing was found that one does to the other" if not answer.unknown else "no clash was found so far"
        lines = _wrapped(f"{_mark(answer.outcome, view)} {', '.join(answer.compared)}: {said}", view)
    return [*lines, *_unknown_lines(answer.unknown, view)]


def coherence_text(report: CoherenceReport, view: View) -> str:
    """Lay out the matrix, the clashes, what did not merge, and what stays invisible."""
    names = [branch.name for branch in report.branches]
    lines = [f"{len(names)} branches onto {report.base[:12]}", ""]
    if len(names) <= _MATRIX_LIMIT_COUNT:
        lines += [*_matrix(names, report.together.clashes, view), ""]
    lines += together_lines(report.together, view)
    lines += ["", *_merged_lines(report, view)]
    if report.invisible:
        lines += ["", f"Invisible after all of them ({len(report.invisible)}):"]
        for each in report.invisible[:_INVISIBLE_SHOWN_COUNT]:
            told = f"{each.state.value}  {_name(each.symbol)} ({each.path}:{each.line}): {each.because}"
            lines += _wrapped(told, view, first="  ", rest="      ")
        lines += _more(len(report.invisible), _INVISIBLE_SHOWN_COUNT, "symbols")
    elif report.tree is not None:
        lines += ["", "Everything that they add is reached by an entry point, or may be."]
    return "\n".join([*lines, *_unknown_lines(report.unknown, view)])


def _clash_lines(clashes: Sequence[Clash], view: View) -> list[str]:
    lines = []
    for clash in clashes[:_CLASHES_SHOWN_COUNT]:
        first = f"{_mark(clash.outcome, view)} {clash.kind.value}: "
        lines += _wrapped(clash.says, view, first=first, rest="    ")
    return [*lines, *_more(len(clashes), _CLASHES_SHOWN_COUNT, "clashes")]


def _merged_lines(report: CoherenceReport, view: View) -> list[str]:
    left = [branch for branch in report.branches if not branch.merged]
    lines = [f"{len(report.branches) - len(left)} of {len(report.branches)} merge one after the other."]
    for branch in left:
        shown = ", ".join(branch.conflicts[:4]) + (" …" if len(branch.conflicts) > 4 else "")  # noqa: PLR2004 - one line
        told = f"{branch.name} does not merge onto those before it: {shown}"
        lines += _wrapped(told, view, first=f"{_mark(Outcome.FAIL, view)} ", rest="    ")
    return lines


def _matrix(names: Sequence[str], clashes: Sequence[Clash], view: View) -> list[str]:
    """Return how many clashes each pair has; the columns are numbered like the rows."""
    breaking = Counter(frozenset((each.one, each.other)) for each in clashes if each.outcome is Outcome.FAIL)
    doubtful = Counter(frozenset((each.one, each.other)) for each in clashes if each.outcome is Outcome.UNKNOWN)
    width = min(max(map(len, names)), max(view.width - 5 * len(names) - 6, 12))
    lines = [" " * (width + 5) + "".join(f"{number:>5}" for number in range(1, len(names) + 1))]
    for row, one in enumerate(names):
        cells = []
        for column, other in enumerate(names):
            pair = frozenset((one, other))
            count = breaking[pair]
            cell = "" if column >= row else f"{count}!" if count else f"{doubtful[pair]}?" if doubtful[pair] else "-"
            cells.append(f"{cell:>5}")
        shown = show_text(one)
        shown = shown if len(shown) <= width else f"{shown[: width - 3]}..."
        lines.append(f"{row + 1:>3}  {shown:<{width}}{''.join(cells)}".rstrip())
    return lines


def _unknown_lines(unknown: Sequence[str], view: View) -> list[str]:
    lines = []
    for each in unknown[:_UNKNOWN_SHOWN_COUNT]:
        lines += _wrapped(each, view, first=f"{_mark(Outcome.UNKNOWN, view)} not known: ", rest="    ")
    return [*lines, *_more(len(unknown), _UNKNOWN_SHOWN_COUNT, "reasons")]


def _more(count: int, shown_count: int, what: str) -> list[str]:
    return [f"  + {count - shown_count} more {what}; --format json has all"] if count > shown_count else []


def _mark(outcome: Outcome, view: View) -> str:
    return _MARKS[outcome][0 if view.unicode else 1]


def _name(symbol: str) -> str:
    path, _, qualname = symbol.partition(":")
    return qualname or path


def _wrapped(text: str, view: View, *, first: str = "", rest: str = "") -> list[str]:
    return wrap_text(show_text(text), max(view.width, 40), first=first, rest=rest)
