"""What is well formed in a policy and still does not do what its authors think."""

from collections.abc import Sequence

from release_harness.kernel.errors import Fault
from release_harness.policy.lint.asking import check_asking
from release_harness.policy.lint.deciding import check_conditions, check_decisive
from release_harness.policy.lint.naming import check_names
from release_harness.policy.lint.paths import check_paths
from release_harness.policy.lint.people import check_people
from release_harness.policy.model import Policy
from release_harness.policy.subject import Subject

__all__ = ["lint"]


def lint(policy: Policy, corpus: Sequence[Subject] = ()) -> tuple[Fault, ...]:
    """Return every fault of a policy, each with the path of the rule that has it.

    With a corpus of past changes, rules that never decided the tier of any of them are named too.
    """
    return (
        *check_names(policy),
        *check_paths(policy),
        *check_conditions(policy),
        *check_asking(policy),
        *check_people(policy),
        *check_decisive(policy, corpus),
    )
