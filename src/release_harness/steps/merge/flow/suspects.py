"""Finds out with which landing a change does not work, by running the change on the landings in between."""

from datetime import timedelta

from release_harness.kernel.digests import CommitId
from release_harness.kernel.paths import show_text
from release_harness.steps.merge.flow.needs import Gate, LandNeeds
from release_harness.steps.merge.flow.records import name_changes
from release_harness.steps.merge.model import Culprit, Look, Place, RunOutcome, Suspects
from release_harness.steps.merge.rules import next_probe

_MOST_LANDINGS = 128
_MOST_TIME = timedelta(minutes=20)


def find_suspects(needs: LandNeeds, gate: Gate, look: Look, place: Place) -> Suspects:
    """Search the landings between the merge base and the tip; stops when it gets dear or a run says nothing."""
    assert look.merge_base is not None  # noqa: S101 - only asked for when the base moved on
    landings = needs.landing.first_parents(look.merge_base, look.tip, _MOST_LANDINGS)
    begun_at = needs.clock.now()
    passing, failing = 0, len(landings)
    evidence: tuple[str, ...] = ()
    stopped = ""
    while (probe := next_probe(passing, failing)) is not None:
        if needs.clock.now() - begun_at > _MOST_TIME:
            stopped = "The search was stopped after 20 minutes."
            break
        commit = landings[probe - 1].commit
        needs.progress.say(
            f"Looking for the landing that it conflicts with: trying {commit[:12]} ({failing - passing} left)."
        )
        run = gate.run(look.head, commit, place, anew=False)
        evidence = (*evidence, *run.evidence)
        if run.outcome is RunOutcome.FAILED:
            failing = probe
        elif run.outcome is RunOutcome.PASSED:
            passing = probe
        else:
            stopped = f"The search was stopped: on {commit[:12]} the tests said nothing ({run.outcome.value})."
            break
    found = tuple(
        Culprit(commit=each.commit, subject=show_text(each.subject), evidence=evidence)
        for each in landings[passing:failing]
    )
    return name_changes(needs, Suspects(found=found, exact=len(found) == 1, says=stopped))


def commit_ids(suspects: Suspects) -> tuple[CommitId, ...]:
    """Return the commits of the suspects."""
    return tuple(each.commit for each in suspects.found)
