"""Which decorators, dependencies and classes stand in the way of a caller, and which only look like it."""

import re
from collections.abc import Iterable, Sequence

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
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import Guard, SymbolId

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
        self._denying: dict[SymbolId, bool] = {}

    def guard(self, scope: SymbolId, expr: Expr, source: str, line: int, name: str = "") -> Guard:
        """Return a guard for an expression that stands in the place of one."""
        symbol = self.checker(scope, expr)
        said = name or shown(expr)
        return Guard(
            name=said,
            source=source,
            symbol=symbol,
            path=path_of(scope),
            line=line_of(expr, line),
            weak=is_weak(said) or short_name(symbol) in WEAK_NAMES,
        )

    def checker(self, scope: SymbolId, expr: Expr) -> str:
        """Return what checks: the SymbolId or dotted name of the function or class that an expression calls or names."""
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
            self.guard(scope, each, source, symbol.first_line)
            for position, each in enumerate(symbol.decorators if symbol else ())
            if symbol and position > below and position not in left_out and self.is_guard(scope, each)
        )

    def scope_around(self, symbol_id: SymbolId) -> SymbolId:
        """Return the scope in which the decorators of a symbol are evaluated."""
        path, qualname = path_of(symbol_id), qualname_of(symbol_id)
        outer = qualname.rpartition(".")[0].removesuffix("<locals>").rstrip(".")
        return f"{path}:{outer}"

    def of_list(self, scope: SymbolId, expr: Expr | None, source: str, line: int) -> tuple[tuple[Guard, ...], bool]:
        """Return the guards of a list in which everything is one, and whether the whole list could be read."""
        items, known = self.objects.items(scope, expr)
        return tuple(self.guard(there, each, source, line) for there, each in items), known


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


def merged(*groups: Sequence[Guard]) -> tuple[Guard, ...]:
    """Return guards in order without exact repeats."""
    return tuple(dict.fromkeys(each for group in groups for each in group))
