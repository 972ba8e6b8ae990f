"""`rh policy check`, `lint` and `test` answer offline, from the work tree, with the place of everything they say."""

import pytest
from inline_snapshot import snapshot

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.operations import AnyOperation, View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.project.model.checks import PolicyTested
from release_harness.steps.project.operations import (
    OPERATIONS,
    CheckRequest,
    LintRequest,
    TestRequest,
)
from release_harness.testing.clock import FixedClock
from release_harness.testing.project_files import MemoryWorkFolder

BY_NAME: dict[str, AnyOperation] = {each.name: each for each in OPERATIONS}
PLAIN = View(unicode=False)

POLICY = b"""
version: 1
surfaces:
  auth: { paths: ["src/auth/**"], tier: high }
raise:
  - { id: big, when: { fact: change.lines, gt: 400 }, tier: high }
lower:
  - { id: docs, only: ["docs/**"], to: low }
require:
  low: { evidence: [tests], approvals: [] }
  medium: { inherit: low, approvals: [{ humans: 1 }] }
  high: { inherit: medium, approvals: [{ humans: 2, proof: key }] }
  critical: { inherit: high }
people:
  ana: { emails: [ana@example.org], keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIaaaaaaaaaaaaaaaaaa"] }
  bo: { emails: [bo@example.org], keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIbbbbbbbbbbbbbbbbbb"] }
  cy: { emails: [cy@example.org] }
"""

TESTS = "{ tests.run_count: 3, tests.failed_count: 0, tests.errors_count: 0, tests.exit_code: 0 }"


class _Needs:
    def __init__(self, **files: bytes) -> None:
        named = {"policy": ".rh/policy.yaml", "project": ".rh/project.yaml", "cases": ".rh/policy.tests.yaml"}
        self.work_folder = MemoryWorkFolder({named.get(name, name): text for name, text in files.items()})
        self.policy_reader = PolicyFileReader()
        self.clock = FixedClock()


def _test(cases: str) -> PolicyTested:
    text = f"version: 1\nfacts: {{ change.lines: 10 }}\ncases:\n{cases}".encode()
    answer = BY_NAME["policy test"].handler(_Needs(policy=POLICY, cases=text), TestRequest())
    assert isinstance(answer, PolicyTested)
    return answer


def test_check_says_what_the_files_hold() -> None:
    """A file without faults is worth a sentence too: what was read, and what holds beside it."""
    needs = _Needs(policy=POLICY, project=b"version: 1\ntest: { commands: [[make, test]] }\n")
    checked = BY_NAME["policy check"].handler(needs, CheckRequest())
    text = BY_NAME["policy check"].text(checked, PLAIN)
    assert [line for line in text.split("\n") if "digest" not in line] == snapshot(
        [
            ".rh/policy.yaml: no faults (4 tiers, 2 surfaces, 1 raise rule, 1 lower rule, 1 evidence definition, 3 people)",
            "  - not written there, and it holds: the built-in tiers",
            "  - not written there, and it holds: the built-in surface harness, since none is hard around the policy itself",
            "  - not written there, and it holds: the built-in evidence tests",
            ".rh/project.yaml: no faults (1 test command)",
        ]
    )


def test_check_says_the_faults_of_all_files_at_once() -> None:
    """Two broken files are two files to mend, in one run."""
    needs = _Needs(policy=b"version: 1\n", project=b"version: 2\n")
    with pytest.raises(InputError) as caught:
        BY_NAME["policy check"].handler(needs, CheckRequest())
    assert [fault.file for fault in caught.value.faults] == [".rh/policy.yaml", ".rh/project.yaml"]


def test_check_without_files_says_that_the_built_in_policy_holds() -> None:
    """No file is no error: everything works without set-up."""
    checked = BY_NAME["policy check"].handler(_Needs(), CheckRequest())
    assert "built-in policy holds" in BY_NAME["policy check"].text(checked, PLAIN)


def test_lint_names_dead_rules_with_their_lines() -> None:
    """A rule that can never matter is found by its line."""
    policy = POLICY.replace(b"gt: 400", b"gt: -1").replace(b"src/auth/**", b"source/auth/**")
    needs = _Needs(policy=policy, CODEOWNERS=b"*.go @gone\n* @ana\nnonsense\n")
    linted = BY_NAME["policy lint"].handler(needs, LintRequest())
    assert BY_NAME["policy lint"].outcome(linted) is Outcome.FAIL
    assert BY_NAME["policy lint"].text(linted, PLAIN) == snapshot("""\
.rh/policy.yaml: 7 findings.
  - .rh/policy.yaml:4:18: surfaces.auth.paths: No file of the repository belongs to the surface auth.
  - .rh/policy.yaml:6:22: raise.big.when: change.lines gt -1 is true whenever it is known.
  - .rh/policy.yaml:12:39: require.high.approvals: 2 people with proof key are asked for, and there are no more; a change by ana or bo can never pass.
  - CODEOWNERS:1:1: The line *.go decides for no file of the repository.
  - CODEOWNERS:1:1: @gone stands for nobody of the policy's people and teams, so its approval cannot be given.
  - CODEOWNERS:2:1: @ana stands for nobody of the policy's people and teams, so its approval cannot be given.
  - CODEOWNERS:3:1: The line nonsense decides for no file of the repository.\
""")


def test_cases_that_hold_are_listed() -> None:
    """Every case prints its answer, so that people see what the policy does."""
    tested = _test(
        f"""
  - {{ name: docs land by themselves, files: [docs/a.md], facts: {TESTS}, authors: [bo], evidence: [{{ name: tests }}], expect: {{ tier: low, outcome: pass }} }}
  - {{ name: login needs two, files: [src/auth/a.py], facts: {TESTS}, authors: [cy], evidence: [{{ name: tests }}],
       approvals: [{{ by: ana, proof: key }}], expect: {{ tier: high, outcome: unknown, surfaces: [auth], reasons: ["surface:auth"] }} }}
  - {{ name: login with two, files: [src/auth/a.py], facts: {TESTS}, authors: [cy], evidence: [{{ name: tests }}],
       approvals: [{{ by: ana, proof: key }}, {{ by: bo, proof: key }}], expect: {{ tier: high, outcome: pass }} }}
  - {{ name: failing tests fail, files: [docs/a.md], authors: [bo], evidence: [{{ name: tests, facts: {TESTS.replace("failed_count: 0", "failed_count: 1")} }}], expect: {{ outcome: fail }} }}
"""
    )
    assert BY_NAME["policy test"].outcome(tested) is Outcome.PASS
    shown = BY_NAME["policy test"].text(tested, PLAIN)
    assert shown == snapshot("""\
Policy: .rh/policy.yaml
ok docs land by themselves: low, pass
ok login needs two: high, unknown
ok login with two: high, pass
ok failing tests fail: low, fail
4 cases, all as expected.\
""")


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("approvals: [{ by: ana, proof: key }, { by: bo, proof: key }]", Outcome.PASS),
        ("approvals: [{ by: ana, proof: key }, { by: ana, proof: key }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: key }, { by: claude, proof: key }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: key }, { by: cy, proof: key }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: login }, { by: bo, proof: key }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: key }, { by: bo, proof: key, content: other }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: key }, { by: bo, proof: key, content: same_change }]", Outcome.UNKNOWN),
        ("approvals: [{ by: ana, proof: key }, { by: bo, proof: key, approved: false }]", Outcome.FAIL),
    ],
)
def test_the_language_of_cases_can_say_it(change: str, outcome: Outcome) -> None:
    """Whoever writes a policy wants to know what an agent, a stale approval or the author's own one is worth."""
    tested = _test(
        f"  - {{ name: a, files: [src/auth/a.py], facts: {TESTS}, authors: [cy], evidence: [{{ name: tests }}], {change},"
        " expect: { tier: high } }\n"
    )
    assert tested.results[0].outcome is outcome


def test_stale_evidence_of_a_case_does_not_count() -> None:
    """Age and content of evidence are part of what can be tested."""
    tested = _test(
        f"  - {{ name: old, files: [docs/a.md], authors: [bo], evidence: [{{ name: tests, facts: {TESTS}, age: 25h }}], expect: {{ outcome: unknown }} }}\n"
        f"  - {{ name: other, files: [docs/a.md], authors: [bo], evidence: [{{ name: tests, facts: {TESTS}, content: other }}], expect: {{ outcome: unknown }} }}\n"
    )
    assert [each.outcome for each in tested.results] == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_a_case_that_does_not_hold_shows_the_difference() -> None:
    """Expected and got, with the rule that gave the tier, in one look."""
    tested = _test(
        "  - { name: wrong, files: [src/auth/a.py], facts: { change.linse: 3, change.title: 4 }, evidence: [{ name: test }],"
        " expect: { tier: low, outcome: pass, surfaces: [aut], reasons: ['raise:big'] } }\n"
    )
    assert BY_NAME["policy test"].outcome(tested) is Outcome.FAIL
    assert BY_NAME["policy test"].text(tested, PLAIN) == snapshot("""\
Policy: .rh/policy.yaml
FAIL wrong: high, unknown
    at .rh/policy.tests.yaml:4
    - fact: change.linse
    + fact: the policy has none; did you mean change.lines?
    - type of change.title: str
    + type of change.title: int
    - evidence: test
    + evidence: the policy has none; did you mean tests?
    - surface: aut
    + surface: the policy has none; did you mean auth?
    - tier: low
    + tier: high (surface:auth gives high)
    - outcome: pass
    + outcome: unknown (there is no tests evidence for this content; 0 of 3 asked people approved this content: 3 more needed; nobody knows who wrote the change, so an approval could be its author's (one more than usual, because an agent wrote it and nobody knows who asked for it))
    - surfaces: aut
    + surfaces: auth
    - reason: raise:big
    + reason: surface:auth
1 case, 1 failed.\
""")


def test_no_cases_is_a_sentence() -> None:
    """A CI job that tests nothing must not be green."""
    with pytest.raises(NotFound):
        BY_NAME["policy test"].handler(_Needs(policy=POLICY), TestRequest())


def test_the_json_of_a_test_names_policy_and_cases() -> None:
    """Programs read the same answer."""
    tested = _test("  - { name: a, files: [docs/a.md], expect: { tier: low } }\n")
    plain = BY_NAME["policy test"].plain
    assert plain is not None
    body = plain(tested)
    assert (body["outcome"], body["cases_count"], body["failed_count"]) == ("pass", 1, 0)
    assert body["cases"][0]["name"] == "a"
    assert set(body["policy"]) == {"source", "digest"}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_operation_says_what_it_is(name: str) -> None:
    """Help, reference pages and schemas are made from the list."""
    operation = BY_NAME[name]
    assert operation.example.startswith(f"rh {name}")
    assert operation.schema.endswith("/1")
    assert operation.markdown is not None
