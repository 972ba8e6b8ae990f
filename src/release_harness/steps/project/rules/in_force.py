"""Which policies judge a change, and what does a rule file mean that cannot be read?"""

from collections.abc import Sequence

from release_harness.kernel.digests import PolicyDigest, canonical_json, digest_bytes
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.steps.project.model import Codeowners, PolicyInForce, ProjectFile, Rules, RulesFault


def join_rules(
    policies: Sequence[PolicyInForce],
    faults: Sequence[RulesFault],
    codeowners: Codeowners,
    project: ProjectFile,
) -> Rules:
    """Put together what judges a change; the same policy read in two places judges once."""
    distinct = tuple({each.digest: each for each in reversed(policies)}.values())[::-1]
    return Rules(
        policies=distinct,
        codeowners=codeowners,
        project=project,
        digest=_digest(distinct, faults),
        faults=tuple(faults),
    )


def judge_faults(rules: Rules) -> tuple[Verdict, ...]:
    """Return one failing verdict for every rule file that could not be read.

    They stand beside the verdicts of the policies and the strictest answer holds, so that nobody lands a change by
    breaking the file that would have refused it.
    """
    return tuple(
        Verdict(
            outcome=Outcome.FAIL,
            says=f"{show_text(each.says)} Nobody knows what it would have asked.",
            rule=f"rules-file:{each.source}",
            seen="; ".join(show_text(detail) for detail in each.details),
            wanted="a file without faults",
            actions=(NextAction(do=each.asks, command="rh policy check", who="author"),),
        )
        for each in rules.faults
    )


def _digest(policies: Sequence[PolicyInForce], faults: Sequence[RulesFault]) -> PolicyDigest:
    if len(policies) == 1 and not faults:
        return policies[0].digest
    whole = {
        "policies": [each.digest for each in policies],
        "faults": [[each.source, *each.details] for each in faults],
    }
    return PolicyDigest(digest_bytes(canonical_json(whole)))
