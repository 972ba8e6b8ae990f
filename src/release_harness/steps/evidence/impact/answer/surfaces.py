"""Sensitive surfaces that an affected entry point carries although the diff does not touch them (§3.10 of the design)."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.model.impact import AffectedEntry, Hop, Label, ReachedSurface

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


def reached_surfaces(
    affected: Iterable[AffectedEntry],
    surfaces: Sequence[tuple[str, Callable[[str], bool]]],
    touched: frozenset[str],
) -> tuple[ReachedSurface, ...]:
    """Return, for each affected entry point, the surfaces that its way, tables and hosts belong to, once for each."""
    found = []
    asked = dict(surfaces)
    for each in affected:
        if each.label is Label.POSSIBLE:
            continue
        for name, matches in asked.items():
            if name in touched:
                continue
            way = _by_path(each, matches) or _by_pack(each, name)
            if way:
                found.append(ReachedSurface(surface=name, entry=each.entry, way=way))
    return tuple(found)


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
