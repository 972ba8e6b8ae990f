"""Turns a file of cases for `rh policy test` into records, and says everything that is wrong with it at once."""

from datetime import timedelta

from release_harness.adapters.policy_file.case_shapes import CaseEvidenceShape, CaseShape, CasesShape
from release_harness.adapters.policy_file.shape_reader import Faults, items, kept, read_shape
from release_harness.adapters.policy_file.yaml_tree import Trail, read_yaml
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.model import CaseApproval, CaseEvidence, Expectation, PolicyCase


def translate_cases(text: bytes, source: str) -> tuple[PolicyCase, ...]:
    """Read the cases of one file; raises InputError with every fault."""
    tree = read_yaml(text, source)
    faults = Faults.of(tree)
    shape = read_shape(CasesShape, tree, faults)
    cases = []
    seen: set[str] = set()
    for trail, each in items(shape.cases if shape else (), ("cases",)):
        if each.name in seen:
            faults.add((*trail, "name"), f"Another case is named {show_text(each.name)!r}.", expected="every name once")
        seen.add(each.name)
        cases.append(_translate(each, trail, shape.facts if shape else {}, faults))
    faults.raise_if_any()
    return tuple(cases)


def _translate(shape: CaseShape, trail: Trail, shared: dict[str, FactValue], faults: Faults) -> PolicyCase:
    expect = shape.expect
    if (expect.tier, expect.outcome, expect.surfaces, expect.reasons) == (None,) * 4 and not faults.within(
        (*trail, "expect")
    ):
        faults.add(
            (*trail, "expect"), "The case expects nothing.", expected="`tier`, `outcome`, `surfaces` or `reasons`"
        )
    for place, name in items(shape.unknown, (*trail, "unknown")):
        if name in shape.facts:
            faults.add(place, f"{show_text(name)} is given as a fact as well.", expected="one or the other")
    start = faults.tree.place(trail)
    return PolicyCase(
        name=shape.name,
        source=faults.tree.source,
        line=start.line if start else 0,
        files=shape.files,
        listing_complete=shape.listing_complete,
        facts=_facts({name: value for name, value in shared.items() if name not in shape.unknown} | shape.facts),
        unknown=shape.unknown,
        authors=shape.authors,
        requester=shape.requester,
        owners=tuple(shape.owners.items()),
        evidence=tuple(_evidence(each) for each in kept(shape.evidence)),
        approvals=tuple(
            CaseApproval(
                by=each.by,
                proof=ProofLevel(each.proof),
                lenses=each.lenses,
                approved=each.approved,
                content=each.content,
            )
            for each in kept(shape.approvals)
        ),
        expect=Expectation(
            tier=expect.tier,
            outcome=Outcome(expect.outcome) if expect.outcome else None,
            surfaces=expect.surfaces,
            reasons=expect.reasons,
        ),
    )


def _evidence(shape: CaseEvidenceShape) -> CaseEvidence:
    return CaseEvidence(
        name=shape.name, facts=_facts(shape.facts), age=shape.age or timedelta(0), content=shape.content
    )


def _facts(facts: dict[str, FactValue]) -> tuple[tuple[str, FactValue], ...]:
    return tuple(facts.items())
