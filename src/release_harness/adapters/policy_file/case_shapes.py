"""What may stand in a file of cases for `rh policy test`."""

from datetime import timedelta
from typing import Literal

from release_harness.adapters.policy_file.shape_reader import Scalar, Text, Texts, said
from release_harness.kernel.records import record


@record
class CaseApprovalShape:
    """One approval or rejection in a case."""

    by: Text = said("Id of a person or agent of the policy; anybody else is unknown.")
    proof: Literal["login", "key", "presence"] = "login"
    lenses: Texts = ()
    approved: bool = True
    content: Literal["same_result", "same_change", "other"] = said(
        "What was approved, seen from the change as it is now.", default="same_result"
    )


@record
class CaseEvidenceShape:
    """One piece of evidence in a case; it carries the facts of the case and its own."""

    name: Text = said("Name of an evidence definition of the policy.")
    facts: dict[str, Scalar | Texts] = said("Facts by name.", default={})
    age: timedelta | None = None
    content: Literal["same", "other"] = "same"


@record
class ExpectationShape:
    """What the policy must answer."""

    tier: Text | None = None
    outcome: Literal["pass", "fail", "unknown"] | None = None
    surfaces: Texts | None = None
    reasons: Texts | None = said("Rules that must be among the reasons of the tier.", default=None)


@record
class CaseShape:
    """Facts, files, people, evidence and approvals in; tier and outcome out."""

    name: Text
    files: Texts = ()
    listing_complete: bool = True
    facts: dict[str, Scalar | Texts] = said("Facts by name.", default={})
    unknown: Texts = said("Facts that could not be computed.", default=())
    authors: Texts = said("Ids of people or agents; anybody else is unknown.", default=())
    requester: str = ""
    owners: dict[str, Texts] = said("Owners by path.", default={})
    evidence: tuple[CaseEvidenceShape, ...] = ()
    approvals: tuple[CaseApprovalShape, ...] = ()
    expect: ExpectationShape


@record
class CasesShape:
    """Cases that a policy must answer as its people expect."""

    version: Literal[1]
    facts: dict[str, Scalar | Texts] = said("Facts that every case has unless it says otherwise.", default={})
    cases: tuple[CaseShape, ...] = said("At least one case.", least=1)
