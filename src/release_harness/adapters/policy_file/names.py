"""Which names may a policy file use, and of what type is each fact?

Names are taken from the keys of the file as it stands, also of parts that were blamed for something else: a surface with
a fault in it is no unknown surface.
"""

from collections.abc import Mapping

from release_harness.adapters.policy_file.shape_reader import Faults, kept
from release_harness.adapters.policy_file.shapes import PolicyShape
from release_harness.kernel.records import Plain, record
from release_harness.policy.catalog import FACTS
from release_harness.policy.defaults import DEFAULT_POLICY, OFFERED_EVIDENCE
from release_harness.policy.identities import AGENT_EMAILS, AGENT_LOGINS
from release_harness.policy.model import EvidenceDefinition


@record
class Names:
    """Everything that can be referred to."""

    tiers: tuple[str, ...]
    surfaces: tuple[str, ...]
    evidence: tuple[str, ...]
    people: tuple[str, ...]
    agents: tuple[str, ...]
    teams: tuple[str, ...]
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    fact_types: Mapping[str, str]

    def authors(self) -> tuple[str, ...]:
        """Return who can have written a change: people, agents (also the well-known ones), teams and roles."""
        return (*self.people, *self.agents, *self.groups(), *AGENT_EMAILS.values(), *AGENT_LOGINS.values())

    def groups(self) -> tuple[str, ...]:
        """Return what people can belong to: teams and roles."""
        return (*self.teams, *self.roles)


def built_in_evidence() -> Mapping[str, EvidenceDefinition]:
    """Return the definitions that a file may refer to without writing them out."""
    return {each.name: each for each in OFFERED_EVIDENCE}


def names_of(shape: PolicyShape, faults: Faults) -> Names:
    """Collect the names of one file and the built-in ones."""
    whole = faults.tree.value
    keys = whole if isinstance(whole, dict) else {}
    types = {each.name: each.type for each in FACTS}
    types |= {name: each.type for name, each in shape.facts.items() if name not in types and each.type}
    surfaces = (
        _keys(keys.get("surfaces")) if "surfaces" in keys else tuple(each.name for each in DEFAULT_POLICY.surfaces)
    )
    rules = [each.id for each in kept(shape.raise_)] + [each.id for each in kept(shape.lower)]
    if "raise" not in keys:
        rules += [each.id for each in DEFAULT_POLICY.raise_rules]
    return Names(
        tiers=tuple(kept(shape.tiers)) if shape.tiers else DEFAULT_POLICY.tiers,
        surfaces=(*surfaces, *(() if "harness" in surfaces else ("harness",))),
        evidence=tuple(dict.fromkeys((*_keys(keys.get("evidence")), *built_in_evidence()))),
        people=_keys(keys.get("people")),
        agents=_keys(keys.get("agents")),
        teams=_keys(keys.get("teams")),
        roles=tuple(dict.fromkeys(role for person in shape.people.values() for role in kept(person.roles))),
        rules=tuple(rules),
        fact_types=types,
    )


def _keys(value: Plain) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()
