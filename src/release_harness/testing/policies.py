"""Builders of policies, subjects, evidence and approvals, so that a test says only what it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from release_harness.kernel.digests import ChangeDigest, PolicyDigest, TreeId
from release_harness.kernel.facts import Fact, FactValue, Known
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.policy.judge import judge
from release_harness.policy.model import (
    ApprovalRequirement,
    Binding,
    BreakGlass,
    EvidenceDefinition,
    FactTest,
    Operator,
    Person,
    Policy,
    Retention,
    Surface,
    Team,
    TierRequirement,
)
from release_harness.policy.subject import (
    ApprovalSeen,
    BypassSeen,
    EvidenceSeen,
    FileOwners,
    Judgement,
    Subject,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CHANGE = ChangeDigest("sha256:" + "c" * 64)
OTHER_CHANGE = ChangeDigest("sha256:" + "d" * 64)
TREE = TreeId("1" * 40)
OTHER_TREE = TreeId("2" * 40)
POLICY_DIGEST = PolicyDigest("sha256:" + "e" * 64)


def person(name: str, *, key: str = "", roles: tuple[str, ...] = ()) -> Person:
    """Make a person `<name>@example.org` with a login of the same name and, by default, an ordinary key."""
    return Person(
        id=name,
        emails=(f"{name}@example.org",),
        logins=(name,),
        keys=(key or f"ssh-ed25519 AAAA{name}",),
        roles=roles,
    )


ANA = person("ana")
BO = person("bo", roles=("oncall",))
CLARA = person("clara", key="sk-ssh-ed25519@openssh.com AAAAclara")
DORA = person("dora", key="sk-ssh-ed25519@openssh.com AAAAdora")
PEOPLE = (ANA, BO, CLARA, DORA)


def actor(name: str) -> Actor:
    """Make the actor that a person of `PEOPLE` is."""
    return Actor(kind=ActorKind.PERSON, id=name, name=name.title(), email=f"{name}@example.org")


AGENT = Actor(kind=ActorKind.AGENT, id="claude", name="Claude", email="noreply@anthropic.com")
STRANGER = Actor(kind=ActorKind.UNKNOWN, id="eve@example.net", name="Eve", email="eve@example.net")


def facts(values: Mapping[str, FactValue]) -> dict[str, Fact]:
    """Make known facts."""
    return {name: Known(value=value, source="computed here") for name, value in values.items()}


QUIET: Mapping[str, FactValue] = {
    "change.files_count": 1,
    "change.lines": 10,
    "change.hidden_files_count": 0,
    "change.submodules_count": 0,
    "change.symlinks_count": 0,
    "change.mode_changes_count": 0,
    "change.code_files_count": 1,
    "secrets.found_count": 0,
    "coverage.changed_lines_count": 10,
    "coverage.exercised_ratio": 1.0,
    "wiring.sound": True,
    "wiring.explained": True,
    "guards.kept": True,
    "impact.reading": "whole",
    "impact.found": (),
}
"""Facts of a small change that nothing speaks against."""

GREEN: Mapping[str, FactValue] = {
    "tests.run_count": 12,
    "tests.failed_count": 0,
    "tests.errors_count": 0,
    "tests.exit_code": 0,
}
"""Facts of a test run that passed."""


def subject(*files: str, known: Mapping[str, FactValue] = QUIET, author: Actor | None = None) -> Subject:
    """Make a small, whole change by Ana onto `main` that nobody owns."""
    listed = files or ("src/app.py",)
    return Subject(
        files=listed,
        listing_complete=True,
        facts=facts(known),
        authors=(author or actor("ana"),),
        requester=None,
        owners=tuple(FileOwners(path=path, owners=()) for path in listed),
        change=CHANGE,
        result_tree=TREE,
        target="main",
    )


def approval(name: str, *, lenses: tuple[str, ...] = (), proof: ProofLevel = ProofLevel.LOGIN) -> ApprovalSeen:
    """Make an approval of the subject's own content by one of `PEOPLE`, five minutes ago."""
    giver = next(each for each in PEOPLE if each.id == name)
    return ApprovalSeen(
        id=f"approval-{name}-{'-'.join(lenses)}-{proof.value}",
        approver=actor(name),
        proof=proof,
        lenses=lenses,
        approved=True,
        change=CHANGE,
        result_tree=TREE,
        target="main",
        given_at=NOW - timedelta(minutes=5),
        key=giver.keys[0] if proof is not ProofLevel.LOGIN else "",
    )


def rejection(name: str) -> ApprovalSeen:
    """Make a rejection of the subject's own content, ten minutes ago."""
    return replace(approval(name), id=f"rejection-{name}", approved=False, given_at=NOW - timedelta(minutes=10))


def green_run(values: Mapping[str, FactValue] = GREEN) -> EvidenceSeen:
    """Make evidence of a test run on the subject's own result tree, one hour ago."""
    return EvidenceSeen(
        id="sha256:" + "a" * 64,
        predicate="test-result/v0.1",
        result_tree=TREE,
        change=CHANGE,
        facts=facts(values),
        finished_at=NOW - timedelta(hours=1),
    )


def bypass(*rules: str, name: str = "bo") -> BypassSeen:
    """Make a signed break-glass statement of somebody on call, one minute ago."""
    giver = next(each for each in PEOPLE if each.id == name)
    return BypassSeen(
        id="bypass-1",
        actor=actor(name),
        rules=rules,
        incident="INC-7",
        reason="checkout is down",
        given_at=NOW - timedelta(minutes=1),
        ttl=timedelta(hours=1),
        change=CHANGE,
        proof=ProofLevel.KEY,
        key=giver.keys[0],
    )


def small_policy(
    *approvals: ApprovalRequirement,
    surfaces: tuple[Surface, ...] = (),
    teams: tuple[Team, ...] = (),
    people: tuple[Person, ...] = PEOPLE,
    retention: Retention = Retention.SAME_CHANGE,
) -> Policy:
    """Make a policy with the tiers low, medium and high that all ask for green tests and the given approvals."""
    tests = EvidenceDefinition(
        name="tests",
        predicate="test-result/v0.1",
        bind=Binding.RESULT_TREE,
        when=FactTest(fact="tests.failed_count", operator=Operator.EQ, operand=0),
        max_age=timedelta(hours=24),
        obtain="rh evidence run",
    )
    tiers = ("low", "medium", "high")
    return Policy(
        tiers=tiers,
        default_tier="medium",
        surfaces=surfaces,
        requirements=tuple(TierRequirement(tier=tier, evidence=("tests",), approvals=approvals) for tier in tiers),
        evidence=(tests,),
        retention=tuple((tier, retention) for tier in tiers),
        break_glass=BreakGlass(
            who=("oncall",),
            ttl=timedelta(hours=4),
            needs=("incident", "reason"),
            review_within=timedelta(hours=24),
        ),
        people=people,
        teams=teams,
    )


def default_policy_with_people(people: tuple[Person, ...] = PEOPLE) -> Policy:
    """Make the built-in policy with people who may approve."""
    return replace(DEFAULT_POLICY, people=people)


def judge_now(
    policy: Policy,
    judged: Subject,
    *,
    evidence: tuple[EvidenceSeen, ...] | None = None,
    approvals: tuple[ApprovalSeen, ...] = (),
    bypasses: tuple[BypassSeen, ...] = (),
    now: datetime = NOW,
) -> Judgement:
    """Judge with a green test run unless other evidence is given."""
    shown = (green_run(),) if evidence is None else evidence
    return judge(policy, policy_digest(policy), judged, shown, approvals, bypasses, now)
