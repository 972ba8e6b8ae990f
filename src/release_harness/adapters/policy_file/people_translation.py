"""Who is known by a policy: people, agents, teams, and the facts that others attach."""

import re
from collections.abc import Iterator

from release_harness.adapters.policy_file.names import Names
from release_harness.adapters.policy_file.shape_reader import Faults, items
from release_harness.adapters.policy_file.shapes import PolicyShape
from release_harness.adapters.policy_file.yaml_tree import Trail
from release_harness.kernel.paths import show_text
from release_harness.policy.catalog import FACTS
from release_harness.policy.model import Agent, CustomFact, Person, Team

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[bot\])?")
_KEY = re.compile(r"(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]{20,}={0,3}( .*)?")
_FACT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def read_people(shape: PolicyShape, faults: Faults) -> tuple[Person, ...]:
    """Return the people; each must be recognisable, and nothing may belong to two of them."""
    found = []
    for name, each in shape.people.items():
        trail: Trail = ("people", name)
        if not (each.emails or each.logins or each.keys) and not faults.within(trail):
            faults.add(trail, f"Nobody can tell who {show_text(name)!r} is.", expected="`emails`, `logins` or `keys`")
        _match(each.emails, (*trail, "emails"), _EMAIL, "an e-mail address", faults)
        _match(each.logins, (*trail, "logins"), _LOGIN, "a login without `@`", faults)
        _match(each.keys, (*trail, "keys"), _KEY, "a public key such as `ssh-ed25519 AAAA…`", faults)
        found.append(
            Person(id=name, name=each.name, emails=each.emails, logins=each.logins, keys=each.keys, roles=each.roles)
        )
    _blame_shared(shape, faults)
    return tuple(found)


def read_agents(shape: PolicyShape, faults: Faults) -> tuple[Agent, ...]:
    """Return the agents."""
    for name, each in shape.agents.items():
        trail: Trail = ("agents", name)
        if not (each.emails or each.names) and not faults.within(trail):
            faults.add(trail, f"Nobody can tell who {show_text(name)!r} is.", expected="`emails` or `names`")
        if name in shape.people:
            faults.add(trail, f"{show_text(name)!r} is a person as well.", expected="one or the other", key=True)
        _match(each.emails, (*trail, "emails"), _EMAIL, "an e-mail address", faults)
    return tuple(Agent(id=name, emails=each.emails, names=each.names) for name, each in shape.agents.items())


def read_teams(shape: PolicyShape, names: Names, faults: Faults) -> tuple[Team, ...]:
    """Return the teams; every member must be a person of the file."""
    for name, members in shape.teams.items():
        trail: Trail = ("teams", name)
        if not members and not faults.within(trail):
            faults.add(trail, f"The team {show_text(name)!r} has no members.", expected="ids of people")
        if name in names.people or name in names.agents:
            faults.add(
                trail, f"{show_text(name)!r} is a person or an agent as well.", expected="another name", key=True
            )
        for place, member in items(members, trail):
            faults.choose(place, "person", member, names.people)
    return tuple(Team(id=name, members=members) for name, members in shape.teams.items())


def read_custom_facts(shape: PolicyShape, faults: Faults) -> tuple[CustomFact, ...]:
    """Return the facts that others attach; none may take the name of a built-in one."""
    built_in = {each.name for each in FACTS}
    for name in shape.facts:
        trail: Trail = ("facts", name)
        if name in built_in:
            faults.add(trail, f"{name} is a built-in fact.", expected="another name", key=True)
        elif not _FACT.fullmatch(name):
            says = f"{show_text(name)!r} is no name of a fact."
            faults.add(trail, says, expected="words joined by a dot, such as `load_test.p99_seconds`", key=True)
    return tuple(
        CustomFact(name=name, type=each.type, description=each.description) for name, each in shape.facts.items()
    )


def _match(values: tuple[str, ...], trail: Trail, form: re.Pattern[str], expected: str, faults: Faults) -> None:
    for place, value in items(values, trail):
        if not form.fullmatch(value):
            faults.add(place, f"{show_text(value)!r} does not look right.", expected=expected)


def _blame_shared(shape: PolicyShape, faults: Faults) -> None:
    """An address, login or key of two people would let one act as the other; of an agent, as a person."""
    owner_of: dict[str, str] = {}
    for owner, place, value in _identities(shape):
        first = owner_of.setdefault(value, owner)
        if first != owner:
            faults.add(place, f"This belongs to {show_text(first)!r} as well.", expected="every identity once")


def _identities(shape: PolicyShape) -> Iterator[tuple[str, Trail, str]]:
    for name, person in shape.people.items():
        trail: Trail = ("people", name)
        for place, email in items(person.emails, (*trail, "emails")):
            yield name, place, f"email {email.lower()}"
        for place, login in items(person.logins, (*trail, "logins")):
            yield name, place, f"login {login.lower()}"
        for place, key in items(person.keys, (*trail, "keys")):
            yield name, place, f"key {' '.join(key.split()[:2])}"
    for name, agent in shape.agents.items():
        for place, email in items(agent.emails, ("agents", name, "emails")):
            yield name, place, f"email {email.lower()}"
