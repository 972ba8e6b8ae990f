"""Every fault of a policy is said at once, with its place, what was expected and the nearest name."""

import pytest
from inline_snapshot import snapshot

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.errors import InputError

REQUIRE = """
require:
  low: { evidence: [tests], approvals: [] }
  medium: { inherit: low, approvals: [{ humans: 1 }] }
  high: { inherit: medium, approvals: [{ humans: 2, proof: key }] }
  critical: { inherit: high, evidence: [rollback_drill] }
"""

PEOPLE = """
people: { ana: { emails: [ana@example.org] } }
facts: { load.p99_seconds: { type: float }, load.regions: { type: strings } }
"""


def _faults(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        PolicyFileReader().read_policy(text.encode(), "p.yaml")
    return [fault.sentence() for fault in caught.value.faults]


def test_all_faults_are_said_at_once() -> None:
    """Mending a file fault by fault costs a run each; the place, the expectation and the nearest name save them."""
    faults = _faults("""
version: 1
tiers: [low, medium, high]
default_teir: high
surfaces:
  auth: { path: ["**/auth/**"], tier: hihg }
  b: { paths: ["^src/.*$", "{a,b}"], tier: high, hard: yes, owners: [bo] }
raise:
  - { id: big, when: { any: [{ fact: change.linse, gt: 400 }, { fact: change.title, gt: "30" }] }, tier: high }
  - { id: big, when: { fact: change.files_count, eq: "3" }, tier: higher }
require:
  low: { evidence: [test], inherit: medium }
  medium: { inherit: low, approvals: [{ human: 1, not: [authr] }] }
people:
  ana: {}
teams: { core: [anna] }
""")
    assert faults == snapshot(
        [
            "p.yaml:2:1: The key 'default_tier' is missing: nobody knows how risky a change is that no rule speaks of. Expected a tier of this file, the highest one when in doubt.",
            "p.yaml:4:1: There is no key 'default_teir' here. Expected `version`, `tiers`, `default_tier`, `surfaces`, `raise`, `lower`, `require`, `evidence`, `approvals`, `break_glass`, `people`, `agents`, `teams`, `facts`. Did you mean 'default_tier'?",
            "p.yaml:6:9: The key 'paths' is missing.",
            "p.yaml:6:11: There is no key 'path' here. Expected `paths`, `tier`, `hard`, `evidence`, `owners`, `lenses`, `ship`, `rollback`, `watch`, `because`. Did you mean 'paths'?",
            "p.yaml:6:39: There is no tier 'hihg'. Expected one of `low`, `medium`, `high`. Did you mean 'high'?",
            "p.yaml:7:16: The path pattern '^src/.*$' looks like a regular expression, and this is a path pattern. Expected a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`.",
            "p.yaml:7:28: The path pattern '{a,b}' has '{': braces are not understood, write one pattern for each (or `\\{`). Expected a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`.",
            "p.yaml:7:56: Found the text 'yes'. Expected true or false.",
            "p.yaml:7:70: There is no person, team or role 'bo'. Expected one of `ana`, `core`.",
            "p.yaml:9:38: There is no fact 'change.linse'. Expected one of `change.lines`, `change.lines_added`, `change.lines_removed`, `change.title`, `change.languages`, `change.symlinks_count`, `change.listing_complete`, `change.files_count`, `change.author_kind`, `change.lock_files_count`, `change.commits_count`, `coverage.missed_lines`, `change.binary_files_count`, `change.submodules_count`, `change.code_files_count`, `coverage.changed_lines_count`, `wiring.explained` and 52 more. Did you mean 'change.lines'?",
            "p.yaml:9:85: `gt` does not fit change.title, which is text. Expected `eq` or `ne` or `in` or `matches` or `known`.",
            "p.yaml:10:11: The id 'big' belongs to another rule as well. Expected every id once.",
            "p.yaml:10:54: Found the text '3'. Expected a whole number.",
            "p.yaml:10:67: There is no tier 'higher'. Expected one of `low`, `medium`, `high`. Did you mean 'high'?",
            "p.yaml:12:3: The tier 'high' is missing: nobody knows what such a change must show. Expected a requirement for every tier.",
            "p.yaml:12:21: There is no evidence 'test'. Expected one of `tests`, `secrets_scan`, `wired`, `guards_kept`, `nothing_dark`, `changed_lines`, `rollback_path`, `rollback_drill`. Did you mean 'tests'?",
            "p.yaml:12:37: The tiers inherit in a circle: low → medium → low. Expected an end.",
            "p.yaml:13:39: The key 'humans' is missing. Expected how many people.",
            "p.yaml:13:41: There is no key 'human' here. Expected `humans`, `proof`, `role`, `lens`, `owners`, `not`. Did you mean 'humans'?",
            "p.yaml:13:57: Found the text 'authr'. Expected one of `author`, `requester`. Did you mean 'author'?",
            "p.yaml:15:8: Nobody can tell who 'ana' is. Expected `emails`, `logins` or `keys`.",
            "p.yaml:16:17: There is no person 'anna'. Expected `ana`. Did you mean 'ana'?",
        ]
    )


BAD = {
    "misspelt key": (
        "version: 1\nsurfacs: {}\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:1: There is no key 'surfacs' here. Expected `version`, `tiers`, `default_tier`, `surfaces`, `raise`, `lower`, `require`, `evidence`, `approvals`, `break_glass`, `people`, `agents`, `teams`, `facts`. Did you mean 'surfaces'?"
            ]
        ),
    ),
    "wrong version": ("version: 2\n" + REQUIRE, snapshot(["p.yaml:1:10: Found the number 2. Expected the number 1."])),
    "version as text": (
        "version: '1'\n" + REQUIRE,
        snapshot(["p.yaml:1:10: Found the text '1'. Expected the number 1."]),
    ),
    "not a mapping": (
        "- version: 1\n",
        snapshot(
            [
                "p.yaml:1:1: Found a list. Expected a mapping with `version`, `tiers`, `default_tier`, `surfaces`, `raise`, `lower`, `require`, `evidence`, `approvals`, `break_glass`, `people`, `agents`, `teams`, `facts`."
            ]
        ),
    ),
    "nothing under a key": (
        "version: 1\nsurfaces:\n" + REQUIRE,
        snapshot(["p.yaml:2:10: Found nothing. Expected a mapping."]),
    ),
    "unknown tier": (
        "version: 1\nsurfaces: { a: { paths: [a], tier: urgent } }\n" + REQUIRE,
        snapshot(["p.yaml:2:36: There is no tier 'urgent'. Expected one of `low`, `medium`, `high`, `critical`."]),
    ),
    "tier twice": (
        "version: 1\ntiers: [low, low]\ndefault_tier: low\nrequire: { low: {} }\n",
        snapshot(["p.yaml:2:14: The tier 'low' stands twice. Expected every tier once."]),
    ),
    "tiers without default": (
        "version: 1\ntiers: [low]\nrequire: { low: { evidence: [tests] } }\n",
        snapshot(
            [
                "p.yaml:1:1: The key 'default_tier' is missing: nobody knows how risky a change is that no rule speaks of. Expected a tier of this file, the highest one when in doubt."
            ]
        ),
    ),
    "inherits in a circle": (
        "version: 1\ntiers: [a, b, c]\ndefault_tier: c\nrequire: { a: { inherit: c }, b: { inherit: a }, c: { inherit: b } }\n",
        snapshot(["p.yaml:4:26: The tiers inherit in a circle: a → c → b → a. Expected an end."]),
    ),
    "inherits itself": (
        "version: 1\ntiers: [a]\ndefault_tier: a\nrequire: { a: { inherit: a } }\n",
        snapshot(["p.yaml:4:26: The tiers inherit in a circle: a → a. Expected an end."]),
    ),
    "inherits what is not there": (
        "version: 1\ntiers: [a]\ndefault_tier: a\nrequire: { a: { inherit: b } }\n",
        snapshot(["p.yaml:4:26: There is no tier 'b'. Expected `a`."]),
    ),
    "no require": (
        "version: 1\n",
        snapshot(["p.yaml:1:1: The key 'require' is missing. Expected what a change of each tier must show."]),
    ),
    "a tier without requirement": (
        "version: 1\nrequire: { low: {}, medium: {}, high: {} }\n",
        snapshot(
            [
                "p.yaml:2:10: The tier 'critical' is missing: nobody knows what such a change must show. Expected a requirement for every tier."
            ]
        ),
    ),
    "evidence that nobody defines": (
        "version: 1\nrequire: { low: { evidence: [load_test] }, medium: {}, high: {}, critical: {} }\n",
        snapshot(
            [
                "p.yaml:2:30: There is no evidence 'load_test'. Expected one of `tests`, `secrets_scan`, `wired`, `guards_kept`, `nothing_dark`, `changed_lines`, `rollback_path`, `rollback_drill`."
            ]
        ),
    ),
    "approval of nobody": (
        "version: 1\nrequire: { low: { approvals: [{ humans: 0 }] }, medium: {}, high: {}, critical: {} }\n",
        snapshot(["p.yaml:2:41: The approval asks for nobody. Expected a number from 1, or `owners`."]),
    ),
    "true as a number": (
        "version: 1\nrequire: { low: { approvals: [{ humans: true }] }, medium: {}, high: {}, critical: {} }\n",
        snapshot(["p.yaml:2:41: Found true. Expected a whole number from 0 to 100."]),
    ),
    "fact of the wrong type": (
        "version: 1\nraise: [{ id: a, tier: high, when: { fact: flags.touched, eq: 1 } }]\n" + REQUIRE,
        snapshot(["p.yaml:2:63: Found the number 1. Expected true or false."]),
    ),
    "contains on text": (
        "version: 1\nraise: [{ id: a, tier: high, when: { fact: change.title, contains: auth } }]\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:58: `contains` does not fit change.title, which is text. Expected `eq` or `ne` or `in` or `matches` or `known`."
            ]
        ),
    ),
    "fact without operator": (
        "version: 1\nraise: [{ id: a, tier: high, when: { fact: change.lines } }]\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:36: The fact is compared with nothing. Expected exactly one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `contains`, `matches`, `known`."
            ]
        ),
    ),
    "two operators": (
        "version: 1\nraise: [{ id: a, tier: high, when: { fact: change.lines, gt: 1, lt: 3 } }]\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:36: The fact is compared in several ways at once. Expected exactly one of `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `contains`, `matches`, `known`."
            ]
        ),
    ),
    "operator without fact": (
        "version: 1\nraise: [{ id: a, tier: high, when: { surface: auth, gt: 1 } }]\n" + REQUIRE,
        snapshot(["p.yaml:2:53: `gt` compares a fact, and there is none here. Expected `surface` alone."]),
    ),
    "regular expression that can hang": (
        "version: 1\nraise: [{ id: a, tier: high, when: { fact: change.title, matches: '(a+)+b' } }]\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:67: The regular expression '(a+)+b' repeats a group that holds a quantifier or alternatives, which can take for ever."
            ]
        ),
    ),
    "empty all": (
        "version: 1\nraise: [{ id: a, tier: high, when: { all: [] } }]\n" + REQUIRE,
        snapshot(["p.yaml:2:43: Found an empty list. Expected at least one item."]),
    ),
    "duration without unit": (
        "version: 1\nbreak_glass: { who: [ana], ttl: 4, review_within: soon }\n" + REQUIRE + PEOPLE,
        snapshot(
            [
                "p.yaml:2:33: Found the number 4. Expected a duration such as 15m, 24h or 7d.",
                "p.yaml:2:51: Found the text 'soon'. Expected a duration such as 15m, 24h or 7d.",
            ]
        ),
    ),
    "duration of nothing": (
        "version: 1\nbreak_glass: { who: [ana], ttl: 0h, review_within: 1d }\n" + REQUIRE + PEOPLE,
        snapshot(["p.yaml:2:33: The duration is zero. Expected a duration such as 4h."]),
    ),
    "negation first": (
        "version: 1\nsurfaces: { a: { paths: ['!a/**', b], tier: high } }\n" + REQUIRE,
        snapshot(["p.yaml:2:26: The first line takes out of an empty set. Expected a line without `!` before it."]),
    ),
    "bare regular expression as glob": (
        "version: 1\nsurfaces: { a: { paths: ['.*/auth/.*', '.*_test.go'], tier: high } }\n" + REQUIRE,
        snapshot(
            [
                "p.yaml:2:26: The path pattern '.*/auth/.*' looks like a regular expression. Expected a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`.",
                "p.yaml:2:40: The path pattern '.*_test.go' looks like a regular expression. Expected a glob from the root of the repository, such as `src/auth/**` or `**/*.sql`.",
            ]
        ),
    ),
    "person without anything": (
        "version: 1\npeople: { ana: {} }\n" + REQUIRE,
        snapshot(["p.yaml:2:16: Nobody can tell who 'ana' is. Expected `emails`, `logins` or `keys`."]),
    ),
    "one address for a person and an agent": (
        "version: 1\npeople: { ana: { emails: [A@x.org] } }\nagents: { bot: { emails: [a@x.org] } }\n" + REQUIRE,
        snapshot(["p.yaml:3:27: This belongs to 'ana' as well. Expected every identity once."]),
    ),
    "built-in fact declared anew": (
        "version: 1\nfacts: { tests.failed_count: { type: int } }\n" + REQUIRE,
        snapshot(["p.yaml:2:10: tests.failed_count is a built-in fact. Expected another name."]),
    ),
    "type that is none": (
        "version: 1\nfacts: { load.p99: { type: number } }\n" + REQUIRE,
        snapshot(["p.yaml:2:28: Found the text 'number'. Expected one of `bool`, `int`, `float`, `str`, `strings`."]),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_policy_is_refused_with_a_sentence(name: str) -> None:
    """Each row is a slip that was seen in real files of this kind, or would make a policy weaker without a word."""
    text, expected = BAD[name]
    assert _faults(text) == expected


def test_a_faulty_surface_is_still_a_known_surface() -> None:
    """One slip must not be reported again at every place that refers to the thing with the slip."""
    faults = _faults(
        "version: 1\nsurfaces: { pay: { paths: [pay/**], teir: high } }\n"
        "raise: [{ id: a, tier: high, when: { surface: pay } }]\n" + REQUIRE
    )
    assert not [fault for fault in faults if "no surface" in fault]
    assert len(faults) == 2
