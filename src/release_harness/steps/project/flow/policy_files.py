"""Checks, lints and tests the policy as it stands in the work tree; nothing is judged or recorded."""

from typing import Protocol

from release_harness.kernel.errors import Fault, InputError, NotFound
from release_harness.kernel.time import Clock
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.policy.model import Policy
from release_harness.steps.project.flow.in_force import POLICY_PATH, PROJECT_PATH
from release_harness.steps.project.model import Codeowners, PolicyCase, ProjectFile
from release_harness.steps.project.model.checks import CheckedFile, PolicyChecked, PolicyLinted, PolicyTested
from release_harness.steps.project.ports import PolicyReader, WorkFolder
from release_harness.steps.project.rules import CODEOWNERS_PATHS, parse_codeowners

CASES_PATH = ".rh/policy.tests.yaml"
_BUILT_IN = "built-in defaults"


class PolicyNeeds(Protocol):
    """What the policy commands need."""

    @property
    def work_folder(self) -> WorkFolder:
        """The files of the work tree."""
        ...

    @property
    def policy_reader(self) -> PolicyReader:
        """Reads rule files."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...


def check_files(needs: PolicyNeeds, named: str) -> PolicyChecked:
    """Read the named file, or every rule file of the work tree; raises InputError with the faults of all of them."""
    if named:
        texts = [(named, needs.work_folder.read_named(named))]
    else:
        places = (POLICY_PATH, PROJECT_PATH, CASES_PATH)
        texts = [(path, text) for path in places if (text := needs.work_folder.read(path)) is not None]
    checked: list[CheckedFile] = []
    refused: list[InputError] = []
    for source, text in texts:
        try:
            checked.append(_check(needs.policy_reader, source, text))
        except InputError as error:
            refused.append(error)
    if refused:
        raise _join(refused)
    return PolicyChecked(files=tuple(checked))


def _join(refused: list[InputError]) -> InputError:
    if len(refused) == 1:
        return refused[0]
    faults: list[Fault] = [fault for error in refused for fault in error.faults]
    return InputError(
        code=refused[0].code,
        says=" ".join(error.says for error in refused),
        hint=refused[0].hint,
        faults=faults,
    )


def _check(reader: PolicyReader, source: str, text: bytes) -> CheckedFile:
    name = source.rpartition("/")[2]
    if name.startswith("project."):
        return _describe_project(reader.read_project(text, source), source)
    if ".tests." in name:
        return CheckedFile(source=source, kind="cases", holds=(("case", len(reader.read_cases(text, source))),))
    return _describe_policy(reader.read_policy(text, source), source, reader.places(text, source))


def _describe_policy(policy: Policy, source: str, places: dict[str, tuple[int, int]]) -> CheckedFile:
    counted = {
        "tier": policy.tiers,
        "surface": policy.surfaces,
        "raise rule": policy.raise_rules,
        "lower rule": policy.lower_rules,
        "evidence definition": policy.evidence,
        "person": policy.people,
        "agent": policy.agents,
        "team": policy.teams,
        "custom fact": policy.facts,
    }
    added = [f"the built-in {key}" for key in ("tiers", "surfaces", "raise") if key not in places]
    if "surfaces" in places:
        silent = [each.name for each in policy.surfaces if f"surfaces.{each.name}" not in places]
        added += [f"the built-in surface {name}, since none is hard around the policy itself" for name in silent]
    unwritten = [each.name for each in policy.evidence if f"evidence.{each.name}" not in places]
    added += [f"the built-in evidence {name}" for name in unwritten]
    return CheckedFile(
        source=source,
        kind="policy",
        holds=tuple((word, len(items)) for word, items in counted.items() if items),
        digest=policy_digest(policy),
        added=tuple(added),
    )


def _describe_project(project: ProjectFile, source: str) -> CheckedFile:
    counted = {"test command": project.test.commands, "migration folder": project.migrations}
    return CheckedFile(
        source=source, kind="project", holds=tuple((word, len(items)) for word, items in counted.items() if items)
    )


def lint_policy(needs: PolicyNeeds, named: str) -> PolicyLinted:
    """Look for rules that do nothing, or not what their authors think."""
    # The linter and everything that it looks at are imported by this command alone.
    from release_harness.steps.project.rules.linting import find_lint

    policy, source, text = _read_policy(needs, named)
    places = needs.policy_reader.places(text, source) if text is not None else {}
    paths = needs.work_folder.list_paths()
    codeowners = Codeowners()
    for path in CODEOWNERS_PATHS:
        owners = needs.work_folder.read(path)
        if owners is not None:
            codeowners = parse_codeowners(owners.decode("utf-8", "surrogateescape"), path)
            break
    return PolicyLinted(source=source, findings=find_lint(policy, source, places, codeowners, paths))


def check_cases(needs: PolicyNeeds, named: tuple[str, ...], policy_file: str) -> PolicyTested:
    """Put the cases of the named files, or of `.rh/policy.tests.yaml`, to the policy."""
    from release_harness.steps.project.rules.cases import run_case

    now = needs.clock.now()
    policy, source, _ = _read_policy(needs, policy_file)
    digest = policy_digest(policy)
    cases = _read_cases(needs, named)
    results = tuple(run_case(policy, digest, case, now) for case in cases)
    return PolicyTested(policy=source, digest=digest, results=results)


def _read_cases(needs: PolicyNeeds, named: tuple[str, ...]) -> tuple[PolicyCase, ...]:
    if named:
        texts = [(name, needs.work_folder.read_named(name)) for name in named]
    else:
        text = needs.work_folder.read(CASES_PATH)
        if text is None:
            raise NotFound(
                code="NO_CASES",
                says=f"There is no {CASES_PATH}.",
                hint="Write cases there (facts in, expected tier and outcome out), or name a file of cases.",
                subject=CASES_PATH,
            )
        texts = [(CASES_PATH, text)]
    return tuple(case for name, text in texts for case in needs.policy_reader.read_cases(text, name))


def _read_policy(needs: PolicyNeeds, named: str) -> tuple[Policy, str, bytes | None]:
    source = named or POLICY_PATH
    text = needs.work_folder.read_named(named) if named else needs.work_folder.read(POLICY_PATH)
    if text is None:
        return DEFAULT_POLICY, _BUILT_IN, None
    return needs.policy_reader.read_policy(text, source), source, text
