"""Reads every policy that judges a change from git objects, never from the work tree."""

from collections.abc import Sequence
from typing import Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import InputError
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.steps.project.model import Codeowners, PolicyInForce, ProjectFile, Rules, RulesFault
from release_harness.steps.project.ports import PolicyReader, TreeReader
from release_harness.steps.project.rules import CODEOWNERS_PATHS, join_rules, parse_codeowners

POLICY_PATH = ".rh/policy.yaml"
PROJECT_PATH = ".rh/project.yaml"
_CODEOWNERS_LIMIT_BYTES = 3_000_000
"""GitHub ignores a larger file, and so every owner in it; here that is a fault."""

_MEND_BASE = "Mend the file on the branch to land on, then bring the change up to date with it"
_MEND_CHANGE = "Mend the file in the change"


class RulesNeeds(Protocol):
    """What `rules_for` needs."""

    @property
    def repository(self) -> TreeReader:
        """Reads trees."""
        ...

    @property
    def policy_reader(self) -> PolicyReader:
        """Reads rule files."""
        ...


class _Place:
    """A tree that rules are read from."""

    __slots__ = ("asks", "name", "treeish")

    def __init__(self, treeish: str, name: str, asks: str) -> None:
        self.treeish = treeish
        self.name = name
        self.asks = asks


def rules_for(
    needs: RulesNeeds, *, merge_base: CommitId | None, base: CommitId | None, result_tree: TreeId | None
) -> Rules:
    """Return every policy that judges a change, its code owners and its project file.

    The policy is read where the change began, at the tip that it lands on and in its result; whichever differ all judge.
    A tree without a policy file is judged by the built-in one, so deleting the file takes nothing away. A file that
    cannot be read becomes a fault, which fails the change (`rules.judge_faults`).
    """
    places = _places(merge_base, base, result_tree)
    policies, faults = _read_policies(needs, places)
    codeowners = _read_codeowners(needs, base or merge_base or result_tree, faults)
    project = _read_project(needs, base or merge_base, result_tree, faults)
    return join_rules(policies, faults, codeowners, project)


def _places(merge_base: CommitId | None, base: CommitId | None, result_tree: TreeId | None) -> list[_Place]:
    places = []
    if merge_base:
        places.append(_Place(merge_base, f"{merge_base[:12]}, where the change began", _MEND_BASE))
    if base and base != merge_base:
        places.append(_Place(base, f"{base[:12]}, the tip to land on", _MEND_BASE))
    if result_tree:
        places.append(_Place(result_tree, "the result of the change", _MEND_CHANGE))
    return places


def _read_policies(needs: RulesNeeds, places: Sequence[_Place]) -> tuple[list[PolicyInForce], list[RulesFault]]:
    policies: list[PolicyInForce] = []
    faults: list[RulesFault] = []
    read: dict[bytes | None, None] = {}
    for place in places:
        text = needs.repository.read_file(place.treeish, POLICY_PATH)
        if text in read:
            continue
        read[text] = None
        source = f"{POLICY_PATH} at {place.name}"
        if text is None:
            policies.append(_built_in())
            continue
        try:
            policy = needs.policy_reader.read_policy(text, source)
        except InputError as error:
            faults.append(_fault(error, source, place.asks))
            continue
        policies.append(PolicyInForce(policy=policy, digest=policy_digest(policy), source=source))
    return policies or [_built_in()], faults


def _built_in() -> PolicyInForce:
    return PolicyInForce(policy=DEFAULT_POLICY, digest=policy_digest(DEFAULT_POLICY), source="built-in defaults")


def _fault(error: InputError, source: str, asks: str) -> RulesFault:
    details = tuple(fault.sentence() for fault in error.faults) or (error.says,)
    return RulesFault(source=source, says=error.says, details=details, asks=f"{asks}.")


def _read_codeowners(needs: RulesNeeds, treeish: str | None, faults: list[RulesFault]) -> Codeowners:
    """Read the owners from the base: a change does not name those who may approve it."""
    if treeish is None:
        return Codeowners()
    for path in CODEOWNERS_PATHS:
        text = needs.repository.read_file(treeish, path)
        if text is None:
            continue
        if len(text) > _CODEOWNERS_LIMIT_BYTES:
            says = f"{path} is {len(text):,} bytes long, more than the {_CODEOWNERS_LIMIT_BYTES:,} that are read."
            faults.append(RulesFault(source=path, says=says, details=(says,), asks="Shorten the file."))
            return Codeowners(source=path)
        return parse_codeowners(text.decode("utf-8", "surrogateescape"), path)
    return Codeowners()


def _read_project(
    needs: RulesNeeds, base: CommitId | None, result_tree: TreeId | None, faults: list[RulesFault]
) -> ProjectFile:
    """Read how the project is tested from the base; the change's own file counts only where the base has none."""
    places = ((base, "the base", _MEND_BASE), (result_tree, "the result of the change", _MEND_CHANGE))
    found: list[ProjectFile] = []
    seen: list[bytes] = []
    for treeish, name, asks in places:
        text = needs.repository.read_file(treeish, PROJECT_PATH) if treeish else None
        if text is None or text in seen:
            continue
        seen.append(text)
        source = f"{PROJECT_PATH} at {name}"
        try:
            found.append(needs.policy_reader.read_project(text, source))
        except InputError as error:
            # A file of the base that cannot be read does not hand the choice of commands to the change.
            found.append(ProjectFile())
            faults.append(_fault(error, source, asks))
    return found[0] if found else ProjectFile()
