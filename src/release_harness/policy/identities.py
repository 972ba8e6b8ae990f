"""Who somebody is under a policy: exact, structured matches only, never a part of a name."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.patterns import LazyPattern
from release_harness.policy.model import Person, Policy, Team

_NOREPLY = LazyPattern(r"(?:\d+\+)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\[bot\])?)@users\.noreply\.github\.com")
"""GitHub's address for somebody who keeps theirs private; the login is a whole part of it."""
_BOT = LazyPattern(r"([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)\[bot\]")
_GITLAB_BOT = LazyPattern(r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?@noreply\.[a-z0-9.-]+")
_AIDER_SUFFIX = " (aider)"

AGENT_EMAILS: Mapping[str, str] = {
    "noreply@anthropic.com": "claude",
    "copilot@github.com": "copilot",
    "cursoragent@cursor.com": "cursor",
    "codex@openai.com": "codex",
    "noreply@openai.com": "codex",
    "aider@aider.chat": "aider",
    "noreply@aider.chat": "aider",
    "openhands@all-hands.dev": "openhands",
    "openhands@openhands.dev": "openhands",
    "amp@ampcode.com": "amp",
    "noreply@opencode.ai": "opencode",
    "support@dependabot.com": "dependabot",
    "bot@renovateapp.com": "renovate",
    "renovate@whitesourcesoftware.com": "renovate",
    "action@github.com": "github-actions",
    "github-actions@github.com": "github-actions",
    "noreply@github.com": "github",
}
"""Well-known addresses of automated authors, in lower case."""

AGENT_LOGINS: Mapping[str, str] = {
    "claude": "claude",
    "copilot": "copilot",
    "copilot-swe-agent": "copilot",
    "cursoragent": "cursor",
    "devin-ai-integration": "devin",
    "chatgpt-codex-connector": "codex",
    "gemini-code-assist": "gemini",
    "gemini-cli": "gemini",
    "google-labs-jules": "jules",
    "openhands-agent": "openhands",
    "dependabot": "dependabot",
    "dependabot-preview": "dependabot",
    "renovate": "renovate",
    "github-actions": "github-actions",
}
"""Well-known logins of automated authors; a login with `[bot]` behind it is always one."""

AGENT_NAMES: Mapping[str, str] = {
    "Claude Code": "claude",
    "GitHub Copilot": "copilot",
    "Copilot": "copilot",
    "Cursor Agent": "cursor",
    "OpenAI Codex": "codex",
    "Codex": "codex",
    "Devin AI": "devin",
    "Gemini CLI": "gemini",
    "Gemini Code Assist": "gemini",
    "Google Jules": "jules",
    "aider": "aider",
    "OpenHands": "openhands",
    "dependabot": "dependabot",
    "Renovate Bot": "renovate",
    "GitHub Actions": "github-actions",
    "GitHub Action": "github-actions",
}
"""Whole names that no person carries; `Claude` and `Devin` are missing, since people are called so."""


def identify(policy: Policy, name: str, email: str) -> Actor:
    """Say who this is under the policy: an agent, a person of `people`, or somebody unknown.

    An agent's identity wins over a person's: an address that both claim never fills a person's slot. A name alone makes
    nobody a person. Both come from git or the environment and can be set by anybody; how well it is proven that
    the person acted is the proof level's business.
    """
    address = email.lower()
    agent = _agent_of(policy, name, address)
    person = _directory(policy.people, policy.teams).by_email.get(address) or _person_by_noreply(policy, address)
    if agent:
        boss = person.id if person is not None else ""
        return Actor(kind=ActorKind.AGENT, id=agent, name=name, email=address, on_behalf_of=boss)
    if person is not None:
        return Actor(kind=ActorKind.PERSON, id=person.id, name=name, email=address)
    return Actor(kind=ActorKind.UNKNOWN, id=address or "unknown", name=name, email=address)


def seen_by(policy: Policy, actor: Actor) -> Actor:
    """Say who an actor is under this policy, whatever policy named them before.

    Another policy may give the same id to somebody else, so an e-mail address is looked up anew. Agents and services
    stay what they are, whoever claims their address.
    """
    if actor.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return actor
    if actor.email:
        found = identify(policy, actor.name, actor.email)
        boss = found.on_behalf_of or actor.on_behalf_of
        return Actor(kind=found.kind, id=found.id, name=actor.name, email=found.email, on_behalf_of=boss)
    if actor.kind is ActorKind.PERSON and actor.id in _directory(policy.people, policy.teams).by_id:
        return actor
    return Actor(kind=ActorKind.UNKNOWN, id=actor.id, name=actor.name, on_behalf_of=actor.on_behalf_of)


def person_of(policy: Policy, actor: Actor) -> Person | None:
    """Return the person of this policy that an actor is, or None for agents, services and the unknown."""
    seen = seen_by(policy, actor)
    return _directory(policy.people, policy.teams).by_id.get(seen.id) if seen.kind is ActorKind.PERSON else None


def person_with_key(policy: Policy, key: str) -> Person | None:
    """Return the one person of this policy whose key it is; None when it is nobody's, or more than one person's."""
    owners = [person for person in policy.people if is_own_key(person, key)]
    return owners[0] if len(owners) == 1 else None


def members_of(policy: Policy, named: str) -> frozenset[str]:
    """Return the ids of the people that an owner, role or team stands for; empty when nobody is known by it.

    Understood are ids of people and teams, roles, e-mail addresses, `@login` and `@org/team`; each exactly.
    """
    directory = _directory(policy.people, policy.teams)
    found: set[str] = set()
    if named in directory.by_id:
        found.add(named)
    found |= directory.teams.get(named, frozenset()) | directory.roles.get(named, frozenset())
    if named.startswith("@"):
        bare = named[1:]
        found |= directory.teams.get(bare, frozenset())
        found |= {directory.by_login[bare.lower()].id} if bare.lower() in directory.by_login else set()
    elif "@" in named and named.lower() in directory.by_email:
        found.add(directory.by_email[named.lower()].id)
    return frozenset(found)


def is_identity(policy: Policy, actor: Actor, named: str) -> bool:
    """Tell whether an actor is exactly the named agent or person, or a person of the named team or role."""
    seen = seen_by(policy, actor)
    if seen.kind is ActorKind.PERSON:
        return seen.id == named or seen.id in members_of(policy, named)
    return seen.kind is not ActorKind.UNKNOWN and seen.id == named


def knows_identity(policy: Policy, named: str) -> bool:
    """Tell whether the policy, or the list of well-known agents, has such an identity."""
    agents = {each.id for each in policy.agents} | {*AGENT_EMAILS.values(), *AGENT_LOGINS.values()}
    return named in agents or bool(members_of(policy, named)) or named in {each.id for each in policy.people}


def is_own_key(person: Person, key: str) -> bool:
    """Tell whether a public key (type and blob, without comment) is one of the person's."""
    wanted = key.split()[:2]
    return len(wanted) == 2 and any(each.split()[:2] == wanted for each in person.keys)  # noqa: PLR2004 - type and blob


def _agent_of(policy: Policy, name: str, address: str) -> str:
    for each in policy.agents:
        if (address and address in {email.lower() for email in each.emails}) or (name and name in each.names):
            return each.id
    if address in AGENT_EMAILS:
        return AGENT_EMAILS[address]
    login = _login_of(address)
    for bot in (_BOT.fullmatch(name), _BOT.fullmatch(login)):
        if bot is not None:
            return AGENT_LOGINS.get(bot.group(1).lower(), bot.group(1).lower())
    if login in AGENT_LOGINS:
        return AGENT_LOGINS[login]
    if _GITLAB_BOT.fullmatch(address):
        return address.partition("@")[0]
    if name.endswith(_AIDER_SUFFIX):
        return "aider"
    return AGENT_NAMES.get(name, "")


def _login_of(address: str) -> str:
    found = _NOREPLY.fullmatch(address)
    return found.group(1) if found is not None else ""


def _person_by_noreply(policy: Policy, address: str) -> Person | None:
    return _directory(policy.people, policy.teams).by_login.get(_login_of(address))


class _Directory:
    """The people of a policy by everything that they are known by; what two people claim belongs to neither."""

    def __init__(self, people: tuple[Person, ...], teams: tuple[Team, ...]) -> None:
        self.by_id = _unique((person.id, person) for person in people)
        self.by_email = _unique((email.lower(), person) for person in people for email in person.emails)
        self.by_login = _unique((login.lower(), person) for person in people for login in person.logins)
        self.teams = {team.id: frozenset(set(team.members) & set(self.by_id)) for team in teams}
        self.roles: dict[str, frozenset[str]] = {}
        for person in people:
            for role in person.roles:
                self.roles[role] = self.roles.get(role, frozenset()) | {person.id}


def _unique(pairs: Iterable[tuple[str, Person]]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for key, person in pairs:
        if not key or (key in found and found[key] != person):
            twice.add(key)
        found[key] = person
    return {key: person for key, person in found.items() if key not in twice}


@lru_cache(maxsize=16)
def _directory(people: tuple[Person, ...], teams: tuple[Team, ...]) -> _Directory:
    return _Directory(people, teams)
