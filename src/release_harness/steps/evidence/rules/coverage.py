"""Which changed lines did the tests run? Reports name files as their machine knew them; this finds the files they mean."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from release_harness.kernel.facts import FactValue
from release_harness.kernel.records import record
from release_harness.steps.changes.model import Change, FileChange, FileKind, FileStatus
from release_harness.steps.evidence.model import CoverageReport, LineCoverage, MissedLines

NAMES = (
    "coverage.changed_lines_count",
    "coverage.exercised_lines_count",
    "coverage.missed_lines_count",
    "coverage.exercised_ratio",
)

_FAMILIES = (
    ("py", "pyx", "pyi"),
    ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"),
    ("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "m", "mm"),
    ("java", "kt", "kts", "scala", "groovy", "clj"),
    ("go",),
    ("rs",),
    ("rb", "rake"),
    ("php",),
    ("cs", "fs", "vb"),
    ("swift",),
    ("dart",),
    ("ex", "exs", "erl"),
    ("hs",),
    ("lua",),
    ("pl", "pm"),
    ("r",),
    ("jl",),
    ("sh", "bash"),
    ("sql",),
)
_FAMILY_OF: Mapping[str, str] = {ending: family[0] for family in _FAMILIES for ending in family}
_TYPE_STUBS = (".pyi", ".d.ts")
_COMMENT_STARTS = ("#", "//", "--", "/*", "*", "%")
_WITHOUT_COVERAGE = frozenset({"sql", "sh"})
"""Languages for which line coverage is hardly ever measured; their changes are judged by surfaces and tests."""


@record
class PathMatch:
    """Which file of the tree each path of a report means."""

    found: dict[str, str]
    ambiguous: tuple[str, ...]
    """Paths of the report that could mean several files of the tree."""
    unmatched_count: int


@record
class CoverageAnswer:
    """Facts of the changed lines, why others are unknown, and the lines themselves."""

    facts: dict[str, FactValue]
    unknown: dict[str, str]
    lines: tuple[MissedLines, ...]
    notes: tuple[str, ...] = ()


def family_of(path: str) -> str:
    """Return the family of languages that one coverage tool measures together, or an empty text for what is no code."""
    if path.endswith(_TYPE_STUBS):
        return ""
    family = _FAMILY_OF.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path else ""
    return "" if family in _WITHOUT_COVERAGE else family


def is_test_path(path: str) -> bool:
    """Tell whether a path is that of a test by the conventions of the common runners."""
    folders, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    parts = set(folders.split("/"))
    return (
        bool(parts & {"test", "tests", "__tests__", "spec", "specs", "testing", "testdata", "e2e"})
        or stem.startswith("test_")
        or stem.endswith(("_test", ".test", ".spec", "_spec", "Test", "Tests"))
        or name == "conftest.py"
    )


def match_paths(reported: Iterable[str], tree: Iterable[str], *, root: str = "") -> PathMatch:
    """Find the file of the tree that each reported path means, by its end.

    Reports carry paths of another machine or relative to a sub-folder, so several files can end alike. Then the
    shift of folders that explains most of the report decides; what stays open is ambiguous and counts as not matched.
    `root` is the folder of the tree where this very run happened; paths below it are exact.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in tree:
        by_name[path.rpartition("/")[2]].append(path)
    options: dict[str, list[tuple[str, tuple[str, str]]]] = {}
    votes: Counter[tuple[str, str]] = Counter()
    paths = tuple(reported)
    for path in paths:
        plain = _normal(path, root)
        options[path] = [
            (each, shift)
            for each in by_name.get(plain.rpartition("/")[2], ())
            if (shift := _shift(plain, each)) is not None
        ]
        votes.update(shift for _each, shift in options[path])
    found: dict[str, str] = {}
    ambiguous = []
    for path, choices in options.items():
        best = max((_weight(votes, shift) for _each, shift in choices), default=(0, 0))
        winners = {each for each, shift in choices if _weight(votes, shift) == best}
        if len(winners) == 1:
            found[path] = winners.pop()
        elif winners:
            ambiguous.append(path)
    return PathMatch(found=found, ambiguous=tuple(ambiguous), unmatched_count=len(paths) - len(found) - len(ambiguous))


def _normal(path: str, root: str) -> str:
    plain = path.replace("\\", "/") if "/" not in path else path
    if root and plain.startswith(f"{root}/"):
        return plain.removeprefix(f"{root}/")
    while plain.startswith("./"):
        plain = plain[2:]
    return plain


def _shift(reported: str, path: str) -> tuple[str, str] | None:
    """Return which folders must be taken away and put before the reported path to get the path, or None."""
    if reported == path:
        return ("", "")
    if reported.endswith(f"/{path}"):
        return (reported[: -len(path)], "")
    if path.endswith(f"/{reported}"):
        return ("", path[: -len(reported)])
    return None


def _weight(votes: Counter[tuple[str, str]], shift: tuple[str, str]) -> tuple[int, int]:
    """No shift at all wins when it explains as much as any other."""
    return votes[shift], int(shift == ("", ""))


def merge_coverage(
    reports: Iterable[CoverageReport], tree: Iterable[str], *, root: str = ""
) -> tuple[dict[str, LineCoverage], tuple[str, ...], int]:
    """Put reports together, with the paths of the tree; also return ambiguous paths and the number of files reported."""
    listed = tuple(tree)
    merged: dict[str, LineCoverage] = {}
    ambiguous: list[str] = []
    reported_count = 0
    for report in reports:
        match = match_paths((each.path for each in report.files), listed, root=root)
        ambiguous += match.ambiguous
        reported_count += len(report.files)
        for each in report.files:
            path = match.found.get(each.path)
            if path is None:
                continue
            known = merged.get(path, LineCoverage(path=path, executable=frozenset(), exercised=frozenset()))
            merged[path] = LineCoverage(
                path=path,
                executable=known.executable | each.executable,
                exercised=known.exercised | each.exercised,
            )
    return merged, tuple(dict.fromkeys(ambiguous)), reported_count


def measurable_files(change: Change) -> tuple[FileChange, ...]:
    """Return the changed files whose added lines should have been exercised: code that still exists."""
    return tuple(
        each
        for each in change.files
        if each.status is not FileStatus.DELETED
        and each.new_kind in (FileKind.FILE, FileKind.EXECUTABLE)
        and family_of(each.path)
        and each.lines_added != 0
    )


def judge_lines(
    change: Change,
    covered: Mapping[str, LineCoverage] | None,
    *,
    reported_count: int,
    ambiguous: Sequence[str] = (),
    starts: Mapping[str, Mapping[int, int]] | None = None,
    why_none: str = "",
) -> CoverageAnswer:
    """Compute the facts of the changed lines; `covered` is None when there is no coverage report at all.

    `starts` gives, for a path, the first line of the statement that each line belongs to: a report counts a statement
    of several lines at its first line, and a change to its third line is a change of the statement.
    """
    files = [each for each in measurable_files(change) if not is_test_path(each.path) or each.path in (covered or {})]
    if not change.listing_complete or not change.lines_complete:
        return _nothing("the list of changed lines is not complete")
    if not files:
        return count_lines(())
    if covered is None:
        return _nothing(why_none or "there is no coverage report")
    if not covered:
        return _nothing(
            f"the tests ran other code: none of the {reported_count} files in the coverage report is a file of this tree"
        )
    open_paths = [each.path for each in files if any(_may_mean(path, each.path) for path in ambiguous)]
    if open_paths:
        return _nothing(f"the coverage report is ambiguous about {open_paths[0]}: several files of the tree end alike")
    measured = {family_of(path) for path in covered}
    for each in files:
        if family_of(each.path) not in measured:
            return _nothing(f"no coverage report speaks of any file like {each.path}")
    added = {each.path: each.added for each in change.lines}
    known_starts = starts or {}
    return count_lines(
        tuple(
            _lines_of(each.path, added.get(each.path, ()), covered.get(each.path), known_starts.get(each.path, {}))
            for each in files
        )
    )


def _may_mean(reported: str, path: str) -> bool:
    plain = _normal(reported, "")
    return _shift(plain, path) is not None


def _lines_of(
    path: str, added: Sequence[tuple[int, str]], covered: LineCoverage | None, starts: Mapping[int, int]
) -> MissedLines:
    if covered is None:
        # No test has even loaded the file. Comments are left out; anything else that cannot run counts against it.
        lines = (number for number, text in added if text.strip() and not text.lstrip().startswith(_COMMENT_STARTS))
        return MissedLines(path=path, exercised=(), missed=tuple(lines), reported=False)
    numbers = {starts.get(number, number) for number, text in added if text.strip()}
    return MissedLines(
        path=path,
        exercised=tuple(sorted(numbers & covered.exercised)),
        missed=tuple(sorted((numbers & covered.executable) - covered.exercised)),
    )


def count_lines(lines: tuple[MissedLines, ...]) -> CoverageAnswer:
    """Count the changed lines that were exercised and those that were not."""
    exercised = sum(len(each.exercised) for each in lines)
    missed = sum(len(each.missed) for each in lines)
    facts: dict[str, FactValue] = {
        "coverage.changed_lines_count": exercised + missed,
        "coverage.exercised_lines_count": exercised,
        "coverage.missed_lines_count": missed,
    }
    if exercised + missed == 0:
        return CoverageAnswer(
            facts=facts,
            unknown={"coverage.exercised_ratio": "no changed line can run, so there is no ratio"},
            lines=lines,
        )
    return CoverageAnswer(
        facts={**facts, "coverage.exercised_ratio": exercised / (exercised + missed)}, unknown={}, lines=lines
    )


def _nothing(why: str) -> CoverageAnswer:
    return CoverageAnswer(facts={}, unknown=dict.fromkeys(NAMES, why), lines=())
