"""Gathers evidence: runs, reads reports, records, and says what is known about a change."""

from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.findings import FindingsNeeds, findings_for
from release_harness.steps.evidence.flow.needs import EvidenceRunNeeds
from release_harness.steps.evidence.model import EvidenceRecord
from release_harness.steps.project.model import Rules

__all__ = ["EvidenceRunNeeds", "FindingsNeeds", "findings_for", "run_tests"]


def run_tests(
    needs: EvidenceRunNeeds, change: Change, rules: Rules, *, base_run: bool = True
) -> tuple[EvidenceRecord, ...]:
    """Run the project's tests on the result tree and record tests and coverage of changed lines, see `testing`."""
    # `rh check` reads findings and runs nothing, so it does not pay for loading what runs tests.
    from release_harness.steps.evidence.flow import testing

    return testing.run_tests(needs, change, rules, base_run=base_run)
