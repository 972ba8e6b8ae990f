"""The commands of a project's rules: write them, check them, look for dead ones, test them."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from release_harness.kernel.errors import InputError
from release_harness.kernel.operations import AnyOperation, Effect, Operation, argument, option
from release_harness.kernel.records import record, to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.flow.init import InitNeeds, initialise
from release_harness.steps.project.flow.policy_files import PolicyNeeds, check_cases, check_files, lint_policy
from release_harness.steps.project.model.checks import PolicyChecked, PolicyLinted, PolicyTested
from release_harness.steps.project.model.init import InitReport
from release_harness.steps.project.render import (
    checked_markdown,
    checked_text,
    init_markdown,
    init_text,
    linted_markdown,
    linted_text,
    tested_markdown,
    tested_text,
)


@record
class InitRequest:
    """What `rh init` may do."""

    check: bool = field(default=False, metadata=option("Write nothing; say what is missing or out of date."))
    force: bool = field(default=False, metadata=option("Overwrite files that differ; the diff is shown all the same."))


@record
class CheckRequest:
    """Which rule file to check."""

    file: str = field(default="", metadata=argument("A rule file; those of the work tree when it is left out."))


@record
class LintRequest:
    """Which policy to look at."""

    file: str = field(default="", metadata=argument("A policy file; .rh/policy.yaml when it is left out."))


@record
class TestRequest:
    """Which cases to put to which policy."""

    __test__ = False  # pytest: this is a record, no test

    files: tuple[str, ...] = field(
        default=(), metadata=argument("Files of cases; .rh/policy.tests.yaml when they are left out.")
    )
    policy: str = field(default="", metadata=option("A policy file instead of .rh/policy.yaml.", metavar="FILE"))


def _init(needs: InitNeeds, request: InitRequest) -> InitReport:
    if request.check and request.force:
        raise InputError(
            code="CHECK_AND_FORCE",
            says="--check writes nothing and --force overwrites.",
            hint="Give one of them.",
        )
    return initialise(needs, check_only=request.check, overwrite=request.force)


def _init_outcome(report: InitReport) -> Outcome:
    """A check fails on what is missing or out of date; without it, a file that was kept waits for somebody to decide."""
    if report.checked_only:
        missing = any(each.state == "missing" for each in report.files)
        return Outcome.FAIL if missing or report.findings else Outcome.PASS
    kept = any(each.state == "differs" and not each.written for each in report.files)
    return Outcome.UNKNOWN if kept else Outcome.PASS


def _init_plain(report: InitReport) -> Mapping[str, Any]:
    proposal = report.proposal
    return {
        "outcome": _init_outcome(report).value,
        "files": [
            {"path": each.path, "state": each.state, "written": each.written, "diff": each.diff}
            for each in report.files
        ],
        "found": {
            "languages": to_plain(proposal.languages),
            "tests": to_plain(proposal.tests),
            "default_branch": proposal.default_branch,
            "codeowners": proposal.codeowners,
            "migrations": list(proposal.migrations),
            "ci_files": list(proposal.ci_files),
            "surfaces": [
                {"name": each.surface.name, "tier": each.surface.tier, "files_count": len(each.files)}
                for each in proposal.surfaces
            ],
            "people": to_plain(proposal.people),
        },
        "findings": list(report.findings),
        "remarks": list(report.remarks),
    }


def _check(needs: PolicyNeeds, request: CheckRequest) -> PolicyChecked:
    return check_files(needs, request.file)


def _checked_plain(checked: PolicyChecked) -> Mapping[str, Any]:
    return {
        "outcome": Outcome.PASS.value,
        "files": [
            {
                "source": each.source,
                "kind": each.kind,
                "digest": each.digest,
                "holds": dict(each.holds),
                "added": list(each.added),
            }
            for each in checked.files
        ],
    }


def _lint(needs: PolicyNeeds, request: LintRequest) -> PolicyLinted:
    return lint_policy(needs, request.file)


def _lint_outcome(linted: PolicyLinted) -> Outcome:
    return Outcome.FAIL if linted.findings else Outcome.PASS


def _linted_plain(linted: PolicyLinted) -> Mapping[str, Any]:
    return {
        "outcome": _lint_outcome(linted).value,
        "source": linted.source,
        "findings": to_plain(linted.findings),
    }


def _test(needs: PolicyNeeds, request: TestRequest) -> PolicyTested:
    return check_cases(needs, request.files, request.policy)


def _test_outcome(tested: PolicyTested) -> Outcome:
    """No case at all is no pass: nothing was asked."""
    if not tested.results:
        return Outcome.UNKNOWN
    return Outcome.FAIL if tested.failed_count else Outcome.PASS


def _tested_plain(tested: PolicyTested) -> Mapping[str, Any]:
    return {
        "outcome": _test_outcome(tested).value,
        "policy": {"source": tested.policy, "digest": tested.digest},
        "cases_count": len(tested.results),
        "failed_count": tested.failed_count,
        "cases": to_plain(tested.results),
    }


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="init",
        summary="Look at the repository and write .rh/policy.yaml and .rh/project.yaml.",
        example="rh init",
        schema="rh.init/1",
        input=InitRequest,
        output=InitReport,
        handler=_init,
        effect=Effect.WRITE,
        text=init_text,
        markdown=init_markdown,
        plain=_init_plain,
        outcome=_init_outcome,
        details=(
            "A file that is there is never overwritten without --force; its diff is shown, and people, agents and teams that "
            "it lists are kept. With --check nothing is written, and the exit code is 1 when something is missing or out of date."
        ),
    ),
    Operation(
        name="policy check",
        summary="Read the rule files and say every fault with its line, what was expected, and what was probably meant.",
        example="rh policy check .rh/policy.yaml",
        schema="rh.policy.check/1",
        input=CheckRequest,
        output=PolicyChecked,
        handler=_check,
        effect=Effect.READ,
        text=checked_text,
        markdown=checked_markdown,
        plain=_checked_plain,
    ),
    Operation(
        name="policy lint",
        summary="Find rules that are well formed and do nothing, or not what their authors think.",
        example="rh policy lint",
        schema="rh.policy.lint/1",
        input=LintRequest,
        output=PolicyLinted,
        handler=_lint,
        effect=Effect.READ,
        text=linted_text,
        markdown=linted_markdown,
        plain=_linted_plain,
        outcome=_lint_outcome,
    ),
    Operation(
        name="policy test",
        summary="Put cases to the policy, offline: facts in, expected tier and outcome out.",
        example="rh policy test .rh/policy.tests.yaml",
        schema="rh.policy.test/1",
        input=TestRequest,
        output=PolicyTested,
        handler=_test,
        effect=Effect.READ,
        text=tested_text,
        markdown=tested_markdown,
        plain=_tested_plain,
        outcome=_test_outcome,
    ),
)
"""The operations of this step."""
