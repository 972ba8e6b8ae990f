"""Who took part in a change, under the policies that judge it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.policy.identities import identify, seen_by
from release_harness.policy.model import Policy
from release_harness.steps.changes.model import Change, CommitFacts
from release_harness.steps.changes.rules.commits import read_person, trailer_values
from release_harness.steps.project.model import PolicyInForce

_NOBODY_KNOWN = Policy(tiers=("any",), default_tier="any")
"""Knows no people, and the well-known agents."""


def people_of(commits: Sequence[CommitFacts]) -> tuple[tuple[Actor, ...], Actor | None]:
    """Return everybody who wrote a part of the change, once each, and who asked for it."""
    listed = [person for commit in commits for person in (commit.author, *commit.co_authors)]
    asked = [value for commit in commits for value in trailer_values(commit, "Requested-by")]
    return tuple(_once(listed)), read_person(asked[0]) if asked else None


def identify_people(change: Change, policies: Sequence[PolicyInForce]) -> Change:
    """Say of everybody who took part whether they are a person or an agent.

    A person is somebody whom every policy knows as the same person; who is an agent under one of them is an agent. So a
    change that edits the policy cannot make its own author somebody else.
    """
    known = [each.policy for each in policies] or [_NOBODY_KNOWN]
    commits = tuple(
        replace(
            each,
            author=_seen(each.author, known),
            committer=_seen(each.committer, known),
            co_authors=tuple(_seen(person, known) for person in each.co_authors),
        )
        for each in change.commits
    )
    authors = tuple(_once(_seen(person, known) for person in change.authors))
    requester = _seen(change.requester, known) if change.requester is not None else None
    facts = {**change.facts, "change.author_kind": author_kind(authors, change.facts.get("change.commits_count"))}
    return replace(change, commits=commits, authors=authors, requester=requester, facts=facts)


def identify_all(actors: Iterable[Actor], policies: Sequence[Policy]) -> tuple[Actor, ...]:
    """Say who each of them is under these policies, once each."""
    return tuple(_once(_seen(each, policies or [_NOBODY_KNOWN]) for each in actors))


def author_kind(authors: Sequence[Actor], commits: Fact | None) -> Fact:
    """Say whether people, agents, both or somebody unknown wrote the change."""
    if isinstance(commits, Unknown):
        return Unknown(why=commits.why)
    kinds = {each.kind for each in authors}
    machines = kinds & {ActorKind.AGENT, ActorKind.SERVICE}
    if not kinds:
        value = "unknown"
    elif kinds <= {ActorKind.AGENT, ActorKind.SERVICE}:
        value = "agent"
    elif machines:
        value = "mixed"
    else:
        value = "person" if kinds == {ActorKind.PERSON} else "unknown"
    return Known(value=value, source="names and trailers of the commits, as they claim")


def _seen(actor: Actor, policies: Sequence[Policy]) -> Actor:
    if actor.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return actor
    if actor.kind is ActorKind.UNKNOWN and not actor.email:
        found = [identify(policy, actor.name, actor.email) for policy in policies]
    else:
        found = [seen_by(policy, actor) for policy in policies]
    for each in found:
        if each.kind in (ActorKind.AGENT, ActorKind.SERVICE):
            return each
    if all(each.kind is ActorKind.PERSON for each in found) and len({each.id for each in found}) == 1:
        return found[0]
    return Actor(
        kind=ActorKind.UNKNOWN, id=actor.email or actor.name.lower() or "unknown", name=actor.name, email=actor.email
    )


def _once(actors: Iterable[Actor]) -> list[Actor]:
    """Keep the first of each identity."""
    return list({(each.kind, each.id): each for each in reversed(list(actors))}.values())[::-1]
