"""What is well formed in a policy and in CODEOWNERS, and still does not do what its authors think?"""

from collections.abc import Iterator, Mapping, Sequence

from release_harness.kernel.errors import Fault
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.globs import index_paths
from release_harness.policy.identities import members_of
from release_harness.policy.lint import lint
from release_harness.policy.model import Policy
from release_harness.steps.project.model import Codeowners
from release_harness.steps.project.model.checks import LintFinding
from release_harness.steps.project.rules.codeowners import owner_rules_of

Places = Mapping[str, tuple[int, int]]
"""Line and column by the path of a rule, such as `surfaces.auth`."""


def find_lint(
    policy: Policy, source: str, places: Places, codeowners: Codeowners, paths: Sequence[str]
) -> tuple[LintFinding, ...]:
    """Return everything that was found, the policy first, each with its place in the file."""
    faults = (*lint(policy), *_empty_surfaces(policy, paths))
    found = [_finding(fault, source, places) for fault in faults]
    found.sort(key=lambda each: (each.line or 0, each.column or 0, each.path))
    return (*found, *_check_codeowners(policy, codeowners, paths))


def _finding(fault: Fault, source: str, places: Places) -> LintFinding:
    line, column = _place_of(fault.path, places)
    return LintFinding(
        source=source,
        line=line,
        column=column,
        path=fault.path,
        says=fault.says,
        expected=fault.expected,
        suggestion=fault.suggestion,
    )


def _place_of(path: str, places: Places) -> tuple[int | None, int | None]:
    """Find the place of a rule, or of the nearest thing around it."""
    while path:
        if path in places:
            return places[path]
        cut = max(path.rfind("."), path.rfind("["))
        path = path[: max(cut, 0)]
    return None, None


def _empty_surfaces(policy: Policy, paths: Sequence[str]) -> Iterator[Fault]:
    """A surface of one's own that matches nothing is misspelt or left over; the built-in ones wait for files to come."""
    built_in = {each.paths for each in DEFAULT_POLICY.surfaces}
    own = [each for each in policy.surfaces if each.paths not in built_in]
    if not paths:
        return
    split = index_paths(tuple(each.paths for each in own)).split(paths)
    for surface, files in zip(own, split, strict=True):
        if not files:
            says = f"No file of the repository belongs to the surface {surface.name}."
            yield Fault(path=f"surfaces.{surface.name}.paths", says=says)


def _check_codeowners(policy: Policy, codeowners: Codeowners, paths: Sequence[str]) -> Iterator[LintFinding]:
    for line in codeowners.unread_lines:
        yield _owners_finding(codeowners, line, "The line cannot be read, and is skipped.")
    deciding = {rule.line for path in paths for rule in owner_rules_of(codeowners, path)}
    told: set[str] = set()
    for rule in codeowners.rules:
        if paths and rule.line not in deciding and not rule.excludes:
            yield _owners_finding(
                codeowners, rule.line, f"The line {rule.pattern} decides for no file of the repository."
            )
        for owner in rule.owners:
            if policy.people and owner not in told and not members_of(policy, owner):
                told.add(owner)
                says = f"{owner} stands for nobody of the policy's people and teams, so its approval cannot be given."
                yield _owners_finding(codeowners, rule.line, says)


def _owners_finding(codeowners: Codeowners, line: int, says: str) -> LintFinding:
    return LintFinding(source=codeowners.source, line=line, column=1, path="", says=says)
