"""Recomputes a log from its rows and names the first entry that is not what was signed. Pure.

What it can tell apart: an entry or payload that was edited, entries that were deleted, inserted, put in another order or cut
off at the end, and a history that was rewritten whole, hashes and all, which only signed checkpoints give away. Where
several entries could be the bad one, the first of them is named: the error is towards too early, never too late.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import chain

from release_harness.kernel.records import record
from release_harness.ledger.entries import EventRow, digest_payload, leaf_of
from release_harness.ledger.merkle import Coordinate, Frontier, hash_node

Rows = Callable[[], Iterable[EventRow]]
"""Gives the rows in the order of `seq`; it is called again only when something is wrong."""


class Damage(Enum):
    """What happened to the log."""

    FORKED = "forked"
    EDITED = "edited"
    PAYLOAD_EDITED = "payload edited"
    PAYLOAD_DELETED = "payload deleted"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    NODE_DAMAGED = "tree node damaged"
    CHECKPOINT_FORGED = "checkpoint forged"
    CHECKPOINT_REMOVED = "checkpoint removed"
    TABLES_DIFFER = "tables differ from the events"


@record
class LogFault:
    """One thing that is wrong, and the entries that it is about."""

    damage: Damage
    says: str
    first: int | None = None
    """The first bad entry; None when the entries are whole and something beside them is wrong."""
    last: int | None = None
    """The last entry that could be the bad one."""


@record
class Claim:
    """Somebody's word that the log of `size` entries had this root."""

    size: int
    root: bytes
    source: str
    """Where the claim was found, in words: `a checkpoint in the database`."""


@record
class Scan:
    """What the rows say of themselves, and how it fits the claims."""

    size: int
    """Rows that were found sound before the first fault, or all of them."""
    root: bytes
    """Tree head over those rows."""
    confirmed_size: int
    """Size of the largest claim that was met."""
    faults: tuple[LogFault, ...]


class _Scanner:
    """One pass over the rows; stops at the first bad one."""

    def __init__(self, rows: Rows, nodes: Mapping[Coordinate, str] | None, claims: Iterable[Claim]) -> None:
        self.rows = rows
        self.nodes = nodes
        self.claims: dict[int, list[Claim]] = {}
        for claim in claims:
            self.claims.setdefault(claim.size, []).append(claim)
        self.frontier = Frontier()
        self.leaf = ""
        self.good_size = 0
        """All entries before this one agree with the stored tree or with a claim."""
        self.confirmed_size = 0
        """All entries before this one agree with a claim."""
        self.suspicion: LogFault | None = None
        """A stored node differs; a later claim that is met shows that it is the node that is wrong."""

    def scan(self) -> tuple[LogFault, ...]:
        fault = self._meet_claims()
        for row in self.rows() if fault is None else ():
            fault = self._check_row(row) or self._meet_claims()
            if fault is not None:
                break
        if self.suspicion is not None and self.suspicion.first is not None:
            return (self.suspicion,)
        fault = fault or self._check_end()
        return tuple(each for each in (fault, self.suspicion) if each is not None)

    def _check_row(self, row: EventRow) -> LogFault | None:
        place = self.frontier.size
        if row.seq != place:
            return _missing(place, row.seq - 1)
        leaf = leaf_of(row)
        if leaf.hex() != row.leaf:
            return self._explain_leaf(row)
        if row.prev != self.leaf:
            return self._explain_link(row)
        fault = _check_payload(row)
        if fault is not None:
            return fault
        self._check_nodes(self.frontier.append(leaf))
        self.leaf = row.leaf
        return None

    def _check_nodes(self, completed: Sequence[tuple[int, int, bytes]]) -> None:
        if self.nodes is None or self.suspicion is not None:
            return
        place = self.frontier.size - 1
        for level, position, node in completed:
            if self.nodes.get((level, position)) != node.hex():
                first = max(self.confirmed_size, position << level)
                says = f"{_entries(first, place)} {_do(first, place)} not fit the stored tree (node {level}/{position})"
                self.suspicion = LogFault(damage=Damage.EDITED, says=says, first=first, last=place)
                return
        if completed:
            self.good_size = place + 1

    def _meet_claims(self) -> LogFault | None:
        size = self.frontier.size
        claims = self.claims.pop(size, ())
        if not claims:
            return None
        root = self.frontier.root()
        for claim in claims:
            if claim.root != root:
                last = max(size - 1, 0)
                # The stored tree proves nothing here: whoever wrote this history anew wrote the tree anew as well.
                first = min(self.confirmed_size, last)
                says = (
                    f"{_entries(first, last)} {_do(first, last)} not belong to the history that was signed: "
                    f"{claim.source} has another root for {size} entries"
                )
                return LogFault(damage=Damage.FORKED, says=says, first=first, last=last)
        self.good_size = self.confirmed_size = size
        if self.suspicion is not None:
            self.suspicion = LogFault(
                damage=Damage.NODE_DAMAGED,
                says=f"{self.suspicion.says}, but a checkpoint confirms the entries: the stored tree was changed",
            )
            self.nodes = None
        return None

    def _check_end(self) -> LogFault | None:
        size = self.frontier.size
        ends = [(claimed, claims[0].source) for claimed, claims in self.claims.items()]
        ends += [((position + 1) << level, "the stored tree") for level, position in self.nodes or ()]
        end, source = max(ends, default=(0, ""))
        if end <= size:
            return None
        says = f"{_entries(size, end - 1)} {_are(size, end - 1)} missing at the end: {source} covers {end} entries"
        return LogFault(damage=Damage.TRUNCATED, says=says, first=size, last=end - 1)

    def _explain_leaf(self, row: EventRow) -> LogFault:
        """Name what happened when the row at its place does not give its own hash."""
        place = row.seq
        edited = LogFault(
            damage=Damage.EDITED,
            says=f"Entry {place} was changed: it does not give its own hash",
            first=place,
            last=place,
        )
        followers = [each for each in self.rows() if each.prev == self.leaf and each.seq != place]
        genuine = next((each for each in followers if _fits(each, place)), None)
        if genuine is None and row.prev == self.leaf:
            return edited
        origin = _original_place(row, sum(1 for _ in self.rows()))
        if origin is not None and origin < place:
            return _inserted(origin, place - 1)
        if genuine is not None:
            if origin is None:
                return _inserted(place, genuine.seq - 1)
            says = f"Entry {place} stands where another was: it was entry {origin}, and entry {genuine.seq} was entry {place}"
            return LogFault(damage=Damage.REORDERED, says=says, first=place, last=max(origin, genuine.seq))
        return edited if origin is None else _missing(place, origin - 1)

    def _explain_link(self, row: EventRow) -> LogFault:
        """Name what happened when the row gives its own hash but names another entry as the one before it."""
        place = row.seq
        linked = next((each.seq for each in self.rows() if each.leaf == row.prev and each.seq < place - 1), None)
        if linked is not None:
            return _inserted(linked + 1, place - 1)
        if place == 0:
            says = "Entry 0 was changed: it names an entry before it"
            return LogFault(damage=Damage.EDITED, says=says, first=0, last=0)
        if self.good_size >= place or self._was_followed_by(row.prev):
            says = (
                f"Entry {place} does not follow entry {place - 1}: entries were taken out before it, or it was replaced"
            )
            return LogFault(damage=Damage.DELETED, says=says, first=place, last=place)
        says = f"Entry {place - 1} was changed and its hash was computed anew: entry {place} still names the old one"
        return LogFault(damage=Damage.EDITED, says=says, first=place - 1, last=place - 1)

    def _was_followed_by(self, leaf: str) -> bool:
        """Tell whether the stored tree shows the last good entry beside this leaf: then that entry is genuine."""
        place = self.frontier.size - 1
        if self.nodes is None or place & 1 or len(leaf) != len(self.leaf):
            return False
        pair = hash_node(bytes.fromhex(self.leaf), bytes.fromhex(leaf))
        return self.nodes.get((1, place >> 1)) == pair.hex()


def scan_log(rows: Rows, nodes: Mapping[Coordinate, str] | None, claims: Iterable[Claim]) -> Scan:
    """Recompute every hash and compare with what is stored and with what was claimed.

    `nodes` is None when there is no stored tree to compare with. A claim about an empty log must be its empty root.
    """
    scanner = _Scanner(rows, nodes, claims)
    faults = scanner.scan()
    return Scan(
        size=scanner.frontier.size,
        root=scanner.frontier.root(),
        confirmed_size=scanner.confirmed_size,
        faults=faults,
    )


def worst_first(faults: Iterable[LogFault]) -> tuple[LogFault, ...]:
    """Order faults by the entry that they name; those about no entry come last."""
    return tuple(sorted(faults, key=lambda fault: (fault.first is None, fault.first or 0)))


def _check_payload(row: EventRow) -> LogFault | None:
    place = row.seq
    if row.payload is None or row.salt is None:
        says = f"The payload of entry {place} was taken out"
        return LogFault(damage=Damage.PAYLOAD_DELETED, says=says, first=place, last=place)
    try:
        digest = digest_payload(row.salt, row.payload)
    except ValueError:
        digest = None
    if digest != row.payload_digest:
        says = f"The payload of entry {place} was changed: it does not give its digest"
        return LogFault(damage=Damage.PAYLOAD_EDITED, says=says, first=place, last=place)
    return None


def _fits(row: EventRow, place: int) -> bool:
    """Tell whether the row gives its own hash when it stands at that place."""
    return leaf_of(row._replace(seq=place)).hex() == row.leaf


def _original_place(row: EventRow, count: int) -> int | None:
    """Return the place at which the row gives its own hash, nearest first."""
    reach = range(1, 2 * count + 2)
    near = chain.from_iterable((row.seq + step, row.seq - step) for step in reach)
    return next((place for place in near if place >= 0 and _fits(row, place)), None)


def _missing(first: int, last: int) -> LogFault:
    says = f"{_entries(first, last)} {_are(first, last)} missing: taken out of the middle"
    return LogFault(damage=Damage.DELETED, says=says, first=first, last=last)


def _inserted(first: int, last: int) -> LogFault:
    says = f"{_entries(first, last)} {_are(first, last)} not genuine: put in before what was entry {first}"
    return LogFault(damage=Damage.INSERTED, says=says, first=first, last=last)


def _entries(first: int, last: int) -> str:
    return f"Entry {first}" if first == last else f"Entries {first} to {last}"


def _are(first: int, last: int) -> str:
    return "is" if first == last else "are"


def _do(first: int, last: int) -> str:
    return "does" if first == last else "do"
