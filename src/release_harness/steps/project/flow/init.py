"""Looks at a repository, and writes its rule files; what is there is overwritten only when somebody says so."""

import difflib
from typing import Protocol

from release_harness.kernel.errors import Bug, InputError
from release_harness.kernel.paths import show_text
from release_harness.policy.model import Policy
from release_harness.steps.project.flow.in_force import POLICY_PATH, PROJECT_PATH
from release_harness.steps.project.model import ProjectFile
from release_harness.steps.project.model.init import (
    FilePlan,
    InitReport,
    PresentRules,
    RepositoryFacts,
)
from release_harness.steps.project.ports import PolicyReader, WorkFolder
from release_harness.steps.project.rules.policy_writing import write_policy
from release_harness.steps.project.rules.project_writing import write_project
from release_harness.steps.project.rules.proposals import find_gaps, propose, remarks_on
from release_harness.steps.project.rules.test_commands import MANIFEST_NAMES

_MANIFEST_LIMIT_BYTES = 1_000_000


class InitNeeds(Protocol):
    """What `rh init` needs."""

    @property
    def work_folder(self) -> WorkFolder:
        """The files of the work tree."""
        ...

    @property
    def policy_reader(self) -> PolicyReader:
        """Reads rule files."""
        ...


def initialise(needs: InitNeeds, *, check_only: bool, overwrite: bool) -> InitReport:
    """Write the rule files that are missing, and those that differ when `overwrite` is set; `check_only` writes nothing."""
    facts = _look(needs.work_folder)
    present = _read_present(needs)
    proposal = propose(facts, present)
    policy_text, project_text = write_policy(proposal), write_project(proposal)
    policy, project = _read_back(needs.policy_reader, policy_text, project_text)
    plans = [
        _plan(needs.work_folder, POLICY_PATH, policy_text, means_the_same=policy == present.policy),
        _plan(needs.work_folder, PROJECT_PATH, project_text, means_the_same=project == present.project),
    ]
    gaps = find_gaps(proposal, present)
    done = tuple(_carry_out(needs.work_folder, each, check_only=check_only, overwrite=overwrite) for each in plans)
    return InitReport(
        files=done,
        proposal=proposal,
        findings=gaps,
        remarks=() if check_only else remarks_on(proposal),
        checked_only=check_only,
    )


def _look(folder: WorkFolder) -> RepositoryFacts:
    paths = tuple(folder.list_paths())
    known = set(paths)
    manifests = []
    for name in MANIFEST_NAMES:
        text = folder.read(name) if name in known else None
        if text is not None and len(text) <= _MANIFEST_LIMIT_BYTES:
            manifests.append((name, text.decode("utf-8", "replace")))
    return RepositoryFacts(paths=paths, manifests=tuple(manifests), history=folder.history())


def _read_present(needs: InitNeeds) -> PresentRules:
    """Read the rule files that are there; one that cannot be read is said, and never overwritten for that reason alone."""
    faults: list[str] = []
    policy = project = None
    text = needs.work_folder.read(POLICY_PATH)
    try:
        policy = needs.policy_reader.read_policy(text, POLICY_PATH) if text is not None else None
    except InputError as error:
        faults.append(_say(error))
    text = needs.work_folder.read(PROJECT_PATH)
    try:
        project = needs.policy_reader.read_project(text, PROJECT_PATH) if text is not None else None
    except InputError as error:
        faults.append(_say(error))
    return PresentRules(policy=policy, project=project, faults=tuple(faults))


def _say(error: InputError) -> str:
    first = f" The first: {error.faults[0].sentence()}" if error.faults else ""
    return f"{error.says}{first}"


def _plan(folder: WorkFolder, path: str, content: str, *, means_the_same: bool) -> FilePlan:
    there = folder.read(path)
    before = "" if there is None else there.decode("utf-8", "replace")
    state = "missing" if there is None else "same" if means_the_same or before == content else "differs"
    lines = difflib.unified_diff(
        before.splitlines(),
        content.splitlines(),
        fromfile="/dev/null" if there is None else f"a/{path}",
        tofile=f"b/{path}",
        lineterm="",
    )
    diff = "" if state == "same" else "\n".join(show_text(line) for line in lines)
    return FilePlan(path=path, state=state, content=content, diff=diff)


def _read_back(reader: PolicyReader, policy: str, project: str) -> tuple[Policy, ProjectFile]:
    """What rh writes, rh must be able to read; a file that it cannot read is never put into a repository."""
    try:
        return reader.read_policy(policy.encode(), POLICY_PATH), reader.read_project(project.encode(), PROJECT_PATH)
    except InputError as error:
        raise Bug(
            code="INIT_WROTE_FAULTY_FILE",
            says=f"The proposed file cannot be read back: {_say(error)}",
            hint="Nothing was written. Report it with the list of files of the repository.",
            faults=error.faults,
        ) from error


def _carry_out(folder: WorkFolder, plan: FilePlan, *, check_only: bool, overwrite: bool) -> FilePlan:
    if check_only or plan.state == "same" or (plan.state == "differs" and not overwrite):
        return plan
    folder.write(plan.path, plan.content.encode())
    return FilePlan(path=plan.path, state=plan.state, content=plan.content, diff=plan.diff, written=True)
