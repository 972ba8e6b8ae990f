"""Which tests bear on a change, and what became of them."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model import TestCase, TestStatus
from release_harness.steps.evidence.model.impact import EntryPoint, ImpactAnswer, SymbolId
from release_harness.steps.evidence.model.relevance import Relevance, RelevantTest, UrlLiteral
from release_harness.steps.evidence.model.trace import TraceMap
from release_harness.steps.evidence.rules.tests import canonical_id
from release_harness.steps.evidence.rules.walks.routing import Router
from release_harness.steps.evidence.rules.walks.templates import ANYTHING
from release_harness.steps.evidence.rules.walks.traces import members

TRACED = "traced"
WALKS_ENTRY = "walks an affected entry"
NAMES_ADDRESS = "names its address"
REFERS = "refers to"
ALL_TESTS = "*"
"""Stands for every test, as where code runs while tests are imported."""
_VERBS = {"get", "post", "put", "patch", "delete", "head", "options"}
_ADDRESS_CHARS = 500
NOT_RUN = "tests.relevant_not_run_count"
_SHOWN_COUNT = 5
_RAN = frozenset({TestStatus.PASSED, TestStatus.FLAKY})
_SOURCE = "computed here from trace, addresses and references"


def url_literals(source: bytes) -> tuple[UrlLiteral, ...] | None:
    """Return the addresses that a Python test file writes down; None when it cannot be read.

    `client.get("/items/1")` gives a method; any other text that begins with a slash gives an address for any method.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(dict.fromkeys(_literals(tree, "")))


def _literals(node: ast.AST, owner: str) -> Iterator[UrlLiteral]:
    spoken: set[int] = set()
    for child in ast.iter_child_nodes(node):
        inner = owner
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{owner}.{child.name}" if owner else child.name
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr in _VERBS:
            address = _address(child.args[0]) if child.args else ""
            if address:
                spoken.add(id(child.args[0]))
                yield UrlLiteral(test=owner, address=f"{child.func.attr.upper()} {address}", line=child.lineno)
                for argument in child.args[1:]:
                    yield from _literals(argument, owner)
                continue
        if id(child) not in spoken and isinstance(child, ast.Constant | ast.JoinedStr):
            address = _address(child)
            if len(address) > 1:
                yield UrlLiteral(test=owner, address=f" {address}", line=child.lineno)
            continue
        yield from _literals(child, inner)


def _address(node: ast.expr) -> str:
    """Return a text that may be the path of an address, with `{}` for what is computed; empty for other things."""
    if isinstance(node, ast.JoinedStr):
        parts = (str(each.value) if isinstance(each, ast.Constant) else ANYTHING for each in node.values)
        text = "".join(parts)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    else:
        return ""
    # A computed beginning is the address of the server, as in f"{base}/items".
    text = text.removeprefix(ANYTHING) if text.startswith(ANYTHING + "/") else text
    path = text.partition("?")[0].partition("#")[0]
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    usable = path.startswith("/") and not path.startswith("//") and " " not in path and len(path) <= _ADDRESS_CHARS
    if not usable:
        return ""
    return "/".join(ANYTHING if ANYTHING in each else each for each in path.split("/"))


def tests_naming(
    files: Mapping[str, Sequence[UrlLiteral]], affected: Sequence[EntryPoint], entries: Sequence[EntryPoint]
) -> dict[str, str]:
    """Return the tests whose file writes an address that one of the affected entries answers, by id.

    `entries` are all entries, so that an address counts to the one that really answers it. What stands outside of a test
    function counts to every test of the file.
    """
    router, wanted = Router(entries), {each.key for each in affected}
    found: dict[str, str] = {}
    for path, literals in files.items():
        for literal in literals:
            entry = router.answering(literal.address)
            if entry is not None and entry.key in wanted:
                first = literal.test.partition(".")[0]
                is_test = any(part.startswith("test") for part in literal.test.split("."))
                name = "::".join(literal.test.split(".")) if is_test or first.startswith("Test") else ALL_TESTS
                found.setdefault(f"{path}::{name}", entry.key)
    return found


def tests_tracing(traced: TraceMap, changed: Collection[SymbolId]) -> tuple[str, ...]:
    """Return the tests that ran one of the functions; `*` when one of them runs while tests are imported."""
    wanted = frozenset(changed)
    mask = 0
    for number, each in enumerate(traced.functions):
        if each.symbol in wanted:
            mask |= 1 << number
    everyone = (ALL_TESTS,) if traced.between.functions & mask else ()
    return (*everyone, *(each.id for each in traced.tests if each.functions & mask))


def tests_of_file(traced: TraceMap, path: str) -> tuple[str, ...]:
    """Return the tests that ran anything of a file."""
    mask = sum(1 << number for number, each in enumerate(traced.functions) if each.path == path)
    return tuple(each.id for each in traced.tests if each.functions & mask)


def traced_symbols(traced: TraceMap, test_id: str) -> tuple[SymbolId, ...]:
    """Return what one test ran, for a page that explains a selection."""
    for each in traced.tests:
        if each.id == test_id:
            return tuple(sorted(traced.functions[number].symbol for number in members(each.functions)))
    return ()


def referring(answer: ImpactAnswer) -> dict[str, str]:
    """Return the tests that surely lead to the change by references alone, each with the reason."""
    return {each.test: f"{REFERS} {each.symbol}" for each in answer.tests}


def judge_relevance(
    reasons: Mapping[str, Iterable[str]],
    cases: Sequence[TestCase] | None,
    *,
    known_ids: Collection[str] = (),
    base_ids: Collection[str] | None = None,
    why_unknown: str = "",
) -> Relevance:
    """Say what became of each test that bears on a change.

    `reasons` goes from the id of a test to why it bears on the change; an id without parameters stands for all of
    its parameters, one that ends with `::*` for a whole file, and `*` for all. `cases` are of the run of this content.
    """
    if why_unknown:
        return Relevance(tests=(), why_unknown=why_unknown)
    if cases is None:
        return Relevance(tests=(), why_unknown="no test run of this content is recorded; run `rh evidence run`")
    by_id = {case.id: case for case in cases}
    ids = {**dict.fromkeys(by_id), **dict.fromkeys(known_ids)}
    found: dict[str, dict[str, None]] = {}
    for wanted, why in reasons.items():
        for each in _meant(canonical_id(wanted) if wanted != ALL_TESTS else wanted, ids):
            found.setdefault(each, {}).update(dict.fromkeys(why))
    tests = tuple(_became(each, tuple(why), by_id.get(each), base_ids) for each, why in sorted(found.items()))
    return Relevance(tests=tests)


def _meant(wanted: str, ids: Iterable[str]) -> list[str]:
    """Return the known ids that an id stands for; itself when it stands for none, so that it is seen as not run."""
    if wanted == ALL_TESTS:
        return list(ids)
    if wanted.endswith("::" + ALL_TESTS):
        module = wanted.removesuffix("::" + ALL_TESTS)
        found = [each for each in ids if each.startswith((f"{module}::", f"{module}."))]
    else:
        found = [each for each in ids if each == wanted or each.startswith(f"{wanted}[")]
    return found or ([] if wanted.endswith(ALL_TESTS) else [wanted])


def _became(
    test_id: str, reasons: tuple[str, ...], case: TestCase | None, base_ids: Collection[str] | None
) -> RelevantTest:
    new = base_ids is not None and test_id not in base_ids
    if case is None or case.status is TestStatus.NOT_RUN:
        return RelevantTest(id=test_id, reasons=reasons, state="not run", new=new)
    if case.status is TestStatus.SKIPPED:
        return RelevantTest(id=test_id, reasons=reasons, state="skipped", new=new, why=case.message)
    state = "run" if case.status in _RAN else "failed"
    return RelevantTest(id=test_id, reasons=reasons, state=state, new=new)


def relevant_not_run_fact(relevance: Relevance) -> Fact:
    """Return `tests.relevant_not_run_count`: tests that bear on the change and did not run, skipped ones among them."""
    if relevance.why_unknown:
        return Unknown(why=relevance.why_unknown)
    return Known(value=sum(each.state in ("not run", "skipped") for each in relevance.tests), source=_SOURCE)


def advice_of_relevance(relevance: Relevance) -> dict[str, str]:
    """Name the tests that bear on the change and did not run, each with why it does, by the name of the fact."""
    left_out = [each for each in relevance.tests if each.state in ("not run", "skipped")]
    if not left_out:
        return {}
    names = ", ".join(f"{show_text(each.id)} ({show_text(each.reasons[0])})" for each in left_out[:_SHOWN_COUNT])
    more = f" + {len(left_out) - _SHOWN_COUNT} more" if len(left_out) > _SHOWN_COUNT else ""
    return {NOT_RUN: f"Run the tests that bear on the change and did not run: {names}{more}."}
