"""Which decorators, dependencies and classes stand in the way of a caller, and which only look like it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.conditions import (
    Conditions,
    Item,
    alternatives,
    condition_text,
    test_text,
)
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    last_name,
    line_of,
    path_of,
    qualname_of,
    short_name,
    shown,
)
from release_harness.steps.evidence.impact.expressions import branches, operator_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

GUARD_WORDS = re.compile(
    r"auth|login|logged|permi|require|protect|has_access|access_|admin|superuser|staff|token|verif|csrf|role|jwt"
    r"|api_?key|current_user|credential|secur|allowed|forbid|restrict|throttl|rate_?limit|limiter|signature|sudo"
    r"|owner|privileg|user_passes|guard|policy|ip_filter|whitelist|allowlist|captcha|is_member|check_(scope|perm)",
    re.IGNORECASE,
)
NO_GUARDS = frozenset({
    "require_http_methods", "require_GET", "require_POST", "require_safe", "permission_name", "class_permission_name",
    "method_permission_name", "requires_csrf_token", "ensure_csrf_cookie", "sensitive_post_parameters",
    "no_auth_required", "swag_from", "extend_schema", "extend_schema_view", "token_auth_docs",
})  # fmt: skip
WEAK_NAMES = frozenset({
    "AllowAny", "allow_any", "allowany", "csrf_exempt", "login_exempt", "login_not_required", "no_auth", "anonymous",
    "allow_anonymous", "AllowAnonymous", "permit_all", "PermitAll", "public", "NO_PERMISSION_REQUIRED",
})  # fmt: skip
DENIALS = frozenset({
    "Forbidden", "Unauthorized", "PermissionDenied", "NotAuthenticated", "AuthenticationFailed", "HTTPForbidden",
    "HTTPUnauthorized", "NotAuthorizedException", "PermissionDeniedException", "PermissionError", "NotPermitted",
    "UnauthorizedError", "ForbiddenError", "HttpResponseForbidden", "redirect_to_login", "handle_no_permission",
    "AccessDenied",
})  # fmt: skip
DENIAL_STATUS = re.compile(r"^HTTP_40[13]|^(FORBIDDEN|UNAUTHORIZED)$")
GUARDING_DECORATORS = re.compile(
    r"_(required|protect|protected|only)$|^(requires?|protect|restrict|ensure|check)(_|[A-Z])|^(requires?|protected)$"
    r"|^(login|permission|token|jwt|auth|admin|role)\w*(_required|Required)|user_passes_test|has_(access|permission|role)"
)
"""Decorators that others are handed: a name alone must say that it keeps callers out."""
_NEVER_APPLIES = frozenset({"wraps", "update_wrapper", "register", "patch", "parametrize", "singledispatch"})
_ALWAYS_APPLIES = frozenset(
    {"method_decorator", "sync_to_async", "async_to_sync", "compose", "chain", "decorator_from_middleware"}
)
_MAY_APPLY = re.compile(
    r"(^|_)(if|when|unless|cond|condition|conditional|conditionally|optional|optionally|maybe)(_|$)", re.IGNORECASE
)
SECURITY_LIBRARIES = (
    "fastapi.security",
    "fastapi.openapi.models",
    "flask_login",
    "flask_jwt_extended",
    "flask_httpauth",
)
DEPTH_LIMIT = 3


class GuardReader:
    """Decides what is a guard, by its name or by what its code refuses."""

    def __init__(self, objects: Objects) -> None:
        """Take the objects of the program."""
        self.objects = objects
        self.program = objects.program
        self.conditions = Conditions(objects)
        self._denying: dict[SymbolId, bool] = {}

    def guard(self, scope: SymbolId, expr: Expr, source: str, line: int, name: str = "", when: str = "") -> Guard:
        """Return a guard for an expression that stands in the place of one; `when` is the condition it stands under."""
        symbol = self.checker(scope, expr)
        said = name or shown(expr)
        return Guard(
            name=said,
            source=source,
            symbol=symbol,
            path=path_of(scope),
            line=line_of(expr, line),
            weak=any(is_weak(each) or short_name(each) in WEAK_NAMES for each in (said, *symbol.split("|"))),
            when=when,
        )

    def guards(self, scope: SymbolId, expr: Expr | None, source: str, line: int, when: str = "") -> Iterator[Guard]:
        """Yield the guards of an expression that may be a conditional, each under its condition; what is none is left out."""
        for each, own in alternatives(expr):
            under = " and ".join(text for text in (when, own) if text)
            if self.is_guard(scope, each):
                yield self.guard(scope, each, source, line, when=under)
            else:
                yield from self._handed_over(scope, each, source, line, under)

    def _handed_over(self, scope: SymbolId, expr: Expr, source: str, line: int, when: str) -> Iterator[Guard]:
        """Yield guards that are handed to another decorator, which may or may not apply them: `conditional(login_required)`."""
        name = last_name(expr)
        if expr[0] != "c" or name in _NEVER_APPLIES:
            return
        for given in (*expr[2], *expr[3].values()):
            for each, own in alternatives(given):
                if each[0] not in {"n", "a", "c"} or not self._is_guarding_decorator(scope, each):
                    continue
                maybe, read = self._applies(scope, expr)
                under = " and ".join(text for text in (when, own, maybe) if text)
                name = shown(expr) if maybe or not read else shown(each)
                found = self.guard(scope, each, source, line_of(expr, line), name, under)
                yield found if read else replace(found, read=False)

    def _is_guarding_decorator(self, scope: SymbolId, expr: Expr) -> bool:
        return GUARDING_DECORATORS.search(last_name(expr)) is not None and self.is_guard(scope, expr)

    def _applies(self, scope: SymbolId, wrapper: Expr) -> tuple[str, bool]:
        """Return the condition under which a decorator applies the one that it is handed, and whether that could be read."""
        name = last_name(wrapper)
        if name in _ALWAYS_APPLIES:
            return "", True
        called = self.program.resolve(scope, wrapper[1])
        for inside, symbol in self._code_of(called.symbol) if called.symbol else ():
            for at, _ in enumerate(symbol.conditions):
                return condition_text(self.program, inside, at), True
            for statement in symbol.body:
                for each in walk(statement.value):
                    chosen = branches(each)
                    if chosen is not None:
                        return test_text(chosen[0]), True
        if _MAY_APPLY.search(name):
            return f"{name} applies it", True
        return "", bool(called.symbol)

    def checker(self, scope: SymbolId, expr: Expr) -> str:
        """Return what checks: the SymbolId or dotted name of the function or class that an expression calls or names."""
        operator = operator_of(expr)
        if operator:
            checkers = (self.checker(scope, each) or shown(each) for each in expr[1])
            return operator.join(sorted(checkers)) if operator != "~" else f"~{next(checkers)}"
        named = expr[1] if expr[0] == "c" else expr
        found = self.program.resolve(scope, named)
        return found.symbol or found.external or found.type

    def is_guard(self, scope: SymbolId, expr: Expr) -> bool:
        """Tell whether a decorator or dependency keeps callers out, by its name or by what its code refuses."""
        name = last_name(expr)
        if name in NO_GUARDS:
            return False
        if GUARD_WORDS.search(name) or name in WEAK_NAMES:
            return True
        if name in {"limit", "shared_limit", "exempt"} and GUARD_WORDS.search(last_name(base_of(expr))):
            return True
        symbol = self.checker(scope, expr)
        if symbol.startswith(SECURITY_LIBRARIES):
            return True
        return ":" in symbol and self.denies(symbol)

    def denies(self, symbol: SymbolId, depth: int = 0) -> bool:
        """Tell whether a function or class of the repository refuses somebody (401, 403, permission errors), also by what it calls."""
        if symbol in self._denying or depth > DEPTH_LIMIT:
            return self._denying.get(symbol, False)
        self._denying[symbol] = False
        found = any(self._refuses(each, scope, depth) for scope, each in self._code_of(symbol))
        self._denying[symbol] = found
        return found

    def _code_of(self, symbol: SymbolId) -> list[tuple[SymbolId, Symbol]]:
        path, qualname = path_of(symbol), qualname_of(symbol)
        view = self.program.view(path) if qualname else None
        if view is None:
            return []
        inside = (f"{qualname}.<locals>.", f"{qualname}.")
        return [
            (f"{path}:{each.qualname}", each)
            for each in view.facts.symbols
            if each.qualname == qualname or each.qualname.startswith(inside)
        ]

    def _refuses(self, symbol: Symbol, scope: SymbolId, depth: int) -> bool:
        for statement in symbol.body:
            for expr in walk(statement.value):
                if expr[0] == "c" and _is_refusal(expr, raised=statement.how == "raise"):
                    return True
                if expr[0] in {"n", "a"} and statement.how == "raise" and last_name(expr) in DENIALS:
                    return True
        return any(
            self._depends_on_denial(scope, each.default, depth)
            or self._depends_on_denial(scope, each.annotation, depth)
            for each in symbol.parameters
        )

    def _depends_on_denial(self, scope: SymbolId, expr: Expr | None, depth: int) -> bool:
        for each in walk(expr):
            if each[0] != "c" or last_name(each) not in {"Depends", "Security"}:
                continue
            for given in each[2][:1]:
                checker = self.checker(scope, given)
                made = self.program.resolve(scope, given).type
                if made.startswith(SECURITY_LIBRARIES) or checker.startswith(SECURITY_LIBRARIES):
                    return True
                if ":" in checker and self.denies(checker, depth + 1):
                    return True
        return False

    def of_decorators(
        self, symbol_id: SymbolId, skip: Iterable[int] = (), *, below: int = -1, source: str = "decorator"
    ) -> tuple[Guard, ...]:
        """Return the guards among the decorators of a function or class, from outside to inside; only those below a position if given."""
        symbol = self.program.symbol(symbol_id)
        scope = self.scope_around(symbol_id)
        left_out = set(skip)
        return tuple(
            guard
            for position, each in enumerate(symbol.decorators if symbol else ())
            if symbol and position > below and position not in left_out
            for guard in self.guards(scope, each, source, symbol.first_line)
        )

    def scope_around(self, symbol_id: SymbolId) -> SymbolId:
        """Return the scope in which the decorators of a symbol are evaluated."""
        path, qualname = path_of(symbol_id), qualname_of(symbol_id)
        outer = qualname.rpartition(".")[0].removesuffix("<locals>").rstrip(".")
        return f"{path}:{outer}"

    def of_list(self, scope: SymbolId, expr: Expr | None, source: str, line: int) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a list in which everything is one, and whether the whole list could be read."""
        return self.of_items(self.conditions.items(scope, expr), source, line)

    def of_attribute(self, owner: SymbolId, name: str, source: str) -> tuple[tuple[Guard, ...], bool] | None:
        """Return the guards that a class attribute lists, also where several statements set it; None when none does."""
        said = self.program.attribute(owner, name)
        if said is None:
            return None
        symbol = self.program.symbol(said[1])
        line = symbol.line if symbol else 0
        items = self.conditions.set_in_several(self.objects.definitions(f"{said[1]}.{name}"))
        if items is None:
            return self.of_list(said[1], said[0], source, line)
        return self.of_items(items, source, line)

    def of_items(self, items: Sequence[Item], source: str, line: int) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of items that all are guards, and whether all of them could be read."""
        known = all(each.read for each in items)
        return tuple(guard for each in items for guard in self.of_item(each, source, line)), known

    def guards_of_item(self, item: Item, source: str, line: int) -> Iterator[Guard]:
        """Yield the guards of an item of a list in which not everything is one; what could not be read may be one."""
        if item.read:
            yield from self.guards(item.scope, item.expr, source, line, item.when)
        else:
            yield from self.of_item(item, source, line)

    def of_item(self, item: Item, source: str, line: int) -> Iterator[Guard]:
        """Yield the guards of an item of a list in which everything is one; operands of `&` are several."""
        for expr, own in alternatives(item.expr):
            when = " and ".join(text for text in (item.when, own) if text)
            for each in expr[1] if operator_of(expr) == "&" else (expr,):
                yield replace(self.guard(item.scope, each, source, line, when=when), read=item.read)


def is_weak(name: str) -> bool:
    """Tell whether a guard lets everybody in."""
    bare = name.partition("(")[0].rpartition(".")[2]
    return bare in WEAK_NAMES or bare == "exempt"


def _is_refusal(call: Expr, *, raised: bool) -> bool:
    name = last_name(call)
    if name in DENIALS:
        return True
    if not raised and name not in {
        "abort",
        "HTTPException",
        "Response",
        "JSONResponse",
        "unauthorized",
        "HttpResponse",
    }:
        return False
    return any(_is_denial_status(each) for given in [*call[2], *call[3].values()] for each in walk(given))


def _is_denial_status(expr: Expr) -> bool:
    if expr[0] == "k":
        return expr[1] in {401, 403} and not isinstance(expr[1], bool)
    return expr[0] in {"a", "n"} and bool(DENIAL_STATUS.search(last_name(expr)))


def registered_again(entries: Sequence[EntryPoint]) -> EntryPoint:
    """Return one entry point for several registrations of it; a guard that one of them lacks stands under a condition."""
    first = entries[0]
    if len(entries) == 1:
        return first
    held = [{_name(guard) for guard in each.guards} for each in entries]
    everywhere = set.intersection(*held)
    guards: dict[tuple[str, str], Guard] = {}
    for each in entries:
        for guard in each.guards:
            where = "" if _name(guard) in everywhere else f"registered at {each.path}:{each.line}"
            guards.setdefault((_name(guard), where), replace(guard, when=guard.when or where))
    known = all(each.guards_known for each in entries)
    return replace(first, guards=tuple(guards.values()), guards_known=known)


def _name(guard: Guard) -> str:
    return guard.symbol or guard.name


def merged(*groups: Sequence[Guard]) -> tuple[Guard, ...]:
    """Return guards in order without exact repeats."""
    return tuple(dict.fromkeys(each for group in groups for each in group))
