"""The policy of a repository that has none of its own; `rh init` writes it down, with what the repository has.

Only paths decide which surface is touched: words in titles raise false alarms. `auth` is looked for as a whole word of a path
(`src/auth/`, `auth_service.py`, `AuthController.java`), so `author.py` is no sign of it. What is missed here has the default
tier, which still asks a person.
"""

from datetime import timedelta

from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.policy.default_surfaces import DEFAULT_SURFACES, path_set
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    ApprovalRequirement,
    Binding,
    BreakGlass,
    Condition,
    EvidenceDefinition,
    FactTest,
    LowerRule,
    Operator,
    Policy,
    RaiseRule,
    Retention,
    TierRequirement,
)


def _fact(name: str, operator: Operator, operand: FactValue) -> Condition:
    return FactTest(fact=name, operator=operator, operand=operand)


def _none_of(*names: str) -> Condition:
    return AllOf(conditions=tuple(_fact(name, Operator.EQ, 0) for name in names))


def _holds(name: str) -> Condition:
    return _fact(name, Operator.EQ, True)  # noqa: FBT003 - an operand, no switch


def _more_than(name: str, count: int) -> Condition:
    return _fact(name, Operator.GT, count)


RAISE_RULES = (
    RaiseRule(
        id="secrets-found",
        when=_more_than("secrets.found_count", 0),
        tier="critical",
        because="A secret in an added line is public the moment it is pushed.",
    ),
    RaiseRule(
        id="big-diff",
        when=AnyOf(conditions=(_more_than("change.lines", 400), _more_than("change.files_count", 30))),
        tier="high",
        because="More than people read with care in one sitting.",
    ),
    RaiseRule(
        id="hidden-from-diff",
        when=_more_than("change.hidden_files_count", 0),
        tier="high",
        because="Attributes of the repository hide text from whoever reads the diff.",
    ),
    RaiseRule(
        id="guard-removed",
        when=_fact("impact.found", Operator.CONTAINS, "guard-removed"),
        tier="high",
        because="Who may come in is decided by the guards of an entry point.",
    ),
    RaiseRule(
        id="guard-unclear",
        when=_fact("impact.found", Operator.CONTAINS, "guard-unclear"),
        tier="high",
        because="Reading cannot tell whether the guards of an entry point still keep the same callers out.",
    ),
    RaiseRule(
        id="guard-changed",
        when=_fact("impact.found", Operator.CONTAINS, "guard-changed"),
        tier="medium",
        because="The guard still stands there, and what its code lets through is for a person to say.",
    ),
    RaiseRule(
        id="impact-not-whole",
        when=AnyOf(
            conditions=(
                _fact("impact.reading", Operator.EQ, "limited"),
                _fact("impact.reading", Operator.EQ, "broken"),
            )
        ),
        tier="medium",
        because="Not everything that the change may touch could be read, so a person looks.",
    ),
    RaiseRule(
        id="submodules",
        when=_more_than("change.submodules_count", 0),
        tier="high",
        because="The lines behind a moved submodule are in no diff.",
    ),
    RaiseRule(
        id="symlinks",
        when=_more_than("change.symlinks_count", 0),
        tier="high",
        because="A symbolic link can stand for a file that nobody looked at.",
    ),
)

LOWER_RULES = (
    LowerRule(
        id="docs",
        only=path_set(
            "**/*.md",
            "**/*.rst",
            "**/*.adoc",
            "docs/**/*.png",
            "docs/**/*.jpg",
            "docs/**/*.jpeg",
            "docs/**/*.gif",
            "docs/**/*.webp",
        ),
        to="low",
        when=_none_of("change.code_files_count", "change.mode_changes_count"),
        because="Text and pictures for people only.",
    ),
)
"""Neither `docs/**` whole (`docs/conf.py` runs, `docs/requirements.txt` installs) nor MDX, which is a program."""

# A language without an engine must not stop anybody: where what cannot be read lies beside the change, `wiring.sound` and its
# siblings say what holds as far as rh reads, and the tier is at least medium. Where the change itself cannot be read they
# are unknown, and nothing passes.
EVIDENCE = (
    EvidenceDefinition(
        name="tests",
        predicate="test-result/v0.1",
        bind=Binding.RESULT_TREE,
        max_age=timedelta(hours=24),
        when=AllOf(
            conditions=(
                _more_than("tests.run_count", 0),
                _fact("tests.failed_count", Operator.EQ, 0),
                _fact("tests.errors_count", Operator.EQ, 0),
                _fact("tests.exit_code", Operator.EQ, 0),
            )
        ),
        obtain="rh evidence run",
    ),
    EvidenceDefinition(
        name="secrets_scan",
        predicate="computed",
        bind=Binding.CHANGE,
        when=_fact("secrets.found_count", Operator.EQ, 0),
        obtain="rh check",
    ),
    EvidenceDefinition(
        name="wired",
        predicate="computed",
        bind=Binding.CHANGE,
        when=_holds("wiring.sound"),
        obtain="rh impact",
    ),
    EvidenceDefinition(
        name="guards_kept",
        predicate="computed",
        bind=Binding.CHANGE,
        when=_holds("guards.kept"),
        obtain="rh impact",
    ),
    EvidenceDefinition(
        name="nothing_dark",
        predicate="computed",
        bind=Binding.CHANGE,
        when=_holds("wiring.explained"),
        obtain="rh impact",
    ),
    EvidenceDefinition(
        name="changed_lines",
        predicate="computed",
        bind=Binding.RESULT_TREE,
        when=AnyOf(
            conditions=(
                _fact("change.code_files_count", Operator.EQ, 0),
                _fact("coverage.changed_lines_count", Operator.EQ, 0),
                _fact("coverage.exercised_ratio", Operator.GE, 0.8),
            )
        ),
        obtain="rh evidence run",
    ),
    EvidenceDefinition(
        name="rollback_path",
        predicate="computed",
        bind=Binding.CHANGE,
        when=_holds("rollback.known"),
        obtain="rh brief new NAME",
        advice="Say in the brief, under Rollback, how it is taken back.",
    ),
)

ROLLBACK_DRILL = EvidenceDefinition(
    name="rollback_drill",
    predicate="rollback-drill/v1",
    bind=Binding.CHANGE,
    max_age=timedelta(days=7),
    when=_holds("rollback.known"),
    advice="Have the way back drilled, and the drill attached: no command of rh makes this evidence. Declare a fact such "
    "as `rollback.drilled` (bool) under `facts:` of the policy and let the `when` of `rollback_drill` ask for it; then "
    "the CI job or the person that drilled attaches it with `rh evidence fact rollback.drilled=true`.",
)
"""No tier of the built-in policy asks for it, since no command makes it: a policy that does says who attaches it."""

OFFERED_EVIDENCE = (*EVIDENCE, ROLLBACK_DRILL)
"""What a policy file may ask for without defining it."""


def _people(count: int, proof: ProofLevel) -> ApprovalRequirement:
    return ApprovalRequirement(humans_count=count, proof=proof, exclude_author=True, exclude_requester=True)


REQUIREMENTS = (
    TierRequirement(tier="low", evidence=("tests", "secrets_scan", "wired", "guards_kept", "nothing_dark")),
    TierRequirement(
        tier="medium", inherit="low", evidence=("changed_lines",), approvals=(_people(1, ProofLevel.LOGIN),)
    ),
    TierRequirement(tier="high", inherit="medium", approvals=(_people(2, ProofLevel.KEY),)),
    TierRequirement(
        tier="critical",
        inherit="high",
        evidence=("rollback_path",),
        approvals=(_people(2, ProofLevel.PRESENCE),),
    ),
)

DEFAULT_POLICY = Policy(
    tiers=("low", "medium", "high", "critical"),
    default_tier="medium",
    surfaces=DEFAULT_SURFACES,
    raise_rules=RAISE_RULES,
    lower_rules=LOWER_RULES,
    requirements=REQUIREMENTS,
    evidence=EVIDENCE,
    retention=(
        ("low", Retention.SAME_CHANGE),
        ("medium", Retention.SAME_CHANGE),
        ("high", Retention.SAME_RESULT),
        ("critical", Retention.SAME_RESULT),
    ),
    break_glass=BreakGlass(
        who=("oncall",),
        ttl=timedelta(hours=4),
        needs=("incident", "reason"),
        review_within=timedelta(hours=24),
        never=("harness", "secrets_scan"),
    ),
)
"""It names no people: until a policy file lists them, nobody is known to be a person and no approval counts."""
