"""Turns path lists and conditions of a file into the policy's own, and blames what could never be answered."""

import re
from collections.abc import Iterable
from typing import Any

from release_harness.adapters.policy_file.names import Names
from release_harness.adapters.policy_file.shape_reader import Faults, describe, items
from release_harness.adapters.policy_file.shapes import ConditionShape, FilesShape
from release_harness.adapters.policy_file.yaml_tree import Trail
from release_harness.kernel.facts import FactValue
from release_harness.kernel.paths import show_text
from release_harness.policy.globs import glob_fault
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    AuthorTest,
    Condition,
    FactTest,
    FilesTest,
    Glob,
    Not,
    Operator,
    PathRule,
    PathSet,
    Quantifier,
    Regex,
    SurfaceTest,
)
from release_harness.policy.regexes import regex_fault

_ORDERED = ("gt", "ge", "lt", "le")
_OPERATORS = ("eq", "ne", *_ORDERED, "in", "contains", "matches", "known")
_KINDS = ("fact", "files", "surface", "author", "all", "any", "not")
_BY_TYPE = {
    "bool": ("eq", "ne", "known"),
    "int": ("eq", "ne", *_ORDERED, "known"),
    "float": ("eq", "ne", *_ORDERED, "known"),
    "str": ("eq", "ne", "in", "matches", "known"),
    "strings": ("contains", "known"),
}
_TYPE_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "strings": "a list of words",
}
_LOOKS_LIKE_REGEX = re.compile(r"^\.\*|/\.\*/|\.\+|\([^)]*\|")
"""What `glob_fault` lets through because it is a glob as well, though hardly ever one that somebody meant."""


def read_paths(paths: Iterable[str], trail: Trail, faults: Faults) -> PathSet:
    """Turn a list of globs into a path set; `!glob` takes out what earlier lines put in."""
    rules = []
    for place, written in items(paths, trail):
        negated = written.startswith("!")
        text = written[1:] if negated else written
        problem = glob_fault(text)
        if problem or _LOOKS_LIKE_REGEX.search(text):
            says = problem or f"The path pattern {show_text(text)!r} looks like a regular expression."
            faults.add(
                place, says, expected="a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`"
            )
            continue
        rules.append(PathRule(glob=Glob(text=text), negated=negated))
    if rules and rules[0].negated and not faults.within(trail):
        faults.add((*trail, 0), "The first line takes out of an empty set.", expected="a line without `!` before it")
    return PathSet(rules=tuple(rules))


def read_condition(shape: ConditionShape | None, trail: Trail, names: Names, faults: Faults) -> Condition | None:
    """Turn one condition; None when something in it was blamed."""
    if shape is None:
        return None
    given = _given(trail, faults)
    kinds = [kind for kind in _KINDS if kind in given]
    if len(kinds) != 1:
        _blame_kinds(kinds, trail, faults)
        return None
    operators = [each for each in _OPERATORS if each in given]
    kind = kinds[0]
    if kind == "fact":
        return _read_fact(shape, operators, trail, names, faults)
    if operators:
        says = f"`{operators[0]}` compares a fact, and there is none here."
        faults.add((*trail, operators[0]), says, expected=f"`{kind}` alone", key=True)
        return None
    return _read_other(shape, kind, trail, names, faults)


def _given(trail: Trail, faults: Faults) -> tuple[str, ...]:
    """Return the keys as they stand in the file, whatever was wrong with their values."""
    value: Any = faults.tree.value
    for step in trail:
        value = value[step]
    return tuple(value) if isinstance(value, dict) else ()


def _blame_kinds(kinds: list[str], trail: Trail, faults: Faults) -> None:
    one_of = ", ".join(f"`{kind}`" for kind in _KINDS)
    if kinds:
        both = " and ".join(f"`{kind}`" for kind in kinds)
        faults.add(
            trail, f"The condition has {both} at once.", expected="one of them; join several with `all` or `any`"
        )
    elif not faults.within(trail):
        faults.add(trail, "The condition asks nothing.", expected=f"one of {one_of}")


def _read_other(shape: ConditionShape, kind: str, trail: Trail, names: Names, faults: Faults) -> Condition | None:
    below = (*trail, kind)
    if kind == "files":
        return _read_files(shape.files, below, faults)
    if kind == "surface":
        known = shape.surface is not None and faults.choose(below, "surface", shape.surface, names.surfaces)
        return SurfaceTest(surface=shape.surface) if known and shape.surface else None
    if kind == "author":
        known = shape.author is not None and faults.choose(
            below, "person, agent, team or role", shape.author, names.authors()
        )
        return AuthorTest(identity=shape.author) if known and shape.author else None
    if kind == "not":
        inner = read_condition(shape.not_, below, names, faults)
        return Not(condition=inner) if inner else None
    listed = (shape.all if kind == "all" else shape.any) or ()
    read = tuple(read_condition(each, place, names, faults) for place, each in items(listed, below))
    parts = tuple(each for each in read if each is not None)
    if not parts or faults.within(below):
        return None
    return AllOf(conditions=parts) if kind == "all" else AnyOf(conditions=parts)


def _read_files(shape: FilesShape | None, trail: Trail, faults: Faults) -> Condition | None:
    if shape is None:
        return None
    given = [each for each in Quantifier if each.value in _given(trail, faults)]
    if len(given) != 1:
        if not faults.within(trail):
            faults.add(
                trail, "It is not said how many of the files must match.", expected="one of `any`, `all`, `none`"
            )
        return None
    paths = getattr(shape, given[0].value)
    if paths is None:
        return None
    return FilesTest(quantifier=given[0], paths=read_paths(paths, (*trail, given[0].value), faults))


def _read_fact(
    shape: ConditionShape, operators: list[str], trail: Trail, names: Names, faults: Faults
) -> Condition | None:
    if len(operators) != 1:
        if not faults.within(trail):
            says = (
                "The fact is compared with nothing."
                if not operators
                else "The fact is compared in several ways at once."
            )
            faults.add(trail, says, expected="exactly one of " + ", ".join(f"`{each}`" for each in _OPERATORS))
        return None
    operator = operators[0]
    if shape.fact is None or not faults.choose((*trail, "fact"), "fact", shape.fact, names.fact_types):
        return None
    kind, place = names.fact_types[shape.fact], (*trail, operator)
    if operator not in _BY_TYPE[kind]:
        says = f"`{operator}` does not fit {shape.fact}, which is {_TYPE_WORDS[kind]}."
        faults.add(place, says, expected=" or ".join(f"`{each}`" for each in _BY_TYPE[kind]), key=True)
        return None
    if faults.within(place):
        return None
    operand = getattr(shape, "in_" if operator == "in" else operator)
    fitting = _fit(operand, operator, kind, place, faults)
    return None if fitting is None else FactTest(fact=shape.fact, operator=Operator(operator), operand=fitting)


def _fit(operand: FactValue, operator: str, kind: str, place: Trail, faults: Faults) -> FactValue | Regex | None:
    """Return the operand in the type of the fact; None when it was blamed."""
    if operator in ("in", "known", "contains"):
        return operand
    if operator == "matches":
        return _read_regex(str(operand), place, faults)
    number = isinstance(operand, int | float) and not isinstance(operand, bool)
    fits = {
        "bool": isinstance(operand, bool),
        "int": number and isinstance(operand, int),
        "float": number,
        "str": isinstance(operand, str),
    }[kind]
    if not fits:
        value = list(operand) if isinstance(operand, tuple) else operand
        faults.add(place, f"Found {describe(value)}.", expected=_TYPE_WORDS[kind])
        return None
    return float(operand) if kind == "float" and isinstance(operand, int) else operand


def _read_regex(text: str, place: Trail, faults: Faults) -> Regex | None:
    problem = regex_fault(text)
    if problem:
        faults.add(place, problem)
        return None
    return Regex(text=text)
