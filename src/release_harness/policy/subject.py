"""What a policy judges: the change as it was computed, the evidence and the approvals that were found."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from release_harness.kernel.digests import ChangeDigest, PolicyDigest, TreeId
from release_harness.kernel.facts import Facts
from release_harness.kernel.identity import Actor, ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.model import Policy


@record
class FileOwners:
    """Who owns one changed file, from CODEOWNERS and the surfaces."""

    path: str
    owners: tuple[str, ...]
    """Each is one owner: an id of a person or a team, or `@login` / `@org/team` / an e-mail address as written."""


@record
class Subject:
    """The change as it was computed; never fetched from here."""

    files: tuple[str, ...]
    """Paths of changed files, old and new, decoded with surrogateescape."""
    listing_complete: bool
    """False when the list of files was cut short: then the highest tier holds."""
    facts: Facts
    authors: tuple[Actor, ...]
    requester: Actor | None
    owners: tuple[FileOwners, ...]
    """One row for every file; a file that nobody owns has a row without owners. A missing row is unknown."""
    change: ChangeDigest | None
    result_tree: TreeId | None
    target: str
    """Branch that the change is to land on; approvals of a change without a target never count."""
    conflicts: tuple[str, ...] = ()
    """Paths that do not merge onto the base; then there is no result tree and the verdict is fail."""
    base: str = ""
    """Commit that the result tree was built on, for evidence that a moved base makes stale."""
    dependency_lock: str = ""
    """Digest over the dependency lock files of the result tree, for evidence that it makes stale."""
    advice: Mapping[str, str] = field(default_factory=dict)
    """What would mend a fact that is not as it is wanted, as a sentence, by the name of the fact."""
    rules: PolicyDigest | None = None
    """Digest over all the policies in force, when evidence names that instead of one policy's digest."""


@record
class EvidenceSeen:
    """One piece of evidence that was found for this subject, already verified for its signature."""

    id: str
    predicate: str
    result_tree: TreeId | None
    change: ChangeDigest | None
    facts: Facts
    finished_at: datetime
    policy: PolicyDigest | None = None
    base: str = ""
    """Commit that the result was built on."""
    dependency_lock: str = ""
    """Digest over the dependency lock files of the tree."""
    advice: Mapping[str, str] = field(default_factory=dict)
    """What would mend a fact of it that is not as it is wanted, as a sentence, by the name of the fact."""


@record
class ApprovalSeen:
    """One approval or rejection that was found, already verified for its proof."""

    id: str
    approver: Actor
    proof: ProofLevel
    lenses: tuple[str, ...]
    approved: bool
    """False for a rejection, which stands until the same person approves the same content."""
    change: ChangeDigest
    result_tree: TreeId
    target: str
    given_at: datetime
    tier_shown: str = ""
    """Tier that the approver was shown; an approval of a lower tier than the present one does not count."""
    key: str = ""
    """Public key that proved it, in OpenSSH form without comment; without one of the person's own keys in the
    judging policy, a proof above `login` counts as `login`."""


@record
class BypassSeen:
    """A break-glass statement that is in force for this change."""

    id: str
    actor: Actor
    rules: tuple[str, ...]
    incident: str
    reason: str
    given_at: datetime
    ttl: timedelta
    change: ChangeDigest
    proof: ProofLevel = ProofLevel.LOGIN
    """A bypass is signed: below `key` it has no effect."""
    key: str = ""
    """Public key that signed it, in OpenSSH form without comment; it must be one of the person's own."""


@record
class TierReason:
    """Why the tier is at least what it is."""

    rule: str
    """`surface:auth`, `raise:big-diff`, `lower:docs`, `default`, `unknown:<rule>`."""
    tier: str
    because: str
    files: tuple[str, ...] = ()


@record
class TierDecision:
    """The tier of a change under one policy, highest reasons first."""

    tier: str
    reasons: tuple[TierReason, ...]
    surfaces: tuple[str, ...]
    """Names of the surfaces that were touched."""
    possible: tuple[str, ...] = ()
    """Every tier that the change could have while something is unknown; what each of them asks for must be shown."""


@record
class Judgement:
    """What one policy says of one subject."""

    policy: Policy
    policy_digest: PolicyDigest
    tier: TierDecision
    verdict: Verdict
    forced: bool = False
    """True when break-glass was used: the decision is FORCED, never PASSED."""

    @property
    def outcome(self) -> Outcome:
        """The outcome of the verdict."""
        return self.verdict.outcome
