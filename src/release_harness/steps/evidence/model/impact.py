"""What a change really touches: entry points, ways to them, guards, wiring, and how sure rh is of each."""

from enum import Enum

from release_harness.kernel.records import record
from release_harness.steps.evidence.model.addresses import readable_address
from release_harness.steps.evidence.model.reading import Counts, Reading, Unjudged
from release_harness.steps.evidence.model.relevance import ReferringTest

SymbolId = str
"""`path:qualname`, as `app/main.py:create_app.<locals>.app`; `path:` alone is the module itself."""


class Confidence(Enum):
    """How sure an edge is; the order is from sure to guessed, and a way is as sure as its weakest edge."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Label(Enum):
    """How rh knows that an entry point is affected."""

    UNKNOWN = "unknown"
    POSSIBLE = "possible"
    RESOLVED = "resolved"
    TRACED = "traced"


class Side(Enum):
    """On which side of the change something was seen."""

    BASE = "base"
    HEAD = "head"
    BOTH = "both"


@record
class Guard:
    """One check that stands before a handler."""

    name: str
    """As the source says it: `login_required`, `Depends(require_admin)`, `IsAuthenticated`."""
    source: str
    """`decorator`, `dependency`, `permission class`, `middleware`, `router`, `hook`, `settings`, `option`."""
    symbol: str = ""
    """SymbolId or dotted external name of what checks; empty when it did not resolve."""
    path: str = ""
    line: int = 0
    weak: bool = False
    """True for a guard that lets everybody in, such as `AllowAny`."""
    when: str = ""
    """The condition under which alone it stands there, in words; empty when it always does."""
    read: bool = True
    """False for what stands in the place of guards and could not be taken apart, such as a list that is computed."""


@record
class EntryPoint:
    """One place where the outside world comes in."""

    kind: str
    """`http`, `websocket`, `graphql`, `cli`, `task`, `schedule`, `consumer`, `signal`, `hook`, `event`, `admin`, `page`, `api`, `serverless`."""
    name: str
    """What its users call it: `GET /items/{id}`, `app users add`, `pkg.tasks.send`."""
    framework: str
    handler: SymbolId
    """The symbol that runs; a class for class-based handlers whose method is not known."""
    path: str
    line: int
    receiver: SymbolId = ""
    """Class that the handler is bound to, when that differs from the class that defines it."""
    guards: tuple[Guard, ...] = ()
    guards_known: bool = True
    """False when something stands there that could not be read, such as a computed list."""
    flags: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    mounted: bool | None = True
    """False when it is registered on something that nothing mounts; None when that cannot be told."""
    registered_on: SymbolId = ""
    """Router, blueprint, group or registry it hangs on."""
    why_not_mounted: str = ""
    confidence: Confidence = Confidence.HIGH
    owners: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What stays the same when the handler is renamed: kind and name."""
        return f"{self.kind} {self.name}"

    @property
    def said(self) -> str:
        """The name as people read it: `ANY /<id>` where a router matches by a regular expression."""
        return readable_address(self.name)


@record
class Hop:
    """One step of a way, from what is reached to what reaches it."""

    symbol: str
    path: str
    line: int
    reason: str
    """Why the edge is believed: `calls`, `depends on`, `overrides`, `mentions by name`, …"""
    confidence: Confidence = Confidence.HIGH
    asynchronous: bool = False
    """True where the work continues later: a task that was enqueued, an event that was sent."""


@record
class AffectedEntry:
    """An entry point that runs changed code, and the way that shows it."""

    entry: EntryPoint
    label: Label
    side: Side
    way: tuple[Hop, ...]
    """From the entry's handler to the changed symbol."""
    changed: tuple[SymbolId, ...]
    """Changed symbols that it reaches as surely as its label says, the nearest first."""
    possibly: tuple[SymbolId, ...] = ()
    """Further changed symbols that it may reach, beside those that it surely does."""
    asynchronous: bool = False
    """True when every way crosses an asynchronous hop."""


@record
class CrossCutting:
    """Changed code that stands before or around many entry points, told once."""

    reason: str
    """`middleware`, `request loader`, `exception handler`, `settings`, `base class of 140 handlers`, …"""
    symbol: SymbolId
    entries_count: int
    kinds: tuple[str, ...]
    label: Label = Label.RESOLVED
    way: tuple[Hop, ...] = ()

    @property
    def key(self) -> str:
        """What a walk of it is kept under."""
        return f"{self.symbol}, around {self.entries_count} entry points"


class SymbolChange(Enum):
    """What happened to a symbol."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    BODY = "body"
    SIGNATURE = "signature"
    DECORATOR = "decorator"
    BASE_CLASS = "base class"
    FIELD = "class field"
    CONSTANT = "constant"
    IMPORT = "import"
    STATEMENT = "module statement"
    LITERAL = "literal in another file"
    FORMAT = "comment or format only"


@record
class ChangedSymbol:
    """One symbol that differs between base and head."""

    symbol: SymbolId
    change: SymbolChange
    path: str
    line: int
    """Line at head; at base for what was removed."""
    kind: str
    """`function`, `class`, `variable`, `module`, `file`."""
    was: SymbolId = ""
    """What it was called at base, when it moved."""
    lines: tuple[tuple[int, int], ...] = ()
    """First and last of each range of lines at head that are its own, those of its members left out."""


class Wiring(Enum):
    """Whether anything leads to an added symbol."""

    PHANTOM = "phantom"
    REGISTERED_NOT_MOUNTED = "registered-not-mounted"
    UNREFERENCED = "unreferenced"
    TEST_ONLY = "test-only"
    POSSIBLE = "possible"
    WIRED_DARK = "wired-dark"
    WIRED = "wired"
    UNKNOWN = "unknown"


@record
class WiredSymbol:
    """One added symbol, or one broken reference, and what leads to it."""

    symbol: str
    path: str
    line: int
    state: Wiring
    because: str
    way: tuple[Hop, ...] = ()
    reason_given: str = ""
    """The author's one line why it lands dark (`Lands-dark: NAME: why`); read by people, and it answers `unreferenced` only."""


class GuardMove(Enum):
    """What happened to a guard."""

    REMOVED = "removed"
    WEAKENED = "weakened"
    CHANGED = "changed"
    """It still stands there, and its own code is another one: somebody has to look at it."""
    ADDED = "added"
    UNKNOWN = "unknown"


@record
class GuardChange:
    """A guard of an entry point that differs between base and head."""

    entry: EntryPoint
    move: GuardMove
    guard: Guard
    """The guard at base; the new one when it was added."""
    now: tuple[Guard, ...]
    """All guards at head."""
    because: str
    """One sentence with both places."""


@record
class ReachedSurface:
    """A sensitive surface that an affected entry point carries although the diff does not touch it."""

    surface: str
    entry: EntryPoint
    way: tuple[Hop, ...]


@record
class ImpactAnswer:
    """What a change really touches."""

    counts: Counts
    changed: tuple[ChangedSymbol, ...] = ()
    affected: tuple[AffectedEntry, ...] = ()
    """Ranked: by label, then length of the way, then the share of all entries that the changed code reaches."""
    cross_cutting: tuple[CrossCutting, ...] = ()
    entries_added: tuple[EntryPoint, ...] = ()
    entries_removed: tuple[EntryPoint, ...] = ()
    wired: tuple[WiredSymbol, ...] = ()
    guards: tuple[GuardChange, ...] = ()
    reached: tuple[ReachedSurface, ...] = ()
    unknown: tuple[str, ...] = ()
    """Why the answer is not whole, one sentence each; then no count of it may be read as 'none'."""
    frameworks: tuple[str, ...] = ()
    """Frameworks whose registrations were found."""
    other_routes: tuple[tuple[str, SymbolId], ...] = ()
    """Name and handler of the routes at head that are not affected: an address counts to the route that answers it."""
    reached_count: int = 0
    """Entry points that surely run what changed, also those that `cross_cutting` tells once for many."""
    possible_count: int = 0
    """Entry points that run what changed by guesses alone, also those that `cross_cutting` tells once for many."""
    reading: Reading = Reading.BROKEN
    """Whether the answer is whole; anything else has its reasons in `unknown`."""
    unjudged: Unjudged = Unjudged()
    tests: tuple[ReferringTest, ...] = ()
    """Tests that surely lead to what changed by references alone, the nearest first; at most 2,000."""
    tests_shared: tuple[str, ...] = ()
    """Changed code that so many tests lead to that none of them is listed for it, one sentence each."""
