"""Writes `.rh/policy.yaml`: the built-in policy, with what was found in the repository beside each rule."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from release_harness.kernel.records import Plain
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.model import Policy
from release_harness.steps.project.model.init import PersonProposal, Proposal, SurfaceProposal
from release_harness.steps.project.rules import policy_plain
from release_harness.steps.project.rules.yaml_writing import comment, write_entry, write_value, write_word

_PEOPLE_LIMIT_COUNT = 12
_RECENT = timedelta(days=3 * 365)
"""Whoever was not seen for longer than this before the newest commit will hardly approve the next change."""

_HEAD = """\
What a change must show before it may land. `rh init` wrote this file; from here on it is yours.
Check it with `rh policy check`, look for dead rules with `rh policy lint`, try it with `rh policy test`.
It is read at the merge base, so a change is judged by the rules that were in force before it; a change of this file is \
judged by the old rules and the new ones, and the stricter answer holds.
Unknown keys are errors. Anything that is not known counts as not passed."""


def write_policy(proposal: Proposal, policy: Policy = DEFAULT_POLICY) -> str:
    """Return the text of the policy file."""
    lines = [line for part in _HEAD.split("\n") for line in comment(part)]
    for section in (
        _tiers(policy),
        _surfaces(proposal),
        _raises(policy),
        _lowers(policy),
        _requirements(policy, proposal),
        _evidence(policy),
        _approvals(policy),
        _break_glass(policy, proposal),
        _people(proposal),
        _agents(proposal),
        _teams(proposal),
    ):
        lines += ["", *section]
    return "\n".join(lines) + "\n"


def _tiers(policy: Policy) -> Iterator[str]:
    yield "version: 1"
    yield from comment("From the lowest to the highest. A change gets the highest tier that anything gives it.")
    yield from write_entry("tiers", list(policy.tiers), 0)
    yield from comment("Of a change that no surface and no rule says anything about.")
    yield from write_entry("default_tier", policy.default_tier, 0)


def _surfaces(proposal: Proposal) -> Iterator[str]:
    yield from comment(
        "Parts of the repository that hurt when they break; a change that touches one has at least its tier."
    )
    yield from comment(
        "Paths are globs from the root; `**` is any number of folders, `!` takes out what stands before it."
    )
    yield "surfaces:"
    for each in proposal.surfaces:
        yield from _surface(each)


def _surface(proposal: SurfaceProposal) -> Iterator[str]:
    surface, files = proposal.surface, proposal.files
    shown = ", ".join(files[:3])
    found = f"{_count(len(files), 'file')} today: {shown}" if files else "no file today"
    more = ", …" if len(files) > 3 else ""  # noqa: PLR2004 - as many as are shown
    yield f"  {write_word(surface.name)}:"
    yield from comment(f"{found}{more}", 4)
    for key, value in policy_plain.plain_surface(surface).items():
        yield from write_entry(key, value, 4)


def _raises(policy: Policy) -> Iterator[str]:
    yield from comment("Rules that raise the tier when they are true, or cannot be answered.")
    yield from _listed("raise", [policy_plain.plain_raise(each) for each in policy.raise_rules])


def _lowers(policy: Policy) -> Iterator[str]:
    yield from comment(
        "Rules that lower the tier when every file matches `only`, no surface is touched and `when` is true."
    )
    yield from _listed("lower", [policy_plain.plain_lower(each) for each in policy.lower_rules])


def _requirements(policy: Policy, proposal: Proposal) -> Iterator[str]:
    yield from comment("What a change of each tier must show. Agents never count as people.")
    if proposal.solo:
        yield from comment(
            f"One person wrote all of the last {_count(proposal.commits_count, 'commit')}. From medium up somebody else "
            "must approve, and there may be nobody: ask a second person for these changes, or decide here which tiers "
            "evidence alone may pass, by taking `approvals` off them. Leave `critical` as it is."
        )
    yield "require:"
    for each in policy.requirements:
        yield from write_entry(each.tier, policy_plain.plain_requirement(each), 2)
    if proposal.codeowners:
        yield from comment(
            f"{proposal.codeowners} names owners: add `owners: any` (or `all`) to an approval to ask for them, and list the "
            "logins and teams that it uses below."
        )


def _evidence(policy: Policy) -> Iterator[str]:
    yield from comment("Evidence that the tiers ask for: what it is bound to, how long it holds, what it must show.")
    yield from comment("These are the built-in definitions; one that you leave out still holds where it is asked for.")
    yield "evidence:"
    for each in policy.evidence:
        yield from write_entry(each.name, policy_plain.plain_evidence(each), 2)


def _approvals(policy: Policy) -> Iterator[str]:
    yield from comment(
        "What must stay the same for an approval to stand: the change itself, or the whole result with its base."
    )
    yield "approvals:"
    yield from write_entry("retain_on", {tier: kept.value for tier, kept in policy.retention}, 2)
    yield from comment("Who asks an agent for a change cannot approve it.", 2)
    yield from write_entry("count_requester_as_author", policy.count_requester_as_author, 2)


def _break_glass(policy: Policy, proposal: Proposal) -> Iterator[str]:
    yield from comment(
        "Who may go past failing rules in an emergency: signed, with a reason, for a time, reviewed afterwards."
    )
    glass = policy.break_glass
    if glass is None:
        return
    roles = {role for person in proposal.confirmed_people for role in person.roles}
    people = {each.id for each in proposal.confirmed_people}
    known = roles | people | {each.id for each in proposal.confirmed_teams}
    lines = write_entry("break_glass", policy_plain.plain_break_glass(glass), 0)
    if set(glass.who) <= known:
        yield from lines
    else:
        yield from comment("Nobody may, until a person below has the role; then take the `#` off.")
        yield from (f"# {line}" for line in lines)


def _people(proposal: Proposal) -> Iterator[str]:
    yield from comment("Who is known to be a person. Only people of this list can approve.")
    if proposal.confirmed_people:
        yield "people:"
        for person in proposal.confirmed_people:
            yield from write_entry(person.id, policy_plain.plain_person(person), 2)
    known = {email for person in proposal.confirmed_people for email in person.emails}
    open_ones = [each for each in proposal.people if known.isdisjoint(each.emails)]
    if not proposal.confirmed_people:
        yield "people: {}"
    if open_ones:
        yield from comment(
            "History cannot tell a person from an agent that uses a person's name. Take the `#` off the people that you know "
            "(and the `{}` above), give them `keys` (`cat ~/.ssh/id_ed25519.pub`) and roles such as `oncall`."
        )
    shown = _recent(open_ones)[:_PEOPLE_LIMIT_COUNT]
    for each in shown:
        seen = f", the last on {each.last_at:%Y-%m-%d}" if each.last_at is not None else ""
        count = _count(each.commits_count, "commit")
        yield f"#   {write_word(each.id)}: {write_value(_plain_candidate(each))}  # {count}{seen}"
    if len(open_ones) > len(shown):
        yield from comment(f"… and {len(open_ones) - len(shown)} more in the history")


def _recent(people: Sequence[PersonProposal]) -> Sequence[PersonProposal]:
    """Leave out whoever was last seen long before the newest of them."""
    newest_at = max((each.last_at for each in people if each.last_at is not None), default=None)
    if newest_at is None:
        return people
    return [each for each in people if each.last_at is not None and newest_at - each.last_at <= _RECENT]


def _plain_candidate(person: PersonProposal) -> Plain:
    named: dict[str, Plain] = {"name": person.name, "emails": list(person.emails)}
    return {**named, "logins": list(person.logins)} if person.logins else named


def _agents(proposal: Proposal) -> Iterator[str]:
    yield from comment(
        "Who is known to be an agent, beside the well-known ones. An agent's identity wins over a person's."
    )
    if not proposal.confirmed_agents:
        yield "agents: {}"
        return
    yield "agents:"
    for each in proposal.confirmed_agents:
        named: dict[str, Plain] = {"emails": list(each.emails), "names": list(each.names)}
        yield from write_entry(each.id, {key: value for key, value in named.items() if value}, 2)


def _teams(proposal: Proposal) -> Iterator[str]:
    yield from comment("Ids of the people of each team; name it as CODEOWNERS does, such as `acme/platform`.")
    if not proposal.confirmed_teams:
        yield "teams: {}"
        return
    yield "teams:"
    for each in proposal.confirmed_teams:
        yield from write_entry(each.id, list(each.members), 2)


def _listed(key: str, rules: list[policy_plain.PlainMap]) -> Iterator[str]:
    if not rules:
        yield f"{key}: []"
        return
    yield f"{key}:"
    for rule in rules:
        for place, (name, value) in enumerate(rule.items()):
            lines = write_entry(name, value, 4)
            yield from lines if place else [f"  - {lines[0].lstrip()}", *lines[1:]]


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
