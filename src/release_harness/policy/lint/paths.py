"""Path sets that match nothing, something else than was meant, or what another one already covers."""

import re
from collections.abc import Iterator

from release_harness.kernel.errors import Fault
from release_harness.policy.glob_patterns import glob_fault
from release_harness.policy.model import FilesTest, PathSet, Policy, Surface
from release_harness.policy.scene import conditions_in, conditions_of

_ROUTE = re.compile(r"(?:^|/)\[(?:\.\.\.)?[A-Za-z][A-Za-z_]{2,}\](?:/|\.|$)")
"""`app/[slug]/page.tsx`: a folder of that name is meant, and one character is written."""


def check_paths(policy: Policy) -> Iterator[Fault]:
    """Check every path set of a policy, and surfaces that stand in the shadow of others."""
    for path, paths in _path_sets(policy):
        yield from _check_set(path, paths)
    for surface in policy.surfaces:
        for other in policy.surfaces:
            if surface is not other and _is_shadowed(policy, surface, other):
                says = f"Whatever {surface.name} matches is also in {other.name}, which asks for no less; {surface.name} never decides."
                yield Fault(path=f"surfaces.{surface.name}", says=says)
                break


def _path_sets(policy: Policy) -> Iterator[tuple[str, PathSet]]:
    for surface in policy.surfaces:
        yield f"surfaces.{surface.name}.paths", surface.paths
    for lowered in policy.lower_rules:
        yield f"lower.{lowered.id}.only", lowered.only
    for rule, condition in conditions_of(policy):
        for part in conditions_in(condition):
            if isinstance(part, FilesTest):
                yield rule.replace(":", ".", 1), part.paths


def _check_set(path: str, paths: PathSet) -> Iterator[Fault]:
    if not paths.rules:
        yield Fault(
            path=path, says="There is no path, so it is never known what matches.", expected="at least one path pattern"
        )
    seen: set[tuple[str, bool]] = set()
    for index, rule in enumerate(paths.rules):
        place = f"{path}[{index}]"
        fault = glob_fault(rule.glob.text)
        if fault:
            yield Fault(path=place, says=fault)
        if rule.negated and not any(not each.negated for each in paths.rules[:index]):
            yield Fault(path=place, says=f"!{rule.glob.text} takes out what nothing has put in before it.")
        if (rule.glob.text, rule.negated) in seen:
            yield Fault(path=place, says=f"{rule.glob.text} stands there twice.")
        if _ROUTE.search(rule.glob.text):
            says = f"{rule.glob.text} names one character of a class, not a folder with brackets in its name."
            yield Fault(path=place, says=says, expected="`\\[` and `\\]` for brackets that stand for themselves")
        seen.add((rule.glob.text, rule.negated))
    if paths.rules and paths.rules[-1].negated and paths.rules[-1].glob.text == "**":
        yield Fault(path=path, says="The last line takes everything out again, so nothing ever matches.")


def _is_shadowed(policy: Policy, surface: Surface, other: Surface) -> bool:
    """Tell whether a surface can never make a difference beside another; it errs towards no."""
    if surface.tier not in policy.tiers or other.tier not in policy.tiers:
        return False
    if policy.rank(other.tier) < policy.rank(surface.tier) or surface.hard > other.hard:
        return False
    if not set(surface.evidence) <= set(other.evidence) or not set(surface.lenses) <= set(other.lenses):
        return False
    if not set(surface.owners) <= set(other.owners) or any(rule.negated for rule in other.paths.rules):
        return False
    if surface.paths == other.paths and policy.surfaces.index(surface) < policy.surfaces.index(other):
        return False
    mine = [rule.glob.text for rule in surface.paths.rules if not rule.negated]
    theirs = [rule.glob.text for rule in other.paths.rules]
    return bool(mine) and all(any(_covers(wide, narrow) for wide in theirs) for narrow in mine)


def _covers(wide: str, narrow: str) -> bool:
    wide, narrow = wide.removeprefix("/"), narrow.removeprefix("/")
    if wide in ("**", narrow):
        return True
    folder = wide.removesuffix("**") if wide.endswith("/**") else wide if wide.endswith("/") else ""
    plain = folder and not any(char in folder for char in "*?[\\")
    return bool(plain) and narrow.startswith(folder) and narrow != folder
