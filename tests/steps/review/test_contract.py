"""The JSON contracts: later versions add keys and never change these."""

from pprint import pformat

from inline_snapshot import snapshot

from release_harness.kernel.records import to_plain
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.operations import OPERATIONS
from release_harness.steps.review.rules.shown import explain, show_check
from release_harness.testing.review import examination_of, small_change

SPEC = ChangeSpec(revision="refunds")
CHECK = snapshot("""\
{'change': {'base': 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
            'head': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
            'branch': 'refunds',
            'authors': [{'id': 'ana', 'kind': 'person', 'name': 'Ana', 'email': 'ana@example.org'}],
            'files_count': 1,
            'lines_added': 8,
            'lines_removed': 2,
            'target': 'main',
            'title': 'Answer refunds by mail',
            'worktree': False,
            'requester': None,
            'gaps': [],
            'conflicts': [],
            'notes': []},
 'digests': {'result_tree': '1111111111111111111111111111111111111111',
             'change': 'sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',
             'policy': 'sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'},
 'card': {'goal': {'says': 'no brief; the commit says: Answer refunds by mail',
                   'source': 'missing',
                   'asks': 'the goal: write a brief with `rh brief new NAME` and name it with a trailer `Brief: '
                           'NAME`'},
          'scope': {'says': '1 file, +8 -2 lines; touches auth', 'source': 'computed', 'asks': ''},
          'risk_tier': {'says': 'high (surface:auth)', 'source': 'computed', 'asks': ''},
          'verification_evidence': {'says': 'tests: unknown (no test result for this tree); changed lines '
                                            'exercised: unknown; no secret found; entry points: unknown',
                                    'source': 'missing',
                                    'asks': 'a test result for exactly this tree: `rh evidence run`, or `rh '
                                            'evidence add FILE` from CI'},
          'ship_method': {'says': 'Behind a flag, internal ring first, then by percent. (auth)',
                          'source': 'policy',
                          'asks': ''},
          'rollback_method': {'says': 'Turn the flag off; revert the landing if sessions or grants were written. '
                                      '(auth)',
                              'source': 'policy',
                              'asks': ''},
          'watch_metrics': {'says': 'share of logins that succeed; rate of 401 and 403 answers',
                            'source': 'policy',
                            'asks': ''}},
 'tier': {'name': 'high',
          'reasons': [{'rule': 'surface:auth',
                       'because': 'Who may do what is decided here.',
                       'files': ['src/auth/login.py'],
                       'tier': 'high',
                       'policy': ''}],
          'surfaces': ['auth']},
 'facts': {'brief.outcome': {'value': None, 'source': '', 'unknown': 'the change names no brief'},
           'brief.present': {'value': False, 'source': 'computed here', 'unknown': ''},
           'change.code_files_count': {'value': 1, 'source': 'computed here', 'unknown': ''},
           'change.files_count': {'value': 1, 'source': 'computed here', 'unknown': ''},
           'change.hidden_files_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'change.lines': {'value': 10, 'source': 'computed here', 'unknown': ''},
           'change.mode_changes_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'change.submodules_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'change.symlinks_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'coverage.changed_lines_count': {'value': 10, 'source': 'computed here', 'unknown': ''},
           'coverage.exercised_ratio': {'value': 1.0, 'source': 'computed here', 'unknown': ''},
           'entry_points.affected_count': {'value': None,
                                           'source': '',
                                           'unknown': 'entry points are not analysed yet'},
           'guards.kept': {'value': True, 'source': 'computed here', 'unknown': ''},
           'impact.found': {'value': [], 'source': 'computed here', 'unknown': ''},
           'impact.reading': {'value': 'whole', 'source': 'computed here', 'unknown': ''},
           'migrations.files_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'risk.recently_reverted': {'value': None,
                                      'source': '',
                                      'unknown': 'the history was not walked yet: run `rh backtest` once'},
           'risk.recently_reverted_files_count': {'value': None,
                                                  'source': '',
                                                  'unknown': 'the history was not walked yet: run `rh backtest` '
                                                             'once'},
           'risk.score_percentile': {'value': None,
                                     'source': '',
                                     'unknown': 'the history was not walked yet: run `rh backtest` once'},
           'rollback.known': {'value': True,
                              'source': 'computed here: reverting the commit undoes it',
                              'unknown': ''},
           'secrets.found_count': {'value': 0, 'source': 'computed here', 'unknown': ''},
           'tests.run_count': {'value': None, 'source': '', 'unknown': 'no test result for this tree'},
           'wiring.explained': {'value': True, 'source': 'computed here', 'unknown': ''},
           'wiring.sound': {'value': True, 'source': 'computed here', 'unknown': ''}},
 'verdict': {'outcome': 'unknown',
             'says': 'The change of tier high has not shown everything that is asked for yet.',
             'seen': '5 of 7 pass',
             'wanted': 'everything that tier high asks for',
             'children': [{'outcome': 'unknown',
                           'says': 'there is no tests evidence for this content',
                           'seen': 'none',
                           'wanted': 'tests.run_count is more than 0 and tests.failed_count is 0 and '
                                     'tests.errors_count is 0 and tests.exit_code is 0',
                           'children': [],
                           'rule': 'evidence:tests'},
                          {'outcome': 'pass',
                           'says': 'secrets_scan shows what is wanted: secrets.found_count is 0',
                           'seen': '0 (computed here) [computed from the change]',
                           'wanted': 'secrets.found_count is 0',
                           'children': [{'outcome': 'pass',
                                         'says': 'secrets.found_count is 0',
                                         'seen': '0 (computed here)',
                                         'wanted': 'secrets.found_count is 0',
                                         'children': [],
                                         'rule': ''}],
                           'rule': 'evidence:secrets_scan'},
                          {'outcome': 'pass',
                           'says': 'wired shows what is wanted: wiring.sound is true',
                           'seen': 'true (computed here) [computed from the change]',
                           'wanted': 'wiring.sound is true',
                           'children': [{'outcome': 'pass',
                                         'says': 'wiring.sound is true',
                                         'seen': 'true (computed here)',
                                         'wanted': 'wiring.sound is true',
                                         'children': [],
                                         'rule': ''}],
                           'rule': 'evidence:wired'},
                          {'outcome': 'pass',
                           'says': 'guards_kept shows what is wanted: guards.kept is true',
                           'seen': 'true (computed here) [computed from the change]',
                           'wanted': 'guards.kept is true',
                           'children': [{'outcome': 'pass',
                                         'says': 'guards.kept is true',
                                         'seen': 'true (computed here)',
                                         'wanted': 'guards.kept is true',
                                         'children': [],
                                         'rule': ''}],
                           'rule': 'evidence:guards_kept'},
                          {'outcome': 'pass',
                           'says': 'nothing_dark shows what is wanted: wiring.explained is true',
                           'seen': 'true (computed here) [computed from the change]',
                           'wanted': 'wiring.explained is true',
                           'children': [{'outcome': 'pass',
                                         'says': 'wiring.explained is true',
                                         'seen': 'true (computed here)',
                                         'wanted': 'wiring.explained is true',
                                         'children': [],
                                         'rule': ''}],
                           'rule': 'evidence:nothing_dark'},
                          {'outcome': 'pass',
                           'says': 'changed_lines shows what is wanted: coverage.exercised_ratio is 1',
                           'seen': '1 of 3 true [computed from the change]',
                           'wanted': 'change.code_files_count is 0 or coverage.changed_lines_count is 0 or '
                                     'coverage.exercised_ratio is at least 0.8',
                           'children': [{'outcome': 'pass',
                                         'says': 'coverage.exercised_ratio is 1',
                                         'seen': '1 of 3 true',
                                         'wanted': 'one of them true',
                                         'children': [{'outcome': 'fail',
                                                       'says': 'change.code_files_count is 1',
                                                       'seen': '1 (computed here)',
                                                       'wanted': 'change.code_files_count is 0',
                                                       'children': [],
                                                       'rule': ''},
                                                      {'outcome': 'fail',
                                                       'says': 'coverage.changed_lines_count is 10',
                                                       'seen': '10 (computed here)',
                                                       'wanted': 'coverage.changed_lines_count is 0',
                                                       'children': [],
                                                       'rule': ''},
                                                      {'outcome': 'pass',
                                                       'says': 'coverage.exercised_ratio is 1',
                                                       'seen': '1 (computed here)',
                                                       'wanted': 'coverage.exercised_ratio is at least 0.8',
                                                       'children': [],
                                                       'rule': ''}],
                                         'rule': ''}],
                           'rule': 'evidence:changed_lines'},
                          {'outcome': 'unknown',
                           'says': 'people still have to look at this content',
                           'seen': '0 of 2 pass',
                           'wanted': 'all of them pass',
                           'children': [{'outcome': 'unknown',
                                         'says': '0 of 2 asked people approved this content: 2 more needed',
                                         'seen': 'nobody',
                                         'wanted': '2 people proven by key (not the author or requester)',
                                         'children': [],
                                         'rule': 'approvals:2:key'},
                                        {'outcome': 'unknown',
                                         'says': '0 of 1 asked people approved this content: 1 more needed',
                                         'seen': 'nobody',
                                         'wanted': '1 person under the lens security proven by key (not the author '
                                                   'or requester)',
                                         'children': [],
                                         'rule': 'approvals:1:key:lens=security'}],
                           'rule': 'approvals'}],
             'rule': 'tier:high'},
 'next_actions': [{'do': 'Run the tests on the result: shows `tests`.',
                   'command': 'rh evidence run refunds',
                   'who': 'anybody',
                   'shows': ['tests']},
                  {'do': 'Look at the change under the lens security and approve it, signed with a key.',
                   'command': 'rh approve refunds --lens security',
                   'who': 'bo, clara, dora',
                   'shows': []},
                  {'do': 'Look at the change and approve it, signed with a key.',
                   'command': 'rh approve refunds',
                   'who': 'bo, clara, dora',
                   'shows': []}],
 'forced': False,
 'policies': [{'source': 'built-in defaults',
               'digest': 'sha256:0000000000000000000000000000000000000000000000000000000000000000'}],
 'approvals': [],
 'stale_evidence': [],
 'rejected_evidence': [],
 'findings': [],
 'claims': [],
 'revision': 'refunds',
 'impact': None,
 'walked': [],
 'together': None,
 'weakened': []}\
""")
PEOPLE = snapshot("""\
{'outcome': 'unknown',
 'says': 'people still have to look at this content',
 'seen': '0 of 1 pass',
 'wanted': 'all of them pass',
 'children': [{'outcome': 'unknown',
               'says': '0 of 1 asked people approved this content: 1 more needed',
               'seen': 'nobody',
               'wanted': '1 person (not the author or requester)',
               'children': [],
               'rule': 'approvals:1'}],
 'rule': 'approvals'}\
""")


def show(plain: object) -> str:
    """Lay plain data out in few lines, keys in their own order."""
    return pformat(plain, width=116, compact=True, sort_dicts=False)


def test_check_answers_the_contract_in_its_order() -> None:
    """Programs and agents read these keys; their order is that of the contract."""
    plain = to_plain(show_check(examination_of(small_change("src/auth/login.py")), SPEC))
    assert isinstance(plain, dict)
    assert list(plain)[:7] == ["change", "digests", "card", "tier", "facts", "verdict", "next_actions"]
    assert list(plain["change"])[:7] == [
        "base",
        "head",
        "branch",
        "authors",
        "files_count",
        "lines_added",
        "lines_removed",
    ]
    assert list(plain["digests"]) == ["result_tree", "change", "policy"]
    assert list(plain["card"]) == [
        "goal",
        "scope",
        "risk_tier",
        "verification_evidence",
        "ship_method",
        "rollback_method",
        "watch_metrics",
    ]
    assert list(plain["tier"])[:2] == ["name", "reasons"]
    assert list(plain["tier"]["reasons"][0])[:3] == ["rule", "because", "files"]
    assert list(plain["verdict"])[:5] == ["outcome", "says", "seen", "wanted", "children"]
    assert list(plain["next_actions"][0]) == ["do", "command", "who", "shows"]


def test_check_as_json() -> None:
    """The whole answer for one small change, so that every change of the contract is seen in review."""
    plain = to_plain(show_check(examination_of(small_change("src/auth/login.py")), SPEC))
    assert show(plain) == CHECK


def test_explain_as_json() -> None:
    """Agents read this to find out what to do; seen and wanted stand at every node."""
    plain = to_plain(explain(examination_of(small_change("docs/a.md")), SPEC))
    assert isinstance(plain, dict)
    assert list(plain) == ["change", "digests", "tier", "policies", "verdict", "actions"]
    (policy,) = plain["policies"]
    assert list(policy) == ["source", "digest", "tier", "forced", "verdict"]
    assert show(policy["verdict"]["children"][-1]) == PEOPLE


def test_every_operation_names_a_schema_with_a_version() -> None:
    """A contract without a version cannot be changed."""
    assert {each.name: each.schema for each in OPERATIONS} == {
        "check": "rh.check/1",
        "why": "rh.check/1",
        "card": "rh.check/1",
        "policy explain": "rh.explain/1",
        "approve": "rh.approval/1",
        "reject": "rh.approval/1",
        "review queue": "rh.review-queue/1",
        "break-glass": "rh.break-glass/1",
    }
