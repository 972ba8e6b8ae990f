"""Gathers evidence: runs, reads reports, records, and says what is known about a change."""

from release_harness.steps.evidence.flow.findings import FindingsNeeds, findings_for
from release_harness.steps.evidence.flow.testing import EvidenceRunNeeds, run_tests

__all__ = ["EvidenceRunNeeds", "FindingsNeeds", "findings_for", "run_tests"]
