"""Lists in which everything is a guard, and under which condition each of them alone stands there.

`[A] if X else []` holds A under X. What stands in every branch stands always. What cannot be taken apart is kept as it
is written: that a list became a call must be seen.
"""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.definitions import Definition
from release_harness.steps.evidence.impact.entries.objects import DEPTH_LIMIT, Objects
from release_harness.steps.evidence.impact.entries.reading import shown
from release_harness.steps.evidence.impact.expressions import branches, dotted, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

_COPIES = frozenset({"list", "tuple", "set", "sorted", "frozenset"})


class Item(NamedTuple):
    """One item of a list."""

    scope: SymbolId
    expr: Expr
    when: str = ""
    """The condition under which alone it is there; empty when it always is."""
    read: bool = True
    """False for what stands in the place of items and could not be taken apart."""


class Conditions:
    """Reads lists through names, sums, conditionals and statements under an `if`."""

    def __init__(self, objects: Objects) -> None:
        """Take the objects of a program."""
        self.objects = objects
        self.program = objects.program

    def items(self, scope: SymbolId, expr: Expr | None) -> list[Item]:
        """Return the items of a list."""
        return self._items(scope, expr, 0)

    def _items(self, scope: SymbolId, expr: Expr | None, depth: int) -> list[Item]:
        there, value = self.objects.value(scope, expr)
        if value is None or (value[0] == "k" and value[1] is None):
            return []
        if depth > DEPTH_LIMIT:
            return [Item(there, value, read=False)]
        chosen = branches(value)
        if chosen is not None:
            arms = [self._items(there, arm, depth + 1) for arm in chosen[1]]
            return in_branches(arms, either(test_text(chosen[0])))
        if value[0] == "c" and dotted(value[1]) in _COPIES and len(value[2]) == 1:
            return self._items(there, value[2][0], depth + 1)
        if value[0] == "b" and len(value) == 2:  # noqa: PLR2004 - operands without a mark are added up
            return [found for each in value[1] for found in self._items(there, each, depth + 1)]
        if value[0] in {"n", "a"}:
            return self._of_name(there, value, depth)
        if value[0] != "l":
            return [Item(there, value, read=False)]
        found: list[Item] = []
        for each in value[1]:
            found += self._items(there, each[1], depth + 1) if each[0] == "*" else [Item(there, each)]
        return found

    def _of_name(self, scope: SymbolId, expr: Expr, depth: int) -> list[Item]:
        name = self.objects.name_of(scope, expr)
        found = self.set_in_several(self.objects.definitions(name) if name else [], depth)
        return found if found is not None else [Item(scope, expr, read=False)]

    def set_in_several(self, definitions: Sequence[Definition], depth: int = 0) -> list[Item] | None:
        """Return the items of a variable that several statements set or add to; None when they do something else."""
        if len(definitions) < 2 or any(each.how not in {"", "aug"} for each in definitions):  # noqa: PLR2004 - one is followed
            return None
        sets = [each for each in definitions if not each.how]
        always = [at for at, each in enumerate(sets) if not self.text_of(each)]
        sets = sets[always[-1] :] if always else sets
        texts = [self.text_of(each) for each in sets]
        if texts and not texts[0]:
            texts[0] = " and ".join(negated(each) for each in texts[1:]) or ""
        found = in_branches([self._items(each.scope, each.expr, depth + 1) for each in sets], texts)
        for each in definitions:
            if each.how == "aug":
                under = self.text_of(each)
                found += [under_condition(item, under) for item in self._items(each.scope, each.expr, depth + 1)]
        return found

    def text_of(self, definition: Definition) -> str:
        """Return the condition under which a statement stands, or empty."""
        return condition_text(self.program, definition.scope, definition.under)

    def around_call(self, scope: SymbolId, call: Expr) -> str:
        """Return the condition under which the statement that holds a call stands, or empty."""
        symbol = self.program.symbol(scope)
        for each in symbol.body if symbol is not None else ():
            if each.under >= 0 and any(inner is call or inner == call for inner in walk(each.value)):
                return condition_text(self.program, scope, each.under)
        return ""

    def at_line(self, scope: SymbolId, line: int) -> str:
        """Return the condition under which the statement that begins at a line, or last before it, stands; or empty."""
        symbol = self.program.symbol(scope)
        standing = [each for each in symbol.body if each.line <= line] if symbol is not None else []
        last = max(standing, key=lambda each: each.line, default=None)
        return condition_text(self.program, scope, last.under) if last is not None else ""

    def returned(self, function: SymbolId) -> list[Item] | None:
        """Return the items of the lists that a function returns, each under the condition of its statement; None when it is none."""
        symbol = self.program.symbol(function)
        given = [each for each in symbol.body if each.kind == "return"] if symbol is not None else []
        if symbol is None or not given or any(each.how for each in given):
            return None
        texts = [condition_text(self.program, function, each.under) for each in given]
        if not texts[-1]:
            texts[-1] = " and ".join(negated(each) for each in texts[:-1] if each)
        return in_branches([self.items(function, each.value) for each in given], texts)


def in_branches(arms: Sequence[Sequence[Item]], texts: Sequence[str]) -> list[Item]:
    """Put branches together: what all of them hold always is there always, the rest under its own condition."""
    if len(arms) == 1:
        return [under_condition(each, texts[0]) for each in arms[0]]
    held = [{_key(each) for each in arm if not each.when} for arm in arms]
    everywhere = set.intersection(*held) if held else set()
    found = {_key(each): each for arm in arms for each in arm if _key(each) in everywhere}
    rest = [
        under_condition(each, text)
        for arm, text in zip(arms, texts, strict=True)
        for each in arm
        if _key(each) not in everywhere
    ]
    return [*found.values(), *rest]


def under_condition(item: Item, text: str) -> Item:
    """Return an item that stands under one more condition."""
    if not text:
        return item
    return item._replace(when=f"{text} and {item.when}" if item.when else text)


def either(text: str) -> list[str]:
    """Return what holds in the two branches of a test."""
    return [text, negated(text)]


def negated(text: str) -> str:
    """Return the opposite of a condition in words."""
    return text.removeprefix("not ") if text.startswith("not ") else f"not {text}"


def test_text(test: Expr | None) -> str:
    """Return a test as people write it."""
    return shown(test) if test is not None else "a constant"


def condition_text(program: ProgramView, scope: SymbolId, under: int) -> str:
    """Return the conditions that a statement of a scope stands under, the outermost first; empty when there is none."""
    symbol = program.symbol(scope)
    return conditions_of(symbol, under) if symbol is not None else ""


def conditions_of(symbol: Symbol, under: int) -> str:
    """Return the same for a statement of a symbol."""
    found: list[str] = []
    while 0 <= under < len(symbol.conditions):
        condition = symbol.conditions[under]
        text = test_text(condition.test)
        found.append(negated(text) if condition.negated else text)
        under = condition.outer
    return " and ".join(reversed(found))


def alternatives(expr: Expr | None) -> list[tuple[Expr, str]]:
    """Return what a conditional expression may stand for, each with its condition; of anything else itself."""
    chosen = branches(expr)
    if chosen is None:
        return [(expr, "")] if expr is not None else []
    found: list[tuple[Expr, str]] = []
    for arm, text in zip(chosen[1], either(test_text(chosen[0])), strict=True):
        for inner, when in alternatives(arm):
            found.append((inner, f"{text} and {when}" if when else text))
    keys = {_without_lines(each) for each, _ in found}
    return [(found[0][0], "")] if len(keys) == 1 and None not in chosen[1] else found


def _key(item: Item) -> str:
    return f"{item.scope.rpartition(':')[0]}\0{_without_lines(item.expr)}"


def _without_lines(expr: Expr) -> str:
    return json.dumps(_lineless(expr))


def _lineless(expr: Expr) -> Expr:
    if isinstance(expr, list):
        return [_lineless(each) for each in (expr[:4] if expr[:1] == ["c"] else expr)]
    return {key: _lineless(each) for key, each in expr.items()} if isinstance(expr, dict) else expr


def same(one: Iterable[Expr | None], other: Iterable[Expr | None]) -> bool:
    """Tell whether expressions say the same, wherever they stand."""
    return [_lineless(each) for each in one if each] == [_lineless(each) for each in other if each]
