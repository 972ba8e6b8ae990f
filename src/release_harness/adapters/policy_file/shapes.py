"""What may stand in `.rh/policy.yaml`.

The shapes say which keys there are and what kind of value each takes; the reader and the JSON Schemas are both made
from them. Whether a named tier, surface or person exists, and whether an operand fits its fact, is for the translations.

No pydantic here, on purpose: loading it and building these shapes takes 230 ms of processor time, and every `rh check`
of a repository with a policy would pay that. `shape_reader` reads the same classes strictly in a few milliseconds.
"""

from datetime import timedelta
from typing import Literal

from release_harness.adapters.policy_file.shape_reader import OwnersMode, Paths, Scalar, Text, Texts, said
from release_harness.kernel.records import record


@record
class FilesShape:
    """Which of the changed files match: exactly one of `any`, `all`, `none`."""

    any: Paths | None = None
    all: Paths | None = None
    none: Paths | None = None


@record
class ConditionShape:
    """One condition: a fact with one operator, or `files`, `surface`, `author`, `all`, `any`, `not`."""

    fact: Text | None = said("Name of a fact; compare it with exactly one operator.", default=None)
    eq: Scalar | None = None
    ne: Scalar | None = None
    gt: Scalar | None = None
    ge: Scalar | None = None
    lt: Scalar | None = None
    le: Scalar | None = None
    in_: Texts | None = said("The fact is one of these words.", key="in", default=None, least=1)
    contains: Text | None = said("The list of the fact holds exactly this word.", default=None)
    matches: Text | None = said("Regular expression for the whole value.", default=None)
    known: bool | None = said("Whether the fact could be computed.", default=None)
    files: FilesShape | None = None
    surface: Text | None = said("The change touches this surface.", default=None)
    author: Text | None = said("An author is this person, this agent or a member of this team.", default=None)
    all: "tuple[ConditionShape, ...] | None" = said("Every one of these holds.", default=None, least=1)
    any: "tuple[ConditionShape, ...] | None" = said("At least one of these holds.", default=None, least=1)
    not_: "ConditionShape | None" = said("The opposite; unknown stays unknown.", key="not", default=None)


@record
class SurfaceShape:
    """A part of the repository that hurts when it breaks."""

    paths: Paths
    tier: Text = said("A change that touches the surface has at least this tier.")
    hard: bool = said("Break-glass cannot go past it, and `lower` cannot lower it.", default=False)
    evidence: Texts = ()
    owners: Texts = said("Ids of people or teams.", default=())
    lenses: Texts = ()
    ship: str = said("How such a change is shipped, when its brief does not say.", default="")
    rollback: str = said("How such a change is taken back, when its brief does not say.", default="")
    watch: Texts = said("Metrics to watch after such a change.", default=())
    because: str = ""


@record
class RaiseShape:
    """Raises the tier when its condition is true, or cannot be answered."""

    id: Text
    when: ConditionShape
    tier: Text
    because: str = ""


@record
class LowerShape:
    """Lowers the tier when every changed file matches `only`, no surface is touched and `when` is known to be true."""

    id: Text
    only: Paths
    to: Text
    when: ConditionShape | None = None
    because: str = ""


@record
class ApprovalShape:
    """People who must have approved this very content."""

    humans: int = said("How many people.", least=0, most=100)
    proof: Literal["login", "key", "presence"] = "login"
    role: str = said("Role or team that the approvers belong to.", default="")
    lens: str = said("Lens under which they must have looked.", default="")
    owners: OwnersMode | None = said(
        "`all`: every owner of every file; `any`: one owner of every file; or a number.", default=None
    )
    not_: tuple[Literal["author", "requester"], ...] | None = said(
        "Who does not count. Left out: neither author nor requester counts, above the lowest tier.",
        key="not",
        default=None,
    )


@record
class RequirementShape:
    """What a change of one tier must show."""

    evidence: Texts = ()
    approvals: tuple[ApprovalShape, ...] = ()
    inherit: str = said("Tier whose requirements hold as well.", default="")


@record
class EvidenceShape:
    """Evidence that a tier or a surface may ask for."""

    predicate: Text = said(
        "Type of the attestation, such as `test-result/v0.1`; `computed` for facts of the diff itself."
    )
    bind: Literal["result_tree", "change", "release"]
    when: ConditionShape
    max_age: timedelta | None = None
    invalidated_by: tuple[Literal["policy", "base_moved", "dependency_lock"], ...] = ()
    obtain: str = said("The command that produces it.", default="")
    advice: str = said(
        "What to do when it is missing or does not show what is wanted, as a sentence; else rh says it.", default=""
    )


@record
class ApprovalsShape:
    """What holds for every approval."""

    retain_on: dict[str, Literal["same_change", "same_result"]] = said(
        "By tier: what must be the same for an approval to stand.", default={}
    )
    count_requester_as_author: bool = True


@record
class BreakGlassShape:
    """Who may go past failing rules, for how long, and what must be said and done for it."""

    who: Texts = said("Ids of people, teams or roles.", least=1)
    ttl: timedelta
    needs: tuple[Literal["incident", "reason"], ...] = ("incident", "reason")
    review_within: timedelta
    never: Texts = said("Surfaces and rules that nobody may go past.", default=())


@record
class PersonShape:
    """A human being who may approve."""

    name: str = ""
    emails: Texts = ()
    logins: Texts = ()
    keys: Texts = said("Public keys in OpenSSH form.", default=())
    roles: Texts = ()


@record
class AgentShape:
    """An automated author; it never fills a person's slot."""

    emails: Texts = ()
    names: Texts = ()


@record
class CustomFactShape:
    """A named, typed value that a command or a CI job attaches to a change."""

    type: Literal["bool", "int", "float", "str", "strings"]
    description: str = ""


@record
class PolicyShape:
    """What may pass, and what it must show."""

    version: Literal[1]
    tiers: Texts | None = said("From the lowest to the highest.", default=None, least=1)
    default_tier: Text | None = said("Tier of a change that no rule says anything about.", default=None)
    surfaces: dict[str, SurfaceShape] = said("Parts of the repository that hurt when they break.", default={})
    raise_: tuple[RaiseShape, ...] = said("Rules that raise the tier.", key="raise", default=())
    lower: tuple[LowerShape, ...] = said("Rules that may lower the tier.", default=())
    require: dict[str, RequirementShape] = said("What a change of each tier must show.")
    evidence: dict[str, EvidenceShape] = said("Definitions beside the built-in ones.", default={})
    approvals: ApprovalsShape = ApprovalsShape()
    break_glass: BreakGlassShape | None = None
    people: dict[str, PersonShape] = said("Who is known to be a person, by id.", default={})
    agents: dict[str, AgentShape] = said("Who is known to be an agent, by id.", default={})
    teams: dict[str, Texts] = said("Ids of the people of each team.", default={})
    facts: dict[str, CustomFactShape] = said("Facts that others attach.", default={})
