"""`.rh/project.yaml` starts programs and the cases judge the judge; both are read as strictly as the policy."""

from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.errors import InputError
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.model import TestSettings


def _project_faults(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        PolicyFileReader().read_project(text.encode(), "p.yaml")
    return [fault.sentence() for fault in caught.value.faults]


def _case_faults(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        PolicyFileReader().read_cases(text.encode(), "c.yaml")
    return [fault.sentence() for fault in caught.value.faults]


def test_a_project_file_is_read() -> None:
    """Commands come out as argument lists, so that nothing is ever handed to a shell."""
    project = PolicyFileReader().read_project(
        b"""
version: 1
default_branch: main
test:
  commands: [[npm, ci], [npm, test, "--", --ci]]
  list_command: [pytest, --collect-only]
  env: { CI: "1" }
  time_limit: 10m
  reruns_count: 2
  junit: ["out/*.xml"]
  coverage: ["{reports}/lcov.info"]
land: { method: squash, remote: origin }
migrations: ["db/**"]
""",
        "p.yaml",
    )
    assert project.test.commands == (("npm", "ci"), ("npm", "test", "--", "--ci"))
    assert project.test.env == (("CI", "1"),)
    assert project.test.time_limit == timedelta(minutes=10)
    assert project.land.method == "squash"
    assert project.migrations == ("db/**",)
    assert project.source == "p.yaml"


def test_a_short_project_file_has_the_defaults() -> None:
    """What is not said is what rh does without a file."""
    project = PolicyFileReader().read_project(b"version: 1\n", "p.yaml")
    assert project.test == TestSettings()


BAD_PROJECTS = {
    "shell text": (
        "version: 1\ntest: { commands: ['pytest && rm -rf /'] }\n",
        snapshot(["p.yaml:2:20: Found the text 'pytest && rm -rf /'. Expected a list."]),
    ),
    "empty command": (
        "version: 1\ntest: { commands: [[]] }\n",
        snapshot(['p.yaml:2:20: The command is empty. Expected an argument list such as `["pytest", "-q"]`.']),
    ),
    "reports outside": (
        "version: 1\ntest: { junit: ['../../etc/*.xml', '/tmp/x.xml'] }\n",
        snapshot(
            [
                "p.yaml:2:17: '../../etc/*.xml' leads out of the work tree. Expected a glob inside of it.",
                "p.yaml:2:36: '/tmp/x.xml' leads out of the work tree. Expected a glob inside of it.",
            ]
        ),
    ),
    "option as branch and remote": (
        "version: 1\ndefault_branch: --upload-pack=x\nland: { remote: '-x', method: fast }\n",
        snapshot(
            [
                "p.yaml:2:17: '--upload-pack=x' is no name of a branch.",
                "p.yaml:3:17: '-x' is no name of a remote.",
                "p.yaml:3:31: Found the text 'fast'. Expected one of `merge`, `squash`, `rebase`.",
            ]
        ),
    ),
    "bad variable and number": (
        "version: 1\ntest: { env: { 'A B': x }, reruns_count: 99, time_limit: 0s }\n",
        snapshot(
            [
                "p.yaml:2:16: 'A B' is no name of a variable.",
                "p.yaml:2:42: Found the number 99. Expected a whole number from 0 to 10.",
                "p.yaml:2:58: The time limit is zero. Expected a duration such as 30m.",
            ]
        ),
    ),
    "regular expression for migrations": (
        "version: 1\nmigrations: ['^db/.*$', '!x']\n",
        snapshot(
            [
                "p.yaml:2:14: The path pattern '^db/.*$' looks like a regular expression, and this is a path pattern. Expected a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`.",
                "p.yaml:2:25: A migration folder is not taken out here. Expected a glob without `!`.",
            ]
        ),
    ),
}


@pytest.mark.parametrize("name", BAD_PROJECTS)
def test_a_bad_project_file_is_refused(name: str) -> None:
    """A project file decides what is run and where results are looked for; a slip must not run something else."""
    text, expected = BAD_PROJECTS[name]
    assert _project_faults(text) == expected


def test_cases_share_facts_and_may_take_them_back() -> None:
    """A case that must name every fact of the world would never be written."""
    cases = PolicyFileReader().read_cases(
        b"""
version: 1
facts: { secrets.found_count: 0, change.lines: 10 }
cases:
  - { name: a, files: [x], expect: { tier: low } }
  - { name: b, files: [x], facts: { change.lines: 900 }, unknown: [secrets.found_count], expect: { outcome: fail } }
""",
        "c.yaml",
    )
    assert dict(cases[0].facts) == {"secrets.found_count": 0, "change.lines": 10}
    assert dict(cases[1].facts) == {"change.lines": 900}
    assert cases[1].expect.outcome is Outcome.FAIL
    assert (cases[1].source, cases[1].line) == ("c.yaml", 6)


BAD_CASES = {
    "no case": ("version: 1\ncases: []\n", snapshot(["c.yaml:2:8: Found an empty list. Expected at least one item."])),
    "expects nothing": (
        "version: 1\ncases: [{ name: a, expect: {} }]\n",
        snapshot(["c.yaml:2:28: The case expects nothing. Expected `tier`, `outcome`, `surfaces` or `reasons`."]),
    ),
    "same name twice": (
        "version: 1\ncases: [{ name: a, expect: { tier: x } }, { name: a, expect: { tier: x } }]\n",
        snapshot(["c.yaml:2:51: Another case is named 'a'. Expected every name once."]),
    ),
    "outcome that is none": (
        "version: 1\ncases: [{ name: a, expect: { outcome: passes } }]\n",
        snapshot(
            ["c.yaml:2:39: Found the text 'passes'. Expected one of `pass`, `fail`, `unknown`. Did you mean 'pass'?"]
        ),
    ),
    "known and unknown": (
        "version: 1\ncases: [{ name: a, facts: { b.c: 1 }, unknown: [b.c], expect: { tier: x } }]\n",
        snapshot(["c.yaml:2:49: b.c is given as a fact as well. Expected one or the other."]),
    ),
    "fact of nothing": (
        "version: 1\ncases: [{ name: a, facts: { b.c: ~, d.e: {} }, expect: { tier: x } }]\n",
        snapshot(
            [
                "c.yaml:2:34: Found nothing. Expected a number, a text, true or false.",
                "c.yaml:2:42: Found a mapping. Expected a number, a text, true or false.",
            ]
        ),
    ),
}


@pytest.mark.parametrize("name", BAD_CASES)
def test_a_bad_file_of_cases_is_refused(name: str) -> None:
    """A case that asks nothing passes for ever, and that is worse than no case."""
    text, expected = BAD_CASES[name]
    assert _case_faults(text) == expected
