"""What the rules of a project say: who owns a file, and what a rule file that cannot be read means for a verdict."""

from release_harness.steps.project.rules.codeowners import (
    CODEOWNERS_PATHS,
    owner_rules_of,
    owners_of,
    parse_codeowners,
)
from release_harness.steps.project.rules.in_force import join_rules, judge_faults

__all__ = ["CODEOWNERS_PATHS", "join_rules", "judge_faults", "owner_rules_of", "owners_of", "parse_codeowners"]
