"""What a policy says, once it was read without a fault."""

from datetime import timedelta
from enum import Enum

from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.records import record


@record
class Glob:
    """A path pattern with `*`, `?`, `[…]` and `**`, anchored at the root of the repository."""

    text: str


@record
class Regex:
    """A regular expression that must match the whole value; never a path pattern."""

    text: str


@record
class PathRule:
    """One line of a path set; a negated line takes out what earlier lines put in."""

    glob: Glob
    negated: bool = False


@record
class PathSet:
    """Path rules in order; the last one that matches a path decides."""

    rules: tuple[PathRule, ...]

    def __hash__(self) -> int:
        """Hash by the ends: path sets are looked up for every change, and two that share both ends are rare."""
        ends = (self.rules[0].glob.text, self.rules[-1].glob.text) if self.rules else ()
        return hash((len(self.rules), ends))


class Operator(Enum):
    """How a fact is compared."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    IN = "in"
    CONTAINS = "contains"
    MATCHES = "matches"
    KNOWN = "known"


class Quantifier(Enum):
    """How many of the changed files must match; `all` is unknown when there is no file."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


@record
class FactTest:
    """Compare one fact with an operand."""

    fact: str
    operator: Operator
    operand: FactValue | Regex


@record
class FilesTest:
    """Ask which of the changed files match a path set."""

    quantifier: Quantifier
    paths: PathSet


@record
class SurfaceTest:
    """Ask whether the change touches a surface."""

    surface: str


@record
class AuthorTest:
    """Ask whether an author of the change is exactly this identity (an id of `people`, `agents` or a team)."""

    identity: str


@record
class AllOf:
    """True when every part is known true; false when one is false; otherwise unknown."""

    conditions: tuple["Condition", ...]


@record
class AnyOf:
    """True when a part is true; false when all are known false; otherwise unknown."""

    conditions: tuple["Condition", ...]


@record
class Not:
    """Turn true and false round; unknown stays unknown."""

    condition: "Condition"


Condition = FactTest | FilesTest | SurfaceTest | AuthorTest | AllOf | AnyOf | Not


class OwnersMode(Enum):
    """How many of the owners of the touched files must approve."""

    ANY = "any"
    ALL = "all"
    COUNT = "count"


@record
class OwnersRequirement:
    """Owners that must approve; `ALL` asks one approval of every owner of every touched file."""

    mode: OwnersMode
    count: int = 1


@record
class ApprovalRequirement:
    """People who must have approved this very content."""

    humans_count: int
    proof: ProofLevel = ProofLevel.LOGIN
    role: str = ""
    """Role or team that the approvers must belong to; empty for anybody."""
    lens: str = ""
    """Lens under which they must have looked; empty for any."""
    owners: OwnersRequirement | None = None
    exclude_author: bool = False
    exclude_requester: bool = False


@record
class Surface:
    """A part of the repository that people or machines are hurt by when it breaks."""

    name: str
    paths: PathSet
    tier: str
    hard: bool = False
    """A hard surface cannot be bypassed by break-glass nor lowered."""
    evidence: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """Ids of people or teams who own it."""
    lenses: tuple[str, ...] = ()
    ship: str = ""
    rollback: str = ""
    watch: tuple[str, ...] = ()
    because: str = ""


@record
class RaiseRule:
    """Raise the tier when a condition is true or unknown."""

    id: str
    when: Condition
    tier: str
    because: str = ""


@record
class LowerRule:
    """Lower the tier when every file matches `only`, no surface floor stands and `when` is known true."""

    id: str
    only: PathSet
    to: str
    when: Condition | None = None
    because: str = ""


@record
class TierRequirement:
    """What a change of one tier must show."""

    tier: str
    evidence: tuple[str, ...] = ()
    approvals: tuple[ApprovalRequirement, ...] = ()
    inherit: str = ""


class Binding(Enum):
    """The content that evidence speaks about."""

    RESULT_TREE = "result_tree"
    CHANGE = "change"
    RELEASE = "release"


class Invalidator(Enum):
    """What makes evidence stale beside a change of its binding."""

    POLICY = "policy"
    BASE_MOVED = "base_moved"
    DEPENDENCY_LOCK = "dependency_lock"


@record
class EvidenceDefinition:
    """Evidence that a tier may ask for: what it is bound to, how long it holds, and what it must show."""

    name: str
    predicate: str
    """Predicate type of the attestation, such as `test-result/v0.1`; `computed` for facts of the diff itself."""
    bind: Binding
    when: Condition
    max_age: timedelta | None = None
    invalidated_by: tuple[Invalidator, ...] = ()
    obtain: str = ""
    """The command that produces it, such as `rh evidence run`."""
    advice: str = ""
    """What to do when it is missing or does not show what is wanted, as a sentence; empty for rh's own words."""


class Retention(Enum):
    """What an approval must still be true of: the change, or the exact result tree."""

    SAME_RESULT = "same_result"
    SAME_CHANGE = "same_change"


@record
class BreakGlass:
    """Who may go past failing rules, for how long, and what must be said and done for it."""

    who: tuple[str, ...]
    ttl: timedelta
    needs: tuple[str, ...]
    review_within: timedelta
    never: tuple[str, ...] = ()
    """Surfaces and rules that nobody may go past; hard surfaces always belong to them."""


@record
class Person:
    """A human being who may approve, with the identities and keys that are theirs."""

    id: str
    name: str = ""
    emails: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Public keys in OpenSSH form: `ssh-ed25519 AAAA…` or `sk-ssh-ed25519@openssh.com AAAA…`."""
    roles: tuple[str, ...] = ()


@record
class Agent:
    """An automated author; never fills a person's slot."""

    id: str
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@record
class Team:
    """People who own or approve together."""

    id: str
    members: tuple[str, ...]


@record
class CustomFact:
    """A named, typed value that a command or a CI job attaches to a change."""

    name: str
    type: str
    """`bool`, `int`, `float`, `str` or `strings`."""
    description: str = ""


@record
class Policy:
    """What may pass, and what it must show."""

    tiers: tuple[str, ...]
    """From the lowest to the highest."""
    default_tier: str
    surfaces: tuple[Surface, ...] = ()
    raise_rules: tuple[RaiseRule, ...] = ()
    lower_rules: tuple[LowerRule, ...] = ()
    requirements: tuple[TierRequirement, ...] = ()
    evidence: tuple[EvidenceDefinition, ...] = ()
    retention: tuple[tuple[str, Retention], ...] = ()
    count_requester_as_author: bool = True
    break_glass: BreakGlass | None = None
    people: tuple[Person, ...] = ()
    agents: tuple[Agent, ...] = ()
    teams: tuple[Team, ...] = ()
    facts: tuple[CustomFact, ...] = ()

    def __hash__(self) -> int:
        """Hash by size and names: one process knows few policies, and asks for the same one for every change."""
        names = tuple(each.name for each in self.surfaces)
        return hash((self.tiers, self.default_tier, names, len(self.raise_rules), len(self.people)))

    def rank(self, tier: str) -> int:
        """Return the place of a tier, 0 for the lowest; raises ValueError for a tier that the policy does not have."""
        return self.tiers.index(tier)
