"""Finds out which branch is meant and where it lives."""

from release_harness.kernel.digests import CommitId
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.paths import show_text
from release_harness.steps.merge.flow.needs import Gate, LandNeeds
from release_harness.steps.merge.model import Place


def find_place(needs: LandNeeds, gate: Gate, onto: str, remote: str) -> Place:
    """Return the branch to land on: the options first, then the project file, then what git is set up with."""
    remotes = needs.landing.remotes()
    if remote and remote not in remotes:
        raise NotFound(
            code="REMOTE_UNKNOWN",
            says=f"There is no remote {show_text(remote)!r}.",
            hint=f"Remotes here: {', '.join(map(show_text, remotes)) or 'none; leave --remote out to land locally'}.",
            subject=remote,
        )
    branch = _plain_branch(needs, onto, remotes)
    if remote:
        return Place(branch=branch, remote=remote)
    named = gate.known_remote(needs.landing.commit_of(f"refs/heads/{branch}"))
    if named and named not in remotes:
        raise InputError(
            code="REMOTE_UNKNOWN",
            says=f"The project file names the remote {show_text(named)!r}, which this repository does not have.",
            hint=f"Add it with `git remote add {show_text(named)} URL`, or name another one with --remote.",
            subject=named,
        )
    followed = needs.landing.remote_of(branch) or (_from_onto(onto, remotes))
    only = remotes[0] if len(remotes) == 1 and needs.landing.commit_of(f"refs/remotes/{remotes[0]}/{branch}") else ""
    return Place(branch=branch, remote=named or followed or only)


def current_tip(needs: LandNeeds, place: Place) -> CommitId:
    """Return where the branch stands now; raises NotFound when there is no such branch."""
    tip = needs.landing.fetch_tip(place)
    if tip is None:
        raise NotFound(
            code="TARGET_UNKNOWN",
            says=f"There is no branch {show_text(place.name)} to land on.",
            hint="Name it with --onto, or push it first.",
            subject=place.name,
        )
    return tip


def _plain_branch(needs: LandNeeds, onto: str, remotes: tuple[str, ...]) -> str:
    name = onto.removeprefix("refs/heads/")
    found = _from_onto(name, remotes)
    if found:
        name = name.removeprefix(found + "/")
    if not name:
        first = "origin" if "origin" in remotes else remotes[0] if len(remotes) == 1 else ""
        name = needs.landing.default_branch(first)
    if not name:
        raise InputError(
            code="TARGET_UNCLEAR",
            says="Nobody can tell which branch is the one to land on.",
            hint="Name it: rh land --onto main",
        )
    if not needs.landing.is_branch_name(name):
        raise InputError(
            code="TARGET_NAME", says=f"{show_text(name)!r} is no branch name.", hint="Give a short name, such as main."
        )
    return name


def _from_onto(onto: str, remotes: tuple[str, ...]) -> str:
    """Return the remote in `origin/main`."""
    return next((remote for remote in remotes if onto.startswith(remote + "/")), "")
