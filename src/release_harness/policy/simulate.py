"""What would be, if: the same judgement over a subject with something more or less; the engine does not know the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.facts import Facts, FactValue, Known, Unknown
from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.records import record
from release_harness.policy.judge import judge
from release_harness.policy.model import Policy
from release_harness.policy.subject import ApprovalSeen, BypassSeen, EvidenceSeen, Judgement, Subject

SUPPOSED = "supposed"
"""Source of every fact and identifier of everything that is only imagined."""


@record
class WhatIf:
    """Everything that a judgement is made from, to be changed piece by piece; nothing is ever recorded of it."""

    policy: Policy
    digest: PolicyDigest
    subject: Subject
    evidence: tuple[EvidenceSeen, ...] = ()
    approvals: tuple[ApprovalSeen, ...] = ()
    bypasses: tuple[BypassSeen, ...] = ()

    def judge(self, now: datetime) -> Judgement:
        """Judge what is supposed, with the same rules as ever."""
        return judge(self.policy, self.digest, self.subject, self.evidence, self.approvals, self.bypasses, now)

    def with_facts(self, facts: Mapping[str, FactValue]) -> "WhatIf":
        """Suppose that facts have these values."""
        known: Facts = {
            **self.subject.facts,
            **{name: Known(value=value, source=SUPPOSED) for name, value in facts.items()},
        }
        return replace(self, subject=replace(self.subject, facts=known))

    def without_facts(self, names: Iterable[str]) -> "WhatIf":
        """Suppose that nobody could compute these facts."""
        gone = {name: Unknown(why=f"{SUPPOSED} to be unknown") for name in names}
        return replace(self, subject=replace(self.subject, facts={**self.subject.facts, **gone}))

    def with_files(self, files: Iterable[str]) -> "WhatIf":
        """Suppose that these files are changed as well; who owns them is then not known."""
        return replace(self, subject=replace(self.subject, files=tuple(dict.fromkeys((*self.subject.files, *files)))))

    def with_evidence(self, name: str, facts: Mapping[str, FactValue], now: datetime) -> "WhatIf":
        """Suppose that evidence of this name was just shown for this very content."""
        definition = next((each for each in self.policy.evidence if each.name == name), None)
        if definition is None:
            return self
        shown = EvidenceSeen(
            id=f"{SUPPOSED}:{name}",
            predicate=definition.predicate,
            result_tree=self.subject.result_tree,
            change=self.subject.change,
            facts={key: Known(value=value, source=SUPPOSED) for key, value in facts.items()},
            finished_at=now,
            policy=self.digest,
            base=self.subject.base,
            dependency_lock=self.subject.dependency_lock,
        )
        return replace(self, evidence=(*self.evidence, shown))

    def with_approval(
        self, person: str, now: datetime, *, lenses: tuple[str, ...] = (), proof: ProofLevel = ProofLevel.LOGIN
    ) -> "WhatIf":
        """Suppose that a person of the policy approved this very content; the proof is no better than their keys."""
        subject = self.subject
        if subject.change is None or subject.result_tree is None:
            return self
        keys = next((each.keys for each in self.policy.people if each.id == person), ())
        key = next((each for each in keys if each.startswith("sk-")), next(iter(keys), ""))
        approval = ApprovalSeen(
            id=f"{SUPPOSED}:{person}",
            approver=Actor(kind=ActorKind.PERSON, id=person),
            proof=proof,
            lenses=lenses,
            approved=True,
            change=subject.change,
            result_tree=subject.result_tree,
            target=subject.target,
            given_at=now,
            key=key,
        )
        return replace(self, approvals=(*self.approvals, approval))
