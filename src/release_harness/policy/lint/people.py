"""Owners, roles and teams without anybody in them, and approvals that nobody could ever give."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.kernel.errors import Fault
from release_harness.kernel.identity import ProofLevel
from release_harness.policy.identities import AGENT_EMAILS, members_of
from release_harness.policy.lint.naming import near
from release_harness.policy.model import ApprovalRequirement, Person, Policy
from release_harness.policy.votes import HARDWARE_KEY_PREFIX


def check_people(policy: Policy) -> Iterator[Fault]:
    """Check that whoever is asked for exists, and that enough people could answer."""
    asks = [(each.tier, approval) for each in policy.requirements for approval in each.approvals]
    if not policy.people:
        if asks:
            says = "The policy lists no people, so nobody can approve anything."
            yield Fault(
                path="people", says=says, expected="every person who may approve, with e-mail addresses and keys"
            )
        return
    yield from _check_named(policy)
    yield from _check_shared(policy)
    for tier, approval in asks:
        yield from _check_possible(policy, tier, approval)


def _check_named(policy: Policy) -> Iterator[Fault]:
    ids = {person.id for person in policy.people}
    for team in policy.teams:
        for member in team.members:
            if member not in ids:
                says = f"{member} is no person of the policy, so the team {team.id} has one member less."
                yield Fault(path=f"teams.{team.id}", says=says, suggestion=near(member, ids))
        if not team.members:
            yield Fault(path=f"teams.{team.id}", says=f"The team {team.id} has no members.")
    named: list[tuple[str, str]] = [
        *((f"surfaces.{each.name}.owners", owner) for each in policy.surfaces for owner in each.owners),
        *(
            (f"require.{each.tier}.approvals", ask.role)
            for each in policy.requirements
            for ask in each.approvals
            if ask.role
        ),
        *(("break_glass.who", who) for who in (policy.break_glass.who if policy.break_glass else ())),
    ]
    known = {*ids, *(team.id for team in policy.teams), *(role for person in policy.people for role in person.roles)}
    for path, name in named:
        if not members_of(policy, name):
            yield Fault(path=path, says=f"{name} stands for nobody.", suggestion=near(name, known))


def _check_shared(policy: Policy) -> Iterator[Fault]:
    agents = {*AGENT_EMAILS, *(email.lower() for agent in policy.agents for email in agent.emails)}
    owners: dict[str, str] = {}
    for person in policy.people:
        claims = [*person.emails, *(f"@{login}" for login in person.logins), *(_key(key) for key in person.keys)]
        for claim in dict.fromkeys(each.lower() if "@" in each else each for each in claims):
            if claim in owners:
                says = f"{owners[claim]} and {person.id} share {claim[:40]}; it proves neither of them."
                yield Fault(path=f"people.{person.id}", says=says)
            if claim in agents:
                yield Fault(
                    path=f"people.{person.id}", says=f"{claim} is an agent's address; it never stands for a person."
                )
            owners[claim] = person.id


def _key(key: str) -> str:
    return " ".join(key.split()[:2])


def _check_possible(policy: Policy, tier: str, approval: ApprovalRequirement) -> Iterator[Fault]:
    path = f"require.{tier}.approvals"
    able = list(_able(policy, approval))
    wanted = approval.humans_count
    what = f"proof {approval.proof.value}" + (f" and the role {approval.role}" if approval.role else "")
    if len(able) < wanted:
        says = f"{wanted} people with {what} are asked for, and the policy has {_names(able)}; such a change can never pass."
        yield Fault(path=path, says=says)
    elif approval.exclude_author and len(able) == wanted:
        says = f"{wanted} people with {what} are asked for, and there are no more; a change by {_names(able)} can never pass."
        yield Fault(path=path, says=says)


def _able(policy: Policy, approval: ApprovalRequirement) -> Iterable[Person]:
    role = members_of(policy, approval.role) if approval.role else None
    for person in policy.people:
        if role is not None and person.id not in role:
            continue
        if approval.proof is ProofLevel.KEY and not person.keys:
            continue
        touched = any(key.startswith(HARDWARE_KEY_PREFIX) for key in person.keys)
        if approval.proof is not ProofLevel.PRESENCE or touched:
            yield person


def _names(people: Sequence[Person]) -> str:
    return " or ".join(person.id for person in people) or "nobody"
