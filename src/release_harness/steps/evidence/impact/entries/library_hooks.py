"""Whether a library calls a function by itself, so that nothing in the repository needs to mention it."""

import builtins
import re
from collections.abc import Iterator

from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.hook_lists import (
    CALLED_DECORATORS,
    CLOSED_BASES,
    CLOSED_PATTERNS,
    CLOSED_ROOTS,
    METHOD_HOOKS,
    MODULE_HOOKS,
    OPTION_CLASSES,
    REGISTERING_METHODS,
    TRANSPARENT,
    TRANSPARENT_NAMES,
)
from release_harness.steps.evidence.impact.entries.reading import (
    index_of,
    is_test_path,
    last_name,
    outer_qualname,
    path_of,
    qualname_of,
)
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

STORES = frozenset(
    {"append", "add", "register", "setdefault", "update", "insert", "subscribe", "connect", "extend", "setattr"}
)
SPECIAL = re.compile(r"__\w+__")
BASES_LIMIT = 40


def called_by_library(program: ProgramView, symbol: SymbolId) -> str:
    """Return why a library or the interpreter calls a function or reads a class by itself; empty when nothing says so."""
    facts = program.symbol(symbol)
    if facts is None or facts.kind == "module":
        return ""
    path, qualname = path_of(symbol), qualname_of(symbol)
    name = qualname.rpartition(".")[2]
    if SPECIAL.fullmatch(name):
        return "a special method that the interpreter calls"
    if is_test_path(path):
        return "test code"
    return (
        _by_decorators(program, symbol, facts)
        or _by_place(path, qualname, name, facts)
        or _by_migration(program, symbol, name)
        or _by_class(program, symbol, name, facts)
        or _by_computed_name(program, symbol, name)
    )


def _by_place(path: str, qualname: str, name: str, facts: Symbol) -> str:
    if facts.kind == "class":
        return "options that a library reads" if "." in qualname and name in OPTION_CLASSES else ""
    table = MODULE_HOOKS if "." not in qualname else METHOD_HOOKS
    for where, names, why in table:
        if re.fullmatch(names, name) and re.search(where, path):
            return why
    return ""


def _by_migration(program: ProgramView, symbol: SymbolId, name: str) -> str:
    """Recognise `upgrade` and `downgrade` beside a `revision`, and classes of Django's migrations."""
    path = path_of(symbol)
    view = program.view(path)
    if view is None or qualname_of(symbol) != name:
        return ""
    told = any(each.kind == "set" and each.target == ["n", "revision"] for each in view.facts.module.body)
    if told and (name in {"upgrade", "downgrade"} or name.startswith(("upgrade_", "downgrade_", "schema_", "data_"))):
        return "a migration that Alembic runs"
    return "a migration that Django runs" if name == "Migration" and "/migrations/" in f"/{path}" else ""


def _by_decorators(program: ProgramView, symbol: SymbolId, facts: Symbol) -> str:
    scope = f"{path_of(symbol)}:{outer_qualname(qualname_of(symbol))}"
    for each in facts.decorators:
        function = each[1] if each[0] == "c" else each
        why = _by_decorator(program, scope, function)
        if why:
            return why
    return ""


def _by_decorator(program: ProgramView, scope: SymbolId, function: Expr) -> str:
    name = last_name(function)
    value = program.resolve(scope, function)
    owner = program.resolve(scope, function[1]) if function[0] == "a" else value
    external = value.external or (f"{owner.type or owner.external}.{name}" if owner.type or owner.external else "")
    if external in CALLED_DECORATORS:
        return CALLED_DECORATORS[external]
    if function[0] == "a" and name in REGISTERING_METHODS:
        return f"handed on by the decorator {name}"
    if external and ":" not in external:
        library = external.partition(".")[0]
        if (
            library in TRANSPARENT
            or external in TRANSPARENT_NAMES
            or name in {"property", "staticmethod", "classmethod", "wraps"}
        ):
            return ""
        return f"registered by the decorator {external}"
    stored = value.symbol or owner.symbol
    if value.symbol and registers(program, value.symbol):
        return f"registered by the decorator {name}"
    return f"handed on by the decorator {name}" if not stored and function[0] == "a" and not value.known else ""


def registers(program: ProgramView, decorator: SymbolId) -> bool:
    """Tell whether a decorator of the repository keeps the function it gets: puts it into a table or hands it to a registrar."""
    facts = program.symbol(decorator)
    if facts is None:
        return False
    if facts.kind == "class":
        found = program.method(decorator, "__call__") or program.method(decorator, "__init__")
        return found is not None and registers(program, found[0])
    path, qualname = path_of(decorator), qualname_of(decorator)
    view = program.view(path)
    inner = [each for each in view.facts.symbols if each.qualname.startswith(f"{qualname}.<locals>.")] if view else []
    for scope in (facts, *inner):
        names = {each.name for each in scope.parameters if each.name not in {"self", "cls"}}
        if _keeps(scope, names):
            return True
    return False


def _keeps(scope: Symbol, names: set[str]) -> bool:
    for statement in scope.body:
        target, value = statement.target, statement.value
        named = bool(value) and value is not None and value[0] == "n" and value[1] in names
        if statement.kind == "set" and named and target and _is_outside(target, names):
            return True
        for each in walk(statement.value):
            if each[0] == "c" and last_name(each) in STORES:
                given = [*each[2], *each[3].values()]
                if any(argument[0] == "n" and argument[1] in names for argument in given):
                    return True
    return False


def _is_outside(target: Expr, names: set[str]) -> bool:
    """Tell whether something is set on a thing other than the function itself: `TABLE[key] = function`."""
    if target[0] == "i":
        return True
    return target[0] == "a" and not (target[1][0] == "n" and target[1][1] in names)


def _by_class(program: ProgramView, symbol: SymbolId, name: str, facts: Symbol) -> str:
    path, qualname = path_of(symbol), qualname_of(symbol)
    if facts.kind == "class":
        return _class_itself(program, symbol)
    owner = f"{path}:{outer_qualname(qualname)}"
    view = program.class_of(owner) if "." in qualname and "<locals>" not in qualname.rpartition(".")[0][-8:] else None
    if view is None:
        return ""
    for base in external_bases(program, owner):
        if base == "?":
            return "may override a method of a base class that reading does not tell"
        if base.startswith(CLOSED_ROOTS):
            continue
        hooks = CLOSED_BASES.get(base)
        if hooks is None:
            return f"may override a method of {base}"
        pattern = next((CLOSED_PATTERNS[each] for each in CLOSED_PATTERNS if base.startswith(each)), "")
        if name in hooks or (pattern and re.fullmatch(pattern, name)):
            return f"a hook of {base}"
        if base.endswith(".Protocol"):
            return "only for type checkers"
    return ""


def _class_itself(program: ProgramView, symbol: SymbolId) -> str:
    """Return why a class needs no mention: a base of it collects its subclasses."""
    view = program.class_of(symbol)
    for base in view.bases if view else ():
        if ":" in base:
            owner = program.class_of(base)
            if owner is not None and "__init_subclass__" in owner.methods:
                return f"collected by {base.rpartition(':')[2]}"
            facts = program.symbol(base)
            if facts is not None and "metaclass" in facts.keywords:
                return f"collected by the metaclass of {base.rpartition(':')[2]}"
    for base in external_bases(program, symbol):
        if base != "?" and base not in CLOSED_BASES and not base.startswith(CLOSED_ROOTS):
            return f"found by {base.partition('.')[0]} as a subclass of {base}"
        if base.startswith(("django.", "celery.Task", "sqlmodel.", "peewee.", "sqlalchemy.")):
            return f"found by {base.partition('.')[0]} as a subclass of {base}"
    return ""


def external_bases(program: ProgramView, owner: SymbolId) -> Iterator[str]:
    """Yield the bases of a class that are no classes of the repository, `?` for one that reading does not tell."""
    waiting = [owner]
    seen: set[SymbolId] = set()
    while waiting and len(seen) < BASES_LIMIT:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        facts = program.symbol(current)
        scope = f"{path_of(current)}:{outer_qualname(qualname_of(current))}"
        for expr in facts.bases if facts else ():
            while expr[0] == "i":
                expr = expr[1]  # noqa: PLW2901 - `Generic[T]` is `Generic`
            value = program.resolve(scope, expr)
            if value.symbol and program.class_of(value.symbol) is not None:
                waiting.append(value.symbol)
            else:
                yield _known_base(value.external, expr)


def _known_base(external: str, expr: Expr) -> str:
    if external:
        return external
    name = expr[1] if expr[0] == "n" else ""
    return f"builtins.{name}" if isinstance(name, str) and name in _BUILTIN_NAMES else "?"


_BUILTIN_NAMES = frozenset(dir(builtins))


def _by_computed_name(program: ProgramView, symbol: SymbolId, name: str) -> str:
    """Recognise methods behind `getattr(self, f"visit_{…}")` in the class or its bases, and functions behind it in their own file."""
    path, qualname = path_of(symbol), qualname_of(symbol)
    owner = program.class_of(f"{path}:{outer_qualname(qualname)}") if "." in qualname else None
    paths = {path, *(path_of(each) for each in (owner.bases if owner else ()) if ":" in each)}
    for each in sorted(paths):
        view = program.view(each)
        calls = index_of(view.facts).calls if view else {}
        for function in ("getattr", "attrgetter", "methodcaller", "globals"):
            for site in calls.get(function, ()):
                if any(_fits(argument, name) for argument in site.call[2][-2:]):
                    return "called by a computed name"
    return ""


def _fits(expr: Expr, name: str) -> bool:
    if expr[0] != "f" or not expr[1]:
        return False
    first, last = expr[1][0], expr[1][-1]
    prefix = first[1] if first[0] == "s" else ""
    suffix = last[1] if last[0] == "s" and last is not first else ""
    return (
        bool(prefix or suffix)
        and name.startswith(prefix)
        and name.endswith(suffix)
        and len(name) > len(prefix) + len(suffix)
    )
