"""The whole tree, as `rh why` and `rh policy explain` show it."""

from dataclasses import replace

from inline_snapshot import snapshot

from release_harness.kernel.operations import View
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.render.report import explain_text, why_text
from release_harness.steps.review.rules.shown import explain, show_check
from release_harness.testing.review import BRIEF, examination_of, green_findings, rules_of, small_change

NARROW = View(width=80)
PLAIN = View(width=80, unicode=False)
REFUNDS = ChangeSpec(revision="refunds")
WHY = snapshot("""\
?? The change of tier medium has not shown everything that is asked for yet.
|  rule:   tier:medium
|  wanted: everything that tier medium asks for
|  seen:   6 of 7 pass
|- ok tests shows what is wanted: tests.run_count is 12; tests.failed_count is
|     0; tests.errors_count is 0; tests.exit_code is 0
|  |  rule:   evidence:tests
|  |  wanted: tests.run_count is more than 0 and tests.failed_count is 0 and
|  |          tests.errors_count is 0 and tests.exit_code is 0
|  |  seen:   4 of 4 true [sha256:aaaaaaaaaaaa of 2026-11-02T08:00:00.000Z]
|  `- ok tests.run_count is 12; tests.failed_count is 0; tests.errors_count is
|        0; tests.exit_code is 0
|     |  wanted: all of them true
|     |  seen:   4 of 4 true
|     |- ok tests.run_count is 12
|     |     wanted: tests.run_count is more than 0
|     |     seen:   12 (computed here)
|     |- ok tests.failed_count is 0
|     |     wanted: tests.failed_count is 0
|     |     seen:   0 (computed here)
|     |- ok tests.errors_count is 0
|     |     wanted: tests.errors_count is 0
|     |     seen:   0 (computed here)
|     `- ok tests.exit_code is 0
|           wanted: tests.exit_code is 0
|           seen:   0 (computed here)
|- ok secrets_scan shows what is wanted: secrets.found_count is 0
|  |  rule:   evidence:secrets_scan
|  |  wanted: secrets.found_count is 0
|  |  seen:   0 (computed here) [computed from the change]
|  `- ok secrets.found_count is 0
|        wanted: secrets.found_count is 0
|        seen:   0 (computed here)
|- ok wired shows what is wanted: wiring.sound is true
|  |  rule:   evidence:wired
|  |  wanted: wiring.sound is true
|  |  seen:   true (computed here) [computed from the change]
|  `- ok wiring.sound is true
|        wanted: wiring.sound is true
|        seen:   true (computed here)
|- ok guards_kept shows what is wanted: guards.kept is true
|  |  rule:   evidence:guards_kept
|  |  wanted: guards.kept is true
|  |  seen:   true (computed here) [computed from the change]
|  `- ok guards.kept is true
|        wanted: guards.kept is true
|        seen:   true (computed here)
|- ok nothing_dark shows what is wanted: wiring.explained is true
|  |  rule:   evidence:nothing_dark
|  |  wanted: wiring.explained is true
|  |  seen:   true (computed here) [computed from the change]
|  `- ok wiring.explained is true
|        wanted: wiring.explained is true
|        seen:   true (computed here)
|- ok changed_lines shows what is wanted: coverage.exercised_ratio is 1
|  |  rule:   evidence:changed_lines
|  |  wanted: change.code_files_count is 0 or coverage.changed_lines_count is 0
|  |          or coverage.exercised_ratio is at least 0.8
|  |  seen:   1 of 3 true [computed from the change]
|  `- ok coverage.exercised_ratio is 1
|     |  wanted: one of them true
|     |  seen:   1 of 3 true
|     |- NO change.code_files_count is 1
|     |     wanted: change.code_files_count is 0
|     |     seen:   1 (computed here)
|     |- NO coverage.changed_lines_count is 10
|     |     wanted: coverage.changed_lines_count is 0
|     |     seen:   10 (computed here)
|     `- ok coverage.exercised_ratio is 1
|           wanted: coverage.exercised_ratio is at least 0.8
|           seen:   1 (computed here)
`- ?? people still have to look at this content
   |  rule:   approvals
   |  wanted: all of them pass
   |  seen:   0 of 1 pass
   `- ?? 0 of 1 asked people approved this content: 1 more needed
         rule:   approvals:1
         wanted: 1 person (not the author or requester)
         seen:   nobody

Next ---------------------------------------------------------------------------
  1. Look at the change and approve it. (bo, clara, dora)
       rh approve refunds\
""")
EXPLAIN = snapshot("""\
refunds → main
  Answer refunds by mail
  1 file, +8 -2 lines, by Ana (person)
  change cccccccccccc  result 111111111111  policy eeeeeeeeeeee

built-in defaults: tier high ───────────────────────────────────────────────────
  high: surface:auth: Who may do what is decided here. (by built-in defaults)
    src/auth/login.py
? The change of tier high has not shown everything that is asked for yet.
│ rule:   tier:high
│ wanted: everything that tier high asks for
│ seen:   6 of 7 pass
├─ ✓ tests shows what is wanted: tests.run_count is 12; tests.failed_count is 0;
│    tests.errors_count is 0; tests.exit_code is 0
│  │ rule:   evidence:tests
│  │ wanted: tests.run_count is more than 0 and tests.failed_count is 0 and
│  │         tests.errors_count is 0 and tests.exit_code is 0
│  │ seen:   4 of 4 true [sha256:aaaaaaaaaaaa of 2026-11-02T08:00:00.000Z]
│  └─ ✓ tests.run_count is 12; tests.failed_count is 0; tests.errors_count is 0;
│       tests.exit_code is 0
│     │ wanted: all of them true
│     │ seen:   4 of 4 true
│     ├─ ✓ tests.run_count is 12
│     │    wanted: tests.run_count is more than 0
│     │    seen:   12 (computed here)
│     ├─ ✓ tests.failed_count is 0
│     │    wanted: tests.failed_count is 0
│     │    seen:   0 (computed here)
│     ├─ ✓ tests.errors_count is 0
│     │    wanted: tests.errors_count is 0
│     │    seen:   0 (computed here)
│     └─ ✓ tests.exit_code is 0
│          wanted: tests.exit_code is 0
│          seen:   0 (computed here)
├─ ✓ secrets_scan shows what is wanted: secrets.found_count is 0
│  │ rule:   evidence:secrets_scan
│  │ wanted: secrets.found_count is 0
│  │ seen:   0 (computed here) [computed from the change]
│  └─ ✓ secrets.found_count is 0
│       wanted: secrets.found_count is 0
│       seen:   0 (computed here)
├─ ✓ wired shows what is wanted: wiring.sound is true
│  │ rule:   evidence:wired
│  │ wanted: wiring.sound is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ wiring.sound is true
│       wanted: wiring.sound is true
│       seen:   true (computed here)
├─ ✓ guards_kept shows what is wanted: guards.kept is true
│  │ rule:   evidence:guards_kept
│  │ wanted: guards.kept is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ guards.kept is true
│       wanted: guards.kept is true
│       seen:   true (computed here)
├─ ✓ nothing_dark shows what is wanted: wiring.explained is true
│  │ rule:   evidence:nothing_dark
│  │ wanted: wiring.explained is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ wiring.explained is true
│       wanted: wiring.explained is true
│       seen:   true (computed here)
├─ ✓ changed_lines shows what is wanted: coverage.exercised_ratio is 1
│  │ rule:   evidence:changed_lines
│  │ wanted: change.code_files_count is 0 or coverage.changed_lines_count is 0
│  │         or coverage.exercised_ratio is at least 0.8
│  │ seen:   1 of 3 true [computed from the change]
│  └─ ✓ coverage.exercised_ratio is 1
│     │ wanted: one of them true
│     │ seen:   1 of 3 true
│     ├─ ✗ change.code_files_count is 1
│     │    wanted: change.code_files_count is 0
│     │    seen:   1 (computed here)
│     ├─ ✗ coverage.changed_lines_count is 10
│     │    wanted: coverage.changed_lines_count is 0
│     │    seen:   10 (computed here)
│     └─ ✓ coverage.exercised_ratio is 1
│          wanted: coverage.exercised_ratio is at least 0.8
│          seen:   1 (computed here)
└─ ? people still have to look at this content
   │ rule:   approvals
   │ wanted: all of them pass
   │ seen:   0 of 2 pass
   ├─ ? 0 of 2 asked people approved this content: 2 more needed
   │    rule:   approvals:2:key
   │    wanted: 2 people proven by key (not the author or requester)
   │    seen:   nobody
   └─ ? 0 of 1 asked people approved this content: 1 more needed
        rule:   approvals:1:key:lens=security
        wanted: 1 person under the lens security proven by key (not the author
                or requester)
        seen:   nobody

.rh/policy.yaml at place 1: tier medium ────────────────────────────────────────
  medium: default: no surface names src/auth/login.py (by .rh/policy.yaml at
    place 1)
? The change of tier medium has not shown everything that is asked for yet.
│ rule:   tier:medium
│ wanted: everything that tier medium asks for
│ seen:   6 of 7 pass
├─ ✓ tests shows what is wanted: tests.run_count is 12; tests.failed_count is 0;
│    tests.errors_count is 0; tests.exit_code is 0
│  │ rule:   evidence:tests
│  │ wanted: tests.run_count is more than 0 and tests.failed_count is 0 and
│  │         tests.errors_count is 0 and tests.exit_code is 0
│  │ seen:   4 of 4 true [sha256:aaaaaaaaaaaa of 2026-11-02T08:00:00.000Z]
│  └─ ✓ tests.run_count is 12; tests.failed_count is 0; tests.errors_count is 0;
│       tests.exit_code is 0
│     │ wanted: all of them true
│     │ seen:   4 of 4 true
│     ├─ ✓ tests.run_count is 12
│     │    wanted: tests.run_count is more than 0
│     │    seen:   12 (computed here)
│     ├─ ✓ tests.failed_count is 0
│     │    wanted: tests.failed_count is 0
│     │    seen:   0 (computed here)
│     ├─ ✓ tests.errors_count is 0
│     │    wanted: tests.errors_count is 0
│     │    seen:   0 (computed here)
│     └─ ✓ tests.exit_code is 0
│          wanted: tests.exit_code is 0
│          seen:   0 (computed here)
├─ ✓ secrets_scan shows what is wanted: secrets.found_count is 0
│  │ rule:   evidence:secrets_scan
│  │ wanted: secrets.found_count is 0
│  │ seen:   0 (computed here) [computed from the change]
│  └─ ✓ secrets.found_count is 0
│       wanted: secrets.found_count is 0
│       seen:   0 (computed here)
├─ ✓ wired shows what is wanted: wiring.sound is true
│  │ rule:   evidence:wired
│  │ wanted: wiring.sound is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ wiring.sound is true
│       wanted: wiring.sound is true
│       seen:   true (computed here)
├─ ✓ guards_kept shows what is wanted: guards.kept is true
│  │ rule:   evidence:guards_kept
│  │ wanted: guards.kept is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ guards.kept is true
│       wanted: guards.kept is true
│       seen:   true (computed here)
├─ ✓ nothing_dark shows what is wanted: wiring.explained is true
│  │ rule:   evidence:nothing_dark
│  │ wanted: wiring.explained is true
│  │ seen:   true (computed here) [computed from the change]
│  └─ ✓ wiring.explained is true
│       wanted: wiring.explained is true
│       seen:   true (computed here)
├─ ✓ changed_lines shows what is wanted: coverage.exercised_ratio is 1
│  │ rule:   evidence:changed_lines
│  │ wanted: change.code_files_count is 0 or coverage.changed_lines_count is 0
│  │         or coverage.exercised_ratio is at least 0.8
│  │ seen:   1 of 3 true [computed from the change]
│  └─ ✓ coverage.exercised_ratio is 1
│     │ wanted: one of them true
│     │ seen:   1 of 3 true
│     ├─ ✗ change.code_files_count is 1
│     │    wanted: change.code_files_count is 0
│     │    seen:   1 (computed here)
│     ├─ ✗ coverage.changed_lines_count is 10
│     │    wanted: coverage.changed_lines_count is 0
│     │    seen:   10 (computed here)
│     └─ ✓ coverage.exercised_ratio is 1
│          wanted: coverage.exercised_ratio is at least 0.8
│          seen:   1 (computed here)
└─ ? people still have to look at this content
   │ rule:   approvals
   │ wanted: all of them pass
   │ seen:   0 of 1 pass
   └─ ? 0 of 1 asked people approved this content: 1 more needed
        rule:   approvals:1
        wanted: 1 person (not the author or requester)
        seen:   nobody

All of them together ───────────────────────────────────────────────────────────
? The change may not land yet.
├─ ? The change of tier high has not shown everything that is asked for yet.
│  ├─ ✓ tests shows what is wanted: tests.run_count is 12; tests.failed_count is
│  │    0; tests.errors_count is 0; tests.exit_code is 0
│  ├─ ✓ secrets_scan shows what is wanted: secrets.found_count is 0
│  ├─ ✓ wired shows what is wanted: wiring.sound is true
│  ├─ ✓ guards_kept shows what is wanted: guards.kept is true
│  ├─ ✓ nothing_dark shows what is wanted: wiring.explained is true
│  ├─ ✓ changed_lines shows what is wanted: coverage.exercised_ratio is 1
│  └─ ? people still have to look at this content
│     │ wanted: all of them pass
│     │ seen:   0 of 2 pass
│     ├─ ? 0 of 2 asked people approved this content: 2 more needed
│     │    wanted: 2 people proven by key (not the author or requester)
│     │    seen:   nobody
│     └─ ? 0 of 1 asked people approved this content: 1 more needed
│          wanted: 1 person under the lens security proven by key (not the
│                  author or requester)
│          seen:   nobody
└─ ? The change of tier medium has not shown everything that is asked for yet.
   ├─ ✓ tests shows what is wanted: tests.run_count is 12; tests.failed_count is
   │    0; tests.errors_count is 0; tests.exit_code is 0
   ├─ ✓ secrets_scan shows what is wanted: secrets.found_count is 0
   ├─ ✓ wired shows what is wanted: wiring.sound is true
   ├─ ✓ guards_kept shows what is wanted: guards.kept is true
   ├─ ✓ nothing_dark shows what is wanted: wiring.explained is true
   ├─ ✓ changed_lines shows what is wanted: coverage.exercised_ratio is 1
   └─ ? people still have to look at this content
      │ wanted: all of them pass
      │ seen:   0 of 1 pass
      └─ ? 0 of 1 asked people approved this content: 1 more needed
           wanted: 1 person (not the author or requester)
           seen:   nobody

Next ───────────────────────────────────────────────────────────────────────────
  1. Look at the change under the lens security and approve it, signed with a
     key. (bo, clara, dora)
       rh approve refunds --lens security
  2. Look at the change and approve it, signed with a key. (bo, clara, dora)
       rh approve refunds
  3. Look at the change and approve it. (bo, clara, dora)
       rh approve refunds\
""")


def test_why_in_ascii_shows_everything_that_was_seen_and_wanted() -> None:
    """A pipe or an old terminal must be able to show the whole tree."""
    examination = examination_of(small_change(), findings=green_findings(), brief=BRIEF)
    assert why_text(show_check(examination, ChangeSpec()), PLAIN) == WHY


def test_explain_shows_each_policy_in_force() -> None:
    """When a change edits the policy both judge, and the reader must see which of them stands in the way."""
    strict, loose = rules_of().policies[0].policy, rules_of().policies[0].policy
    loose = replace(loose, surfaces=())
    examination = examination_of(
        small_change("src/auth/login.py"), rules=rules_of(strict, loose), findings=green_findings()
    )
    assert explain_text(explain(examination, REFUNDS), NARROW) == EXPLAIN
