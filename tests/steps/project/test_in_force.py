"""Which rules judge a change: those before it, those of the tip, and its own; nobody gets past a rule by breaking its file."""

from pathlib import Path

import pytest

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.verdict import Outcome
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.steps.project.flow import rules_for
from release_harness.steps.project.model import Rules
from release_harness.steps.project.rules import judge_faults
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.project_files import MemoryTrees

POLICY = b"version: 1\nrequire: { low: { evidence: [tests] }, medium: {}, high: {}, critical: {} }\n"
STRICT = POLICY + b"default_tier: critical\ntiers: [low, medium, high, critical]\n"
OTHER = POLICY + b"default_tier: high\ntiers: [low, medium, high, critical]\n"
BROKEN = b"version: 1\nrequire: { low: \n"
PROJECT = b"version: 1\ntest: { commands: [[make, test]] }\n"
OWN_PROJECT = b"version: 1\ntest: { commands: [['true']] }\n"

OLD, TIP, NEW = CommitId("a" * 40), CommitId("b" * 40), TreeId("c" * 40)


class _Needs:
    def __init__(self, trees: dict[str, dict[str, bytes]]) -> None:
        self.repository = MemoryTrees(trees)
        self.policy_reader = PolicyFileReader()


def _rules(old: dict[str, bytes], tip: dict[str, bytes] | None, new: dict[str, bytes]) -> Rules:
    trees = {OLD: old, TIP: old if tip is None else tip, NEW: new}
    return rules_for(_Needs(trees), merge_base=OLD, base=TIP, result_tree=NEW)


def _policy(text: bytes) -> dict[str, bytes]:
    return {".rh/policy.yaml": text}


def test_without_a_file_the_built_in_policy_judges() -> None:
    """Everything works without set-up."""
    rules = _rules({}, None, {})
    assert [each.policy for each in rules.policies] == [DEFAULT_POLICY]
    assert rules.digest == rules.policies[0].digest
    assert rules.policies[0].source == "built-in defaults"
    assert rules.faults == ()


def test_one_policy_everywhere_judges_once() -> None:
    """The common case has one policy and its digest."""
    rules = _rules(_policy(POLICY), None, _policy(POLICY))
    assert len(rules.policies) == 1
    assert rules.policies[0].source == ".rh/policy.yaml at aaaaaaaaaaaa, where the change began"


def test_a_change_of_the_policy_is_judged_by_old_and_new() -> None:
    """Otherwise a change could switch off the rule that would have refused it."""
    rules = _rules(_policy(STRICT), None, _policy(POLICY))
    assert [each.policy.default_tier for each in rules.policies] == ["critical", "medium"]
    assert rules.digest not in {each.digest for each in rules.policies}


def test_a_policy_that_moved_on_judges_too() -> None:
    """A rule that was made after the change began holds for it as well."""
    rules = _rules(_policy(POLICY), _policy(STRICT), _policy(OTHER))
    assert [each.policy.default_tier for each in rules.policies] == ["medium", "critical", "high"]


def test_a_reformatted_policy_is_the_same_policy() -> None:
    """Comments do not make a second judge."""
    rules = _rules(_policy(POLICY), None, _policy(b"# a word\n" + POLICY))
    assert len(rules.policies) == 1


def test_deleting_the_policy_takes_nothing_away() -> None:
    """The old policy judges the deletion, and the built-in one what would hold after it."""
    rules = _rules(_policy(STRICT), None, {})
    assert [each.source for each in rules.policies] == [
        ".rh/policy.yaml at aaaaaaaaaaaa, where the change began",
        "built-in defaults",
    ]
    assert rules.faults == ()


def test_a_first_policy_is_judged_by_the_built_in_one_as_well() -> None:
    """Somebody's first policy file must not be the way around the rules that held before it."""
    rules = _rules({}, None, _policy(POLICY))
    assert rules.policies[0].policy == DEFAULT_POLICY
    assert len(rules.policies) == 2


def test_breaking_the_policy_fails_the_change() -> None:
    """Trap: a policy that cannot be read is skipped, and so approves. Here the old one judges and the break fails."""
    rules = _rules(_policy(STRICT), None, _policy(BROKEN))
    assert [each.policy.default_tier for each in rules.policies] == ["critical"]
    verdicts = judge_faults(rules)
    assert [each.outcome for each in verdicts] == [Outcome.FAIL]
    assert verdicts[0].rule == "rules-file:.rh/policy.yaml at the result of the change"
    assert verdicts[0].actions[0].do == "Mend the file in the change."
    assert rules.digest != rules.policies[0].digest


def test_a_broken_policy_on_the_base_fails_too() -> None:
    """Nobody knows what it would have asked, so nothing passes until it is mended."""
    rules = _rules(_policy(BROKEN), None, _policy(BROKEN))
    assert [each.policy for each in rules.policies] == [DEFAULT_POLICY]
    assert [each.outcome for each in judge_faults(rules)] == [Outcome.FAIL]


def test_a_symbolic_link_as_policy_fails() -> None:
    """Git gives the target of a link as its content; that is no policy, and it must not count as none."""
    rules = _rules(_policy(STRICT), None, _policy(b"../elsewhere.yaml"))
    assert len(rules.faults) == 1


def test_owners_are_read_from_the_base() -> None:
    """A change does not name those who may approve it."""
    rules = _rules({}, {"CODEOWNERS": b"* @ana\n"}, {".github/CODEOWNERS": b"* @mallory\n"})
    assert rules.codeowners.rules[0].owners == ("@ana",)


def test_owners_of_an_overlong_file_are_a_fault() -> None:
    """GitHub ignores such a file, and every owner in it; here it fails instead."""
    rules = _rules({"CODEOWNERS": b"# " + b"x" * 3_000_001}, None, {})
    assert [each.source for each in rules.faults] == ["CODEOWNERS"]


def test_the_base_says_how_the_project_is_tested() -> None:
    """A change must not replace the test command by one that always succeeds."""
    both = _rules({".rh/project.yaml": PROJECT}, None, {".rh/project.yaml": OWN_PROJECT})
    assert both.project.test.commands == (("make", "test"),)
    first = _rules({}, None, {".rh/project.yaml": OWN_PROJECT})
    assert first.project.test.commands == (("true",),)


def test_a_broken_project_file_of_the_base_hands_nothing_to_the_change() -> None:
    """A fault on the base must not let the change choose the commands."""
    rules = _rules({".rh/project.yaml": b"version: 3\n"}, None, {".rh/project.yaml": OWN_PROJECT})
    assert rules.project.test.commands == ()
    assert len(rules.faults) == 1


def test_a_change_that_breaks_the_project_file_fails() -> None:
    """After such a landing no change could be tested."""
    rules = _rules({".rh/project.yaml": PROJECT}, None, {".rh/project.yaml": b"test: {}\n"})
    assert rules.project.test.commands == (("make", "test"),)
    assert [each.outcome for each in judge_faults(rules)] == [Outcome.FAIL]


def test_a_root_commit_is_judged_by_what_there_is() -> None:
    """Without a base there is the result only; it brings its own rules, and nothing is lower than before."""
    needs = _Needs({NEW: _policy(POLICY) | {"CODEOWNERS": b"* @ana\n"}})
    rules = rules_for(needs, merge_base=None, base=None, result_tree=NEW)
    assert len(rules.policies) == 1
    assert rules.codeowners.rules[0].owners == ("@ana",)


def test_a_change_that_does_not_merge_is_judged_by_the_base() -> None:
    """Without a result tree there is no new policy to read, and the old ones hold."""
    rules = rules_for(_Needs({OLD: _policy(STRICT)}), merge_base=OLD, base=OLD, result_tree=None)
    assert [each.policy.default_tier for each in rules.policies] == ["critical"]


@pytest.mark.slow
def test_the_rules_of_a_real_repository_are_read(tmp_path: Path) -> None:
    """The same through git itself, with a policy that the change edits; starts git several times."""
    from release_harness.adapters.git import GitProgram

    repository = GitRepository.create(tmp_path / "r")
    base = repository.commit({".rh/policy.yaml": STRICT, "CODEOWNERS": "* @ana\n"})
    repository.commit({".rh/policy.yaml": POLICY})
    tree = repository.git("rev-parse", "HEAD^{tree}")

    class Needs:
        repository = GitProgram(tmp_path / "r", {})
        policy_reader = PolicyFileReader()

    rules = rules_for(Needs(), merge_base=CommitId(base), base=CommitId(base), result_tree=TreeId(tree))
    assert [each.policy.default_tier for each in rules.policies] == ["critical", "medium"]
    assert rules.codeowners.source == "CODEOWNERS"
