"""Finds the policies that a backtest is about: files, revisions, the built-in one."""

from typing import Protocol

from release_harness.kernel.errors import NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.model import Policy
from release_harness.steps.changes.ports import Repository
from release_harness.steps.project.flow.in_force import POLICY_PATH
from release_harness.steps.project.ports import PolicyReader, TreeReader

BUILT_IN = "built-in"


class NamedFiles(Protocol):
    """Reads files that a person named."""

    def read_named(self, name: str) -> bytes:
        """Return the content of a file; raises NotFound."""
        ...


class RepositoryOfRisk(Repository, TreeReader, Protocol):
    """Reads commits and files."""


class PoliciesNeeds(Protocol):
    """What finding a policy needs."""

    @property
    def repository(self) -> RepositoryOfRisk:
        """Reads commits and files."""
        ...

    @property
    def policy_reader(self) -> PolicyReader:
        """Reads rule files."""
        ...

    @property
    def work_folder(self) -> NamedFiles:
        """Reads files that a person named."""
        ...


@record
class NamedPolicy:
    """A policy with the name that it was asked by."""

    name: str
    policy: Policy


def find_policy(needs: PoliciesNeeds, name: str) -> NamedPolicy:
    """Return the policy of a file, else of a revision, else the built-in one when it is called so; raises NotFound."""
    if name == BUILT_IN:
        return NamedPolicy(name=BUILT_IN, policy=DEFAULT_POLICY)
    try:
        text = needs.work_folder.read_named(name)
    except NotFound as missing:
        return _of_revision(needs, name, missing)
    return NamedPolicy(name=name, policy=needs.policy_reader.read_policy(text, name))


def policy_at(needs: PoliciesNeeds, commit: str) -> NamedPolicy:
    """Return the policy that a commit holds, or the built-in one when it holds none."""
    text = needs.repository.read_file(commit, POLICY_PATH)
    if text is None:
        return NamedPolicy(name=f"{BUILT_IN} (no {POLICY_PATH})", policy=DEFAULT_POLICY)
    return NamedPolicy(name=POLICY_PATH, policy=needs.policy_reader.read_policy(text, POLICY_PATH))


def _of_revision(needs: PoliciesNeeds, name: str, missing: NotFound) -> NamedPolicy:
    commit = needs.repository.resolve([name]).get(name)
    if commit is None:
        raise NotFound(
            code="POLICY_NOT_FOUND",
            says=f"{show_text(name)} is neither a policy file nor a revision of this repository.",
            hint=f"Name a file, a revision that holds {POLICY_PATH}, or `{BUILT_IN}`.",
            subject=name,
        ) from missing
    found = policy_at(needs, commit)
    return NamedPolicy(name=f"{found.name} at {show_text(name)}", policy=found.policy)
