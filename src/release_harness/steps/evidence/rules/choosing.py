"""Which tests to run for a change: dynamic first, everything where that cannot be trusted. Never the last gate on a branch."""

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from release_harness.steps.evidence.model import TestCase, TestStatus
from release_harness.steps.evidence.model.relevance import (
    Selection,
    SelectionScore,
)
from release_harness.steps.evidence.model.trace import TraceMap
from release_harness.steps.evidence.rules.relevance import ALL_TESTS
from release_harness.steps.evidence.rules.tests import canonical_id

_LOCKS = re.compile(
    r"(^|/)([^/]*\.lock|[^/]*-lock\.(json|ya?ml)|go\.sum|requirements[^/]*\.(txt|in)|requirements/.*\.(txt|in)|constraints[^/]*\.txt)$"
)
_DENIED: tuple[tuple[re.Pattern[str], str], ...] = (
    (_LOCKS, "it decides which libraries are installed"),
    (re.compile(r"(^|/)conftest\.py$"), "it sets fixtures up for every test below it"),
    (
        re.compile(r"(^|/)(pyproject\.toml|setup\.(py|cfg)|pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc)$"),
        "it configures the tests",
    ),
    (re.compile(r"(^|/)(settings|config|configuration)(/[^/]+)*\.(py|ya?ml|toml|json)$"), "it holds settings"),
    (re.compile(r"(^|/)settings/"), "it holds settings"),
    (re.compile(r"(^|/)(migrations|alembic/versions)/"), "it migrates data"),
    (
        re.compile(
            r"^(\.github|\.gitlab|\.circleci|\.buildkite|\.ci)/|(^|/)(\.gitlab-ci\.yml|Jenkinsfile|Dockerfile[^/]*|Makefile)$"
        ),
        "it steers continuous integration",
    ),
    (
        re.compile(r"\.(json|ya?ml|csv|tsv|sql|toml|ini|env|xml|parquet|sqlite3?|db|pkl)$"),
        "it is data, which no trace sees",
    ),
)
_CODE = re.compile(r"\.(py|pyi)$")
_PROSE = re.compile(r"\.(md|rst)$|(^|/)(LICENSE|AUTHORS|CHANGES|CHANGELOG)[^/]*$")


def forces_everything(path: str) -> str:
    """Return why a change of this file needs every test, or an empty text."""
    return next((why for pattern, why in _DENIED if pattern.search(path)), "")


def select_tests(
    changed_paths: Sequence[str],
    traced: TraceMap | None,
    *,
    relevant: Mapping[str, str],
    test_paths: Collection[str] = (),
    on_default_tip: bool = False,
    why_no_map: str = "no trace of the base or of this content is recorded",
) -> Selection:
    """Return the tests to run.

    `relevant` goes from tests that the change reaches to the reason; a test whose file the change touches is always among
    them. Every doubt means everything, with the reason named.
    """
    doubts = []
    if on_default_tip:
        doubts.append("this is the tip of the default branch, where nothing is ever left out")
    if traced is None:
        doubts.append(why_no_map)
    elif not traced.whole:
        doubts.append("the trace is not whole: the tracer had to leave something out")
    for path in changed_paths:
        why = forces_everything(path)
        if why:
            doubts.append(f"{path}: {why}")
        elif not _CODE.search(path) and not _PROSE.search(path):
            doubts.append(f"{path}: no trace follows a file of this kind")
    if ALL_TESTS in relevant:
        doubts.append(f"the change touches code that runs while tests are imported ({relevant[ALL_TESTS]})")
    known = len(traced.tests) if traced is not None else 0
    if doubts:
        return Selection(ids=(), everything=True, because=tuple(doubts[:20]), known_count=known)
    touched = {path for path in changed_paths if path in set(test_paths)}
    chosen = dict.fromkeys(each.removesuffix("::*") for each in relevant)
    chosen |= dict.fromkeys(sorted(touched))
    ids = tuple(each for each in chosen if each in touched or each.partition("::")[0] not in touched)
    because = f"{len(ids)} of {known} tests are reached by the change, by trace, address or reference"
    return Selection(ids=ids, everything=False, because=(because,), known_count=known)


def score_selection(selected: Iterable[str], cases: Sequence[TestCase]) -> SelectionScore:
    """Compare a selection with a full run: which of the tests that failed did it hold?"""
    wanted = tuple(canonical_id(each) for each in selected)
    exact = frozenset(wanted)
    failed = [each.id for each in cases if each.status in (TestStatus.FAILED, TestStatus.ERROR)]
    chosen = [each.id for each in cases if _is_among(each.id, exact, wanted)]
    held = frozenset(chosen)
    missed = tuple(each for each in failed if each not in held)
    return SelectionScore(
        failed_count=len(failed),
        caught_count=len(failed) - len(missed),
        selected_count=len(chosen),
        known_count=len(cases),
        missed=missed[:50],
    )


def changed_functions(base: bytes | None, head: bytes | None) -> frozenset[str] | None:
    """Return the qualified names of the functions that differ; None when anything outside of functions does.

    None also stands for a file that is new, gone or unreadable: then whatever ran of it bears on the change.
    """
    before, after = _outline(base), _outline(head)
    if before is None or after is None or before[0] != after[0]:
        return None
    return frozenset(name for name in before[1] if before[1][name] != after[1].get(name))


def _outline(source: bytes | None) -> tuple[str, dict[str, str]] | None:
    """Return a module with its functions emptied, and the text of each function; comments and layout are gone from both."""
    if source is None:
        return None
    try:
        tree = ast.parse(source)
        emptying = _Emptying()
        emptied = ast.dump(emptying.visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return emptied, emptying.bodies


class _Emptying(ast.NodeTransformer):
    """Takes the bodies out of the functions of a module and of its classes; what is nested in them goes along."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        self._prefix = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        before, self._prefix = self._prefix, f"{self._prefix}{node.name}."
        self.generic_visit(node)
        self._prefix = before
        return node

    def _empty(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        name = self._prefix + node.name
        # Two functions of one name, as behind an `if`, are one for a trace.
        self.bodies[name] = self.bodies.get(name, "") + "".join(ast.dump(each) for each in node.body)
        node.body = [ast.Pass()]
        return node

    visit_FunctionDef = _empty  # noqa: N815 - the name that ast calls
    visit_AsyncFunctionDef = _empty  # noqa: N815 - the name that ast calls


def _is_among(test_id: str, exact: frozenset[str], wanted: tuple[str, ...]) -> bool:
    if test_id in exact or test_id.partition("[")[0] in exact:
        return True
    return any(
        each.endswith(".py") and test_id.startswith((_module(each) + "::", _module(each) + ".")) for each in wanted
    )


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
