"""Sensitive surfaces that an affected entry point carries although the diff does not touch them (§3.10 of the design)."""

from collections.abc import Callable, Mapping, Sequence

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.answer.affected import Affected
from release_harness.steps.evidence.impact.answer.ways import handler_hop
from release_harness.steps.evidence.model.impact import AffectedEntry, EntryPoint, Hop, Label, ReachedSurface

_I = 2  # re.IGNORECASE
_TABLES_SHARE = 3
PACKS: Mapping[str, tuple[LazyPattern, LazyPattern]] = {
    "money": (
        LazyPattern(r"payment|invoice|refund|payout|ledger|charge|transaction|subscription|billing|gift_?card|voucher", _I),
        LazyPattern(r"stripe|paypal|adyen|braintree|squareup|mollie|klarna|razorpay|checkout\.com", _I),
    ),
    "auth": (
        LazyPattern(r"password|credential|recovery_?code|totp|webauthn|macaroon", _I),
        LazyPattern(r"auth0|okta|accounts\.google|login\.microsoft|oauth|cognito", _I),
    ),
}  # fmt: skip
"""By the name of a surface: tables and outbound hosts that belong to it; they count when the policy has such a surface.

Tables of users, sessions and permissions are left out: every guarded entry point reads them.
"""


ATTRIBUTES_COUNT = 30
"""Of so many affected entry points flags, tables and hosts are read; nobody reads more of them in one sitting."""
Surfaces = Sequence[tuple[str, Callable[[str], bool]]]


def reached_surfaces(found: Affected, surfaces: Surfaces, touched: frozenset[str]) -> tuple[ReachedSurface, ...]:
    """Return, for each affected entry point, the surfaces that its way, tables and hosts belong to, once for each.

    Of the many entry points that a change is told of once, one is named for each surface.
    """
    reached = []
    asked = {name: matches for name, matches in dict(surfaces).items() if name not in touched}
    for each in found.entries:
        if each.label is Label.POSSIBLE:
            continue
        for name, matches in asked.items():
            way = _by_path(each, matches) or _by_pack(each, name)
            if way:
                reached.append(ReachedSurface(surface=name, entry=each.entry, way=way))
    named = {each.surface for each in reached}
    for name, matches in asked.items():
        behind = [] if name in named else (each for each in found.told if _carries(each, matches))
        first = min(behind, key=lambda each: each.key, default=None)
        if first is not None:
            reached.append(ReachedSurface(surface=name, entry=first, way=(handler_hop(first),)))
    return tuple(reached)


def unread_surfaces(
    found: Affected, reached: Sequence[ReachedSurface], surfaces: Surfaces, touched: frozenset[str]
) -> tuple[str, ...]:
    """Say which surfaces may be reached through tables and hosts that were not read; empty when none may be."""
    sure_count = sum(each.label is not Label.POSSIBLE for each in found.entries)
    unread_count = max(0, sure_count - ATTRIBUTES_COUNT) + len(found.told)
    known = {each.surface for each in reached} | touched
    names = sorted({name for name, _ in surfaces if name in PACKS and name not in known})
    if not unread_count or not names:
        return ()
    return (
        f"tables and hosts of {unread_count} affected entry points were not read: they may carry {', '.join(names)}",
    )


def _carries(entry: EntryPoint, matches: Callable[[str], bool]) -> bool:
    return any(path and matches(path) for path in {entry.path, entry.handler.rpartition(":")[0]})


def _by_path(each: AffectedEntry, matches: Callable[[str], bool]) -> tuple[Hop, ...]:
    for index, hop in enumerate(each.way):
        if any(path and matches(path) for path in {hop.path, hop.symbol.rpartition(":")[0]}):
            return each.way[: index + 1]
    return each.way[:1] if matches(each.entry.path) else ()


def _by_pack(each: AffectedEntry, name: str) -> tuple[Hop, ...]:
    pack = PACKS.get(name)
    if pack is None:
        return ()
    tables, hosts = pack
    of_pack_count = sum(tables.search(table) is not None for table in each.entry.tables)
    # Whoever loads a user may load half of the tables; only where they are the point of an entry point they say something.
    named = of_pack_count * _TABLES_SHARE >= max(1, len(each.entry.tables))
    named = named or any(hosts.search(host) for host in each.entry.hosts)
    return each.way[:1] if named else ()
