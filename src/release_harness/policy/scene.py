"""What the rules of one policy look at: the subject, with every path set of the policy matched against its files once."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from release_harness.kernel.facts import Facts
from release_harness.kernel.records import record
from release_harness.policy.globs import glob_fault, index_paths
from release_harness.policy.model import AllOf, AnyOf, Condition, FilesTest, Not, PathSet, Policy
from release_harness.policy.subject import Subject


@record
class Scene:
    """A subject seen through one policy; the same for every rule of it."""

    policy: Policy
    subject: Subject
    matched: Mapping[PathSet, tuple[str, ...] | None]
    """The files of each path set; None when a pattern of it is malformed."""
    facts: Facts

    def with_facts(self, facts: Facts) -> "Scene":
        """Return the same scene with other facts, such as those of one piece of evidence."""
        return Scene(policy=self.policy, subject=self.subject, matched=self.matched, facts=facts)


def set_scene(policy: Policy, subject: Subject) -> Scene:
    """Match every path set of the policy against the files of the subject, in one walk over them."""
    well_formed, malformed = _path_sets(policy)
    found = index_paths(well_formed).split(subject.files)
    matched: dict[PathSet, tuple[str, ...] | None] = dict(zip(well_formed, found, strict=True))
    matched.update(dict.fromkeys(malformed))
    return Scene(policy=policy, subject=subject, matched=matched, facts=subject.facts)


def conditions_in(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and everything inside it."""
    yield condition
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from conditions_in(part)
    elif isinstance(condition, Not):
        yield from conditions_in(condition.condition)


def conditions_of(policy: Policy) -> Iterator[tuple[str, Condition]]:
    """Yield every condition of a policy with the id of the rule that it belongs to."""
    for raised in policy.raise_rules:
        yield f"raise:{raised.id}", raised.when
    for lowered in policy.lower_rules:
        if lowered.when is not None:
            yield f"lower:{lowered.id}", lowered.when
    for evidence in policy.evidence:
        yield f"evidence:{evidence.name}", evidence.when


@lru_cache(maxsize=16)
def _path_sets(policy: Policy) -> tuple[tuple[PathSet, ...], tuple[PathSet, ...]]:
    sets = dict.fromkeys(surface.paths for surface in policy.surfaces)
    for _, condition in conditions_of(policy):
        sets.update(dict.fromkeys(each.paths for each in conditions_in(condition) if isinstance(each, FilesTest)))
    split: dict[bool, list[PathSet]] = {True: [], False: []}
    for each in sets:
        split[_is_well_formed(each)].append(each)
    return tuple(split[True]), tuple(split[False])


def _is_well_formed(paths: PathSet) -> bool:
    return bool(paths.rules) and not any(glob_fault(rule.glob.text) for rule in paths.rules)
