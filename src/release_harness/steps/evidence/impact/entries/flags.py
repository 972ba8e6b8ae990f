"""Checks of feature flags: which calls ask for a flag, under which key, and what stands only behind one."""

import re
from collections.abc import Iterator, Sequence

from release_harness.kernel.records import record
from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.reading import (
    is_test_path,
    last_name,
    outer_qualname,
    path_of,
    qualname_of,
)
from release_harness.steps.evidence.impact.expressions import dotted, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.graph import Edge, ReferenceGraph
from release_harness.steps.evidence.model.impact import SymbolId

SURE_CHECKS: dict[str, int] = {
    "get_boolean_value": 0, "get_boolean_details": 0, "get_boolean_value_async": 0, "bool_variation": 0, "flag_is_active": 1,
    "switch_is_active": 0, "sample_is_active": 0, "waffle_flag": 0, "waffle_switch": 0, "flag_enabled": 0, "flag_disabled": 0,
    "flag_state": 0, "flag_required": 0, "flag_check": 0, "is_feature_enabled": 0, "has_feature": 0, "feature_enabled": 0,
    "feature_is_enabled": 0, "is_flag_enabled": 0, "get_feature_flag": 0, "check_gate": 1, "get_treatment": 1,
    "variation_detail": 0, "has_feature_flag": 0, "feature_flag_enabled": 0, "is_feature_on": 0,
}  # fmt: skip
"""Names that no other kind of library uses -> position of the key."""

LIKELY_CHECKS: dict[str, int] = {
    "is_enabled": 0, "variation": 0, "is_on": 0, "is_off": 0, "is_active": 0, "enabled": 0, "isEnabled": 0, "get_value": 0,
    "get_string_value": 0, "get_integer_value": 0, "get_object_value": 0, "get_feature_value": 0, "has": 0, "is_disabled": 0,
    "flag": 0, "feature": 0, "get_flag": 0, "get_feature": 0,
}  # fmt: skip
"""Names that mean a flag only on something called or made by a flag library."""

LIBRARIES = frozenset({"openfeature", "ldclient", "UnleashClient", "flagsmith", "waffle", "flags", "flipper", "growthbook", "posthog",
                       "splitio", "statsig", "configcatclient", "gargoyle", "gutter", "flagpole", "featureflags", "flipt", "devcycle",
                       "flag_engine", "goff", "eppo_client", "optimizely", "unleash"})  # fmt: skip
_OWNER = re.compile(
    r"flag|feature|unleash|launchdarkly|^ld$|ld_client|ldclient|toggle|experiment|growthbook|posthog|waffle",
    re.IGNORECASE,
)
_SETTING = re.compile(r"^(FEATURE|FF|FLAG|TOGGLE)_|_(FEATURE|FLAG|TOGGLE)(_ENABLED)?$|^ENABLE_[A-Z0-9_]+$|_ENABLED$")
DISABLED_CHECKS = frozenset({"flag_disabled", "is_off", "is_disabled"})


@record
class FlagCondition:
    """A flag that must stand one way for a symbol to be reached."""

    key: str
    on: bool | None
    """True when the symbol runs while the flag is on; None when the test has several parts, whose negations facts do not keep."""
    path: str
    line: int


def flag_key(program: ProgramView, scope: SymbolId, expr: Expr, declared: Sequence[str] = ()) -> str:
    """Return the key that an expression asks a flag by, `settings.NAME` for a setting named like one; empty for anything else."""
    if expr[0] == "a" and isinstance(expr[2], str) and _SETTING.search(expr[2]):
        base = last_name(expr[1]).lower()
        return f"settings.{expr[2]}" if base in {"settings", "config", "conf"} else ""
    if expr[0] == "i" and expr[2][0] == "s" and _SETTING.search(expr[2][1]) and last_name(expr[1]) == "config":
        return f"settings.{expr[2][1]}"
    if expr[0] != "c":
        return ""
    position = _position(program, scope, expr, declared)
    if position < 0:
        return ""
    given = [
        expr[3][each]
        for each in ("key", "flag_key", "flag", "flag_name", "feature", "name", "feature_name")
        if each in expr[3]
    ]
    given += expr[2][position : position + 1]
    given += [each for each in expr[2] if each[0] == "s"]
    return next((key for each in given if (key := _text(program, scope, each))), "")


def _text(program: ProgramView, scope: SymbolId, expr: Expr) -> str:
    if expr[0] == "s":
        return str(expr[1])
    found = program.resolve(scope, expr).text if expr[0] in {"n", "a"} else ""
    if not found and expr[0] == "a":
        attribute = _member(program, scope, expr)
        return attribute or (dotted(expr) if dotted(expr)[:1].isupper() else "")
    return found


def _member(program: ProgramView, scope: SymbolId, expr: Expr) -> str:
    """Return the text behind a member of an enumeration or class, with or without `.value`."""
    if expr[2] == "value" and expr[1][0] == "a":
        expr = expr[1]
    owner = program.resolve(scope, expr[1])
    found = program.attribute(owner.symbol or owner.type, expr[2]) if owner.symbol or owner.type else None
    return str(found[0][1]) if found and found[0][0] == "s" else ""


def _position(program: ProgramView, scope: SymbolId, call: Expr, declared: Sequence[str]) -> int:
    name = last_name(call)
    written = dotted(call[1])
    for each in declared:
        if each in {written, name} or written.endswith(f".{each}"):
            return 0
        if "." in each and each.rpartition(".")[2] == name:
            found = program.resolve(scope, call[1])
            wanted = program.resolve_dotted(each)
            if (found.symbol and found.symbol == wanted.symbol) or found.external == each:
                return 0
    if name in SURE_CHECKS:
        return SURE_CHECKS[name]
    if name not in LIKELY_CHECKS:
        return -1
    function = call[1]
    if function[0] == "a":
        if _OWNER.search(last_name(function[1])):
            return LIKELY_CHECKS[name]
        owner = program.resolve(scope, function[1])
        library = (owner.type or owner.external).partition(".")[0]
        return LIKELY_CHECKS[name] if library in LIBRARIES else -1
    return LIKELY_CHECKS[name] if program.resolve(scope, function).external.partition(".")[0] in LIBRARIES else -1


def keys_in(program: ProgramView, scope: SymbolId, facts: Symbol, declared: Sequence[str] = ()) -> Iterator[str]:
    """Yield the keys that a function asks for, in its statements, conditions and decorators."""
    expressions = (
        [each.value for each in facts.body] + [each.test for each in facts.conditions] + list(facts.decorators)
    )
    for expression in expressions:
        for each in walk(expression):
            key = flag_key(program, scope, each, declared) if each[0] in {"c", "a", "i"} else ""
            if key:
                yield key


def flag_conditions(
    program: ProgramView, graph: ReferenceGraph, symbol: SymbolId, declared: Sequence[str] = ()
) -> tuple[FlagCondition, ...]:
    """Return the flags that stand before every mention of a symbol outside of tests; empty when one mention is free of flags.

    One answer for each mention, in the order of the edges; only conditions in the function that holds the mention count,
    and flag decorators on the symbol itself.
    """
    facts = program.symbol(symbol)
    own = _decorating(program, symbol, facts, declared) if facts else None
    if own is not None:
        return (own,)
    found = []
    for edge in graph.referrers(symbol):
        if is_test_path(path_of(edge.source.symbol)) or edge.source.symbol == symbol or _is_import(edge):
            continue
        condition = _before(program, edge, declared)
        if condition is None:
            return ()
        found.append(condition)
    return tuple(dict.fromkeys(found))


def _is_import(edge: Edge) -> bool:
    return edge.source.symbol.endswith(":") and "import" in edge.reason


def _decorating(program: ProgramView, symbol: SymbolId, facts: Symbol, declared: Sequence[str]) -> FlagCondition | None:
    scope = f"{path_of(symbol)}:{outer_qualname(qualname_of(symbol))}"
    for each in facts.decorators:
        key = flag_key(program, scope, each, declared) if each[0] == "c" else ""
        if key:
            return FlagCondition(key=key, on=True, path=path_of(symbol), line=facts.first_line)
    return None


def _before(program: ProgramView, edge: Edge, declared: Sequence[str]) -> FlagCondition | None:
    """Return the flag under which the statement of an edge stands, by an `if` around it or a return before it."""
    scope = edge.source.symbol
    facts = program.symbol(scope)
    if facts is None:
        return None
    standing = [each for each in facts.body if each.line <= edge.line]
    statement = max(standing, key=lambda each: each.line, default=None)
    under = statement.under if statement else -1
    while under >= 0:
        condition = facts.conditions[under]
        found = _tested(program, scope, condition.test, edge.line, declared, negated=condition.negated)
        if found is not None:
            return found
        under = condition.outer
    for each in standing:
        leaves = each.kind == "return" or each.how == "raise"
        if leaves and each.under >= 0 and each.line < edge.line and facts.conditions[each.under].outer < 0:
            condition = facts.conditions[each.under]
            if each.under != (statement.under if statement else -1):
                found = _tested(program, scope, condition.test, edge.line, declared, negated=not condition.negated)
                if found is not None:
                    return found
    return None


def _tested(
    program: ProgramView, scope: SymbolId, test: Expr, line: int, declared: Sequence[str], *, negated: bool
) -> FlagCondition | None:
    """Return the flag of a test; a test of several parts binds only where all of them must hold."""
    inner, where = _followed(program, scope, test)
    turned = negated
    if inner[0] == "b" and len(inner[1]) == 1:  # one operand is `not x`
        turned = not turned
        inner, where = _followed(program, where, inner[1][0])
    if inner[0] == "b":
        # only in the first branch must all parts hold, and `a or b` looks the same: the side stays open
        parts = [] if negated else [_followed(program, where, each) for each in inner[1]]
        keys = [key for part, there in parts if (key := flag_key(program, there, part, declared))]
        return FlagCondition(key=keys[0], on=None, path=path_of(scope), line=line) if keys else None
    key = flag_key(program, where, inner, declared)
    if not key:
        return None
    off = inner[0] == "c" and last_name(inner) in DISABLED_CHECKS
    return FlagCondition(key=key, on=turned == off, path=path_of(scope), line=line)


def _followed(program: ProgramView, scope: SymbolId, expr: Expr) -> tuple[Expr, SymbolId]:
    """Return what a local variable was set to: `enabled = flags.is_enabled("x")`."""
    facts = program.symbol(scope)
    if expr[0] == "n" and facts is not None:
        values = [each.value for each in facts.body if each.kind == "set" and each.target == expr and each.value]
        if len(values) == 1:
            return values[0], scope
    return expr, scope
