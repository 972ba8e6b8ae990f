"""Writes `.rh/project.yaml`: how the project is tested and how its changes land, as far as files tell."""

from collections.abc import Iterator

from release_harness.steps.project.model import LandSettings, TestSettings
from release_harness.steps.project.model.init import Proposal, TestProposal
from release_harness.steps.project.rules.policy_plain import plain_duration
from release_harness.steps.project.rules.yaml_writing import comment, write_entry, write_value

_HEAD = """\
How this project is tested and how its changes land. `rh init` wrote this file; from here on it is yours.
Check it with `rh policy check .rh/project.yaml`. A change is tested with the commands of the branch that it lands on."""


def write_project(proposal: Proposal) -> str:
    """Return the text of the project file."""
    lines = [line for part in _HEAD.split("\n") for line in comment(part)]
    if proposal.languages:
        shown = ", ".join(f"{each.name} ({each.files_count:,})" for each in proposal.languages[:8])
        lines += comment(f"Languages by number of files: {shown}.")
    lines += ["", "version: 1"]
    for section in (_branch(proposal), _test(proposal), _land(), _migrations(proposal), _ci(proposal)):
        lines += ["", *section]
    return "\n".join(lines).rstrip("\n") + "\n"


def _branch(proposal: Proposal) -> Iterator[str]:
    if proposal.default_branch:
        yield from write_entry("default_branch", proposal.default_branch, 0)
    else:
        yield from comment("No default branch was found; name the branch that changes land on.")
        yield "# default_branch: main"


def _test(proposal: Proposal) -> Iterator[str]:
    settings = TestSettings()
    yield "test:"
    yield from comment("Argument lists, run in order without a shell, in a clean work tree of the result.", 2)
    yield from comment(
        "`{reports}` is a folder that rh collects; JUnit XML tells it which tests ran, coverage which lines.", 2
    )
    if proposal.tests:
        yield "  commands:"
        for each in proposal.tests:
            yield from _commands(each)
    else:
        yield from comment(
            "No way to run tests was found. Without one, tests stay unknown, and nothing passes on evidence alone.", 2
        )
        yield '  # commands: [["make", "test"]]'
        yield "  commands: []"
    junit = list(dict.fromkeys(glob for each in proposal.tests for glob in each.junit))
    coverage = list(dict.fromkeys(glob for each in proposal.tests for glob in each.coverage))
    if junit:
        yield from write_entry("junit", [*junit], 2)
    if coverage:
        yield from write_entry("coverage", [*coverage], 2)
    yield from write_entry("time_limit", plain_duration(settings.time_limit), 2)
    yield from comment("How often a failed run is repeated, to tell a flaky test from a failing one.", 2)
    yield from write_entry("reruns_count", settings.reruns_count, 2)


def _commands(test: TestProposal) -> Iterator[str]:
    yield from comment(f"{test.runner}, because of {test.because}.", 4)
    for note in test.notes:
        yield from comment(note, 4)
    for command in test.commands:
        yield f"    - {write_value(list(command))}"


def _land() -> Iterator[str]:
    settings = LandSettings()
    yield "land:"
    yield from comment("`merge`, `squash` or `rebase`.", 2)
    yield from write_entry("method", settings.method, 2)


def _migrations(proposal: Proposal) -> Iterator[str]:
    yield from comment("Folders whose files change data or schema.")
    yield from write_entry("migrations", list(proposal.migrations), 0)


def _ci(proposal: Proposal) -> Iterator[str]:
    if proposal.ci_files:
        shown = ", ".join(proposal.ci_files[:6])
        more = ", …" if len(proposal.ci_files) > 6 else ""  # noqa: PLR2004 - as many as are shown
        yield from comment(f"Continuous integration is steered by {shown}{more}.")
        yield from comment("It can hand its reports to rh with `rh evidence add`.")
