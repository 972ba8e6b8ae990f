"""Tests that say less at head than they said at base: read from both sources, never run."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.records import record
from release_harness.steps.evidence.model.relevance import Weakening

_ASSERTING_CALLS = frozenset({"raises", "warns", "deprecated_call", "fail", "expect", "assert_that"})
_MOCK_ASSERTS = ("assert_called", "assert_any_call", "assert_has_calls", "assert_not_called", "assert_awaited")
_SKIPS = frozenset({"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "importorskip"})
_BROAD = frozenset({"Exception", "BaseException"})
_SHOWN_CHARS = 120

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@record
class _Test:
    name: str
    line: int
    asserts: Counter[str]
    lines: dict[str, int]
    skips: frozenset[str]
    empty: bool
    broad_lines: tuple[int, ...]


def weakened_tests(path: str, base: bytes | None, head: bytes | None) -> tuple[Weakening, ...] | None:
    """Return what tests of one Python file lost from base to head; None when one of them cannot be read.

    A file that is new has lost nothing; one that is gone has lost every test. A test that moved to another file is named
    as deleted here: whoever asks compares with the tests that were added elsewhere, see `without_moved`.
    """
    before, after = _tests_of(base), _tests_of(head)
    if before is None or after is None:
        return None
    found: list[Weakening] = []
    for name, was in before.items():
        now = after.get(name)
        if now is None:
            line = was.function.lineno
            found.append(Weakening(path=path, test=name, kind="deleted", line=line, says=f"{name} is gone"))
        elif (was.text, was.skips) != (now.text, now.skips):
            # A long test file changes in a few tests: only those are read.
            found += _compare(path, _read(name, was), _read(name, now))
    return tuple(found)


def weakened_fact(found: Sequence[Weakening], unread: Sequence[str]) -> Fact:
    """Return `tests.weakened_count`: tests, not ways; a changed test file that could not be read makes it unknown."""
    if unread:
        return Unknown(why=f"{unread[0]} could not be read and compared")
    tests = {(each.path, each.test) for each in found}
    return Known(value=len(tests), source="computed here from the tests at base and head")


def without_moved(found: Sequence[Weakening], heads: Sequence[tuple[str, bytes | None]]) -> tuple[Weakening, ...]:
    """Leave out deleted tests that another changed file has now under the same name."""
    if not any(each.kind == "deleted" for each in found):
        return tuple(found)
    there = {name.rpartition("::")[2] for _path, head in heads for name in _tests_of(head) or {}}
    return tuple(each for each in found if each.kind != "deleted" or each.test.rpartition("::")[2] not in there)


class _Written(NamedTuple):
    """One test as it stands in the source."""

    function: _Function
    skips: frozenset[str]
    """Skips of the module and of the classes around it."""
    text: bytes
    """Its lines with its decorators; two tests of equal text say the same."""


def _tests_of(source: bytes | None) -> dict[str, _Written] | None:
    if source is None:
        return {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = source.splitlines()
    found: dict[str, _Written] = {}
    for names, outer_skips, function in _functions(tree, (), _module_skips(tree)):
        first = min([function.lineno, *(each.lineno for each in function.decorator_list)])
        text = b"\n".join(lines[first - 1 : function.end_lineno])
        found["::".join((*names, function.name))] = _Written(function, outer_skips, text)
    return found


def _functions(
    body: ast.Module | ast.ClassDef, names: tuple[str, ...], skips: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], frozenset[str], _Function]]:
    for node in body.body:
        if isinstance(node, _Function) and node.name.startswith("test"):
            yield names, skips, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, (*names, node.name), skips | _skips_of(node.decorator_list))


def _module_skips(tree: ast.Module) -> frozenset[str]:
    """Read `pytestmark = …` and skips that are called while the module is loaded."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == "pytestmark" for each in node.targets
        ):
            values = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            found |= _skips_of(values)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= _skips_of([node.value])
    return frozenset(found)


def _skips_of(marks: Sequence[ast.expr]) -> frozenset[str]:
    named = (each.func if isinstance(each, ast.Call) else each for each in marks)
    return frozenset(_last_name(each) for each in named) & _SKIPS


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _read(name: str, test: _Written) -> _Test:
    asserts: Counter[str] = Counter()
    lines: dict[str, int] = {}
    function = test.function
    skips: set[str] = set(test.skips | _skips_of(function.decorator_list))
    broad: list[int] = []
    for node in ast.walk(function):
        said = _assertion(node)
        if said:
            asserts[said] += 1
            lines.setdefault(said, getattr(node, "lineno", function.lineno))
        if isinstance(node, ast.Call) and _last_name(node.func) in _SKIPS and node not in function.decorator_list:
            skips.add(_last_name(node.func))
        if isinstance(node, ast.ExceptHandler) and _swallows(node):
            broad.append(node.lineno)
    return _Test(
        name=name,
        line=function.lineno,
        asserts=asserts,
        lines=lines,
        skips=frozenset(skips),
        empty=all(_says_nothing(each) for each in function.body),
        broad_lines=tuple(broad),
    )


def _assertion(node: ast.AST) -> str:
    """Return an assertion as text in which equal ones are equal; empty for anything else, and for one that always holds."""
    if isinstance(node, ast.Assert):
        return "" if isinstance(node.test, ast.Constant) and node.test.value else ast.unparse(node.test)
    if isinstance(node, ast.Call):
        name = _last_name(node.func)
        method = isinstance(node.func, ast.Attribute)
        if (
            (method and name.startswith(("assert", *_MOCK_ASSERTS)))
            or name in _ASSERTING_CALLS
            or name.startswith("assert_")
        ):
            trivial = name in ("assertTrue", "assert_") and node.args and isinstance(node.args[0], ast.Constant)
            return "" if trivial else ast.unparse(node)
    return ""


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler takes every exception and lets the test go on."""
    kinds = [handler.type] if not isinstance(handler.type, ast.Tuple) else handler.type.elts
    broad = any(each is None or _last_name(each) in _BROAD for each in kinds)
    return broad and not any(isinstance(each, ast.Raise) for each in ast.walk(handler))


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _compare(path: str, was: _Test, now: _Test) -> list[Weakening]:
    def weakening(kind: str, line: int, says: str) -> Weakening:
        return Weakening(path=path, test=now.name, kind=kind, line=line, says=says[:_SHOWN_CHARS])

    found = [
        weakening("skipped", now.line, f"{now.name} is marked {mark} now") for mark in sorted(now.skips - was.skips)
    ]
    if now.empty and not was.empty:
        return [*found, weakening("emptied", now.line, f"{now.name} does nothing any more")]
    gone, come = was.asserts - now.asserts, now.asserts - was.asserts
    # An assertion that was written anew is no loss; fewer of them are.
    missing = sum(gone.values()) - sum(come.values())
    lost = list(gone.elements())[: max(missing, 0)]
    found += [weakening("removed assert", was.lines[said], f"no longer asserts `{said}`") for said in lost]
    extra = now.broad_lines[len(was.broad_lines) :]
    return found + [weakening("loosened", line, "catches every exception and goes on") for line in extra]
