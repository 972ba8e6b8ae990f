"""Identities are whole and structured: never a part of a name, never a name alone."""

from dataclasses import replace

import pytest

from release_harness.kernel.identity import Actor, ActorKind
from release_harness.policy.identities import (
    identify,
    is_identity,
    is_own_key,
    knows_identity,
    members_of,
    person_of,
    person_with_key,
    seen_by,
)
from release_harness.policy.model import Agent, Team
from release_harness.testing.policies import ANA, BO, CLARA, PEOPLE, actor, small_policy

POLICY = replace(
    small_policy(teams=(Team(id="data", members=("clara", "ghost")), Team(id="acme/sec", members=("bo",)))),
    agents=(Agent(id="housebot", emails=("House@Example.org",), names=("House Bot",)),),
)
AGENT, PERSON, UNKNOWN = ActorKind.AGENT, ActorKind.PERSON, ActorKind.UNKNOWN


@pytest.mark.parametrize(
    ("name", "email", "kind", "identity"),
    [
        ("Ana", "ana@example.org", PERSON, "ana"),
        ("Anything", "ANA@Example.ORG", PERSON, "ana"),
        ("ana", "ana@example.org.evil.net", UNKNOWN, "ana@example.org.evil.net"),
        ("ana", "xana@example.org", UNKNOWN, "xana@example.org"),
        ("Ana", "", UNKNOWN, "unknown"),
        ("", "", UNKNOWN, "unknown"),
        ("x", "77+ana@users.noreply.github.com", PERSON, "ana"),
        ("x", "ana@users.noreply.github.com", PERSON, "ana"),
        ("x", "77+ana-x@users.noreply.github.com", UNKNOWN, "77+ana-x@users.noreply.github.com"),
        ("x", "77+ana@users.noreply.github.com.evil.net", UNKNOWN, "77+ana@users.noreply.github.com.evil.net"),
        ("House Bot", "any@example.net", AGENT, "housebot"),
        ("x", "house@example.org", AGENT, "housebot"),
        ("Claude", "noreply@anthropic.com", AGENT, "claude"),
        ("Claude Opus 4.5", "noreply@anthropic.com", AGENT, "claude"),
        ("Claude", "claude@dupont.fr", UNKNOWN, "claude@dupont.fr"),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", AGENT, "copilot"),
        ("copilot-swe-agent[bot]", "198982749+copilot-swe-agent[bot]@users.noreply.github.com", AGENT, "copilot"),
        ("Cursor Agent", "cursoragent@cursor.com", AGENT, "cursor"),
        ("devin-ai-integration[bot]", "x@y.z", AGENT, "devin"),
        ("google-labs-jules[bot]", "161369871+google-labs-jules[bot]@users.noreply.github.com", AGENT, "jules"),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", AGENT, "dependabot"),
        ("dependabot-fan", "fan@example.net", UNKNOWN, "fan@example.net"),
        ("not dependabot", "dependabot@evil.net", UNKNOWN, "dependabot@evil.net"),
        ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com", AGENT, "renovate"),
        ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com", AGENT, "github-actions"),
        ("made-up[bot]", "x@y.z", AGENT, "made-up"),
        ("made up[bot]", "x@y.z", UNKNOWN, "x@y.z"),
        ("[bot]", "x@y.z", UNKNOWN, "x@y.z"),
        ("x[bot] y", "x@y.z", UNKNOWN, "x@y.z"),
        ("", "project_12_bot_0a1b@noreply.gitlab.example.org", AGENT, "project_12_bot_0a1b"),
    ],
)
def test_who_somebody_is(name: str, email: str, kind: ActorKind, identity: str) -> None:
    """The table is exact on purpose: a rule for a substring of a login trusts everybody who registers one."""
    found = identify(POLICY, name, email)

    assert (found.kind, found.id) == (kind, identity)


def test_an_agent_with_a_persons_address_stays_an_agent_and_names_the_person() -> None:
    """Aider commits as its user; the word of an agent never becomes the word of the person."""
    found = identify(POLICY, "Bo (aider)", "bo@example.org")

    assert (found.kind, found.id, found.on_behalf_of) == (AGENT, "aider", "bo")
    assert person_of(POLICY, found) is None


def test_an_address_that_two_people_claim_belongs_to_neither() -> None:
    """A second entry with somebody's address must not make its owner that somebody."""
    policy = small_policy(people=(*PEOPLE, replace(ANA, id="eve", logins=())))

    assert identify(policy, "Ana", "ana@example.org").kind is UNKNOWN


def test_an_actor_is_looked_up_anew_under_each_policy() -> None:
    """An id is a name within one policy; what crosses from one to the other is the address."""
    assert seen_by(POLICY, Actor(kind=UNKNOWN, id="x", email="ana@example.org")).id == "ana"
    assert seen_by(POLICY, Actor(kind=PERSON, id="ana", email="eve@example.net")).kind is UNKNOWN
    assert seen_by(POLICY, Actor(kind=PERSON, id="ana")).kind is PERSON
    assert seen_by(POLICY, Actor(kind=PERSON, id="eve")).kind is UNKNOWN
    assert seen_by(POLICY, Actor(kind=AGENT, id="claude", email="ana@example.org")).kind is AGENT
    assert seen_by(POLICY, Actor(kind=ActorKind.SERVICE, id="ci", email="ana@example.org")).kind is ActorKind.SERVICE


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("ana", {"ana"}),
        ("@ana", {"ana"}),
        ("@Ana", {"ana"}),
        ("ANA@example.org", {"ana"}),
        ("data", {"clara"}),
        ("oncall", {"bo"}),
        ("@acme/sec", {"bo"}),
        ("acme/sec", {"bo"}),
        ("@sec", set()),
        ("@acme/other", set()),
        ("an", set()),
        ("", set()),
        ("@", set()),
    ],
)
def test_whom_an_owner_role_or_team_stands_for(named: str, expected: set[str]) -> None:
    """A team of another organisation with the same last name is another team; members who do not exist are nobody."""
    assert members_of(POLICY, named) == expected


def test_identities_in_rules_are_compared_whole() -> None:
    """The same for people, teams, roles and agents."""
    assert is_identity(POLICY, actor("bo"), "oncall")
    assert not is_identity(POLICY, actor("bo"), "on")
    assert not is_identity(POLICY, Actor(kind=UNKNOWN, id="bo"), "bo")
    assert knows_identity(POLICY, "claude")
    assert knows_identity(POLICY, "housebot")
    assert not knows_identity(POLICY, "clau")


def test_a_key_is_its_type_and_its_blob() -> None:
    """Comments are free text; half a key is no key; a key of two people proves neither."""
    assert is_own_key(BO, f"{BO.keys[0]} bo@laptop")
    assert not is_own_key(BO, "ssh-ed25519")
    assert not is_own_key(BO, "")
    assert not is_own_key(BO, "ssh-ed25519 AAAAb")
    assert not is_own_key(replace(BO, keys=("", "ssh-ed25519")), "")
    assert not is_own_key(replace(BO, keys=("", "ssh-ed25519")), "ssh-ed25519")
    assert person_with_key(POLICY, CLARA.keys[0]) == CLARA
    assert person_with_key(small_policy(people=(BO, replace(ANA, keys=BO.keys))), BO.keys[0]) is None
