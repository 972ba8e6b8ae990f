"""What is known of routers of any framework: who is mounted where, with what before it."""

from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import Item, alternatives
from release_harness.steps.evidence.impact.expressions import branches, items_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId


class Before(NamedTuple):
    """One thing that stands before a handler, as it is written."""

    scope: SymbolId
    expr: Expr
    line: int
    source: str
    """`middleware`, `router`, or `wraps the router`."""
    when: str = ""
    """The condition under which alone it stands there; empty when it always does."""


WRAPS = "wraps the router"
"""Source of what is put around a router when it is done: it stands before every route, wherever that is added."""


ROUTE_WRAPS = "wraps the route"
"""Source of what is put around the handler of one route."""


class Ref(NamedTuple):
    """A router as an expression names it: the router itself, and what a group adds to it."""

    node: str
    prefix: str = ""
    before: tuple[Before, ...] = ()


class Used(NamedTuple):
    """Middleware of a router."""

    ref: Ref
    path: str
    """Prefix of the routes that it stands before; empty for all."""
    before: Before


class Mount(NamedTuple):
    """One place where a router hangs on another."""

    parent: Ref
    prefix: str
    before: tuple[Before, ...]
    scope: SymbolId
    line: int


class Context(NamedTuple):
    """One way from an application down to a router."""

    prefix: str
    before: tuple[Before, ...]
    mounted: bool | None
    why: str


class Dialect(NamedTuple):
    """How one framework says it."""

    roots: frozenset[str]
    """Dotted names whose call makes an application."""
    routers: frozenset[str]
    """Dotted names whose call makes a router that somebody has to mount."""
    groups: frozenset[str]
    """Methods that give a router with more prefix and more middleware."""
    chains: frozenset[str]
    """Methods that give their own router back."""
    roots_by_default: bool = False
    """Whether a router that nothing mounts is served itself, as in Go."""


def split(before: Before) -> list[Before]:
    """Return what stands there in each branch of a conditional: `open ? [] : [check]`; of anything else itself."""
    expr = before.expr[1] if before.expr[0] == "*" else before.expr
    items = [
        Item(before.scope, each, when)
        for arm, when in alternatives(expr)
        for each in (items_of(arm) or ([] if arm[0] == "l" else [arm]))
    ]
    if branches(expr) is None:
        return [before]
    return [
        before._replace(expr=each.expr, when=" and ".join(text for text in (before.when, each.when) if text))
        for each in items
    ]
