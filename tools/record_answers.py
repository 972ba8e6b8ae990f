"""Runs the real commands on the demo's shop and keeps the shape of every answer whose JSON form is written by hand.

What was kept before is only widened, since JSON is a contract: `make docs` makes the published schemas from it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "demo"))

import changes
from reference.observed import file_of, kept, merge, shape_of
from world import ANA, BO, CLARA, Person, World

from release_harness.app import all_operations
from release_harness.testing.past import made_up_history

CASES = """
version: 1
cases:
  - name: words only
    files: [docs/guide.md]
    authors: [ana]
    expect: { tier: low }
  - name: a wrong expectation
    files: [shop/auth.py]
    authors: [ana]
    expect: { tier: low, outcome: pass }
"""
PAST_POLICY = """
version: 1
tiers: [low, high]
default_tier: high
lower:
  - { id: docs, only: ["docs/**"], to: low }
require:
  low: { evidence: [tests], approvals: [] }
  high: { inherit: low, approvals: [{ humans: 1 }] }
evidence:
  tests: { predicate: test-result/v0.1, bind: result_tree, when: { fact: tests.failed_count, eq: 0 } }
people: { ana: { emails: [ana@example.org] }, bo: { emails: [bo@example.org] } }
"""
JUNIT = '<testsuite name="shop" tests="1"><testcase classname="shop" name="test_it" time="0.1"/></testsuite>'


def commands(world: World) -> Iterator[tuple[Person, tuple[str, ...]]]:
    """Yield commands in an order in which each has something to say; errors are answers too."""
    key = str(world.key(BO))
    yield from (
        (ANA, each) for each in (("init", "--check"), ("policy", "check"), ("policy", "lint"), ("policy", "test"))
    )
    yield from ((ANA, each) for each in (("brief", "new", "hours"), ("brief", "check"), ("brief", "show", "hours")))
    for branch in ("vouchers", "long-sessions", "fewer-rules", "opening-hours"):
        yield ANA, ("change", "show", branch)
        yield ANA, ("check", branch)
        yield ANA, ("policy", "explain", branch)
    yield ANA, ("check", "no-such-branch")
    yield ANA, ("impact", "vouchers")
    yield ANA, ("entries",)
    yield ANA, ("check", "vouchers", "--with", "long-sessions")
    yield ANA, ("coherence", "vouchers", "long-sessions", "opening-hours")
    yield ANA, ("evidence", "list", "vouchers")
    yield ANA, ("evidence", "run", "vouchers")
    yield ANA, ("evidence", "list", "vouchers")
    yield ANA, ("evidence", "verify")
    yield ANA, ("evidence", "add", "../junit.xml", "--for", "vouchers")
    yield ANA, ("evidence", "claim", "I looked at it twice.", "--for", "vouchers")
    yield ANA, ("evidence", "export", "--all")
    yield BO, ("approve", "vouchers", "--key", key)
    yield CLARA, ("reject", "long-sessions", "--unsigned")
    yield ANA, ("review", "queue")
    yield ANA, ("land", "long-sessions")
    yield ANA, ("land", "opening-hours", "--dry-run")
    yield ANA, ("land", "opening-hours")
    yield ANA, ("land", "opening-hours")
    yield ANA, ("land", "--list")
    yield ANA, ("queue", "simulate", "--seeds", "1", "--hours", "1", "--runners", "1,2")
    yield ANA, ("queue", "simulate", "--workload", "history", "--seeds", "1")
    for verb in (
        ("log",),
        ("show", "0"),
        ("verify",),
        ("prove", "0"),
        ("checkpoint",),
        ("export", "../bundle.json"),
        ("rebuild",),
    ):
        yield ANA, ("ledger", *verb)
    yield ANA, ("retro", "main~4..main")


def real_answers(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Build the shop, run every command, and yield the command line and its answer."""
    world = World(folder)
    world.build()
    (folder / "junit.xml").write_text(JUNIT)
    vouchers = {
        "shop/vouchers.py": changes.VOUCHERS,
        "shop/orders.py": world.edited("shop/orders.py", *changes.VOUCHERS_IN_ORDERS),
        "tests/test_shop_vouchers.py": changes.VOUCHER_TESTS,
    }
    world.change("vouchers", vouchers, "Take vouchers")
    auth = world.edited("shop/auth.py", *changes.LONG_SESSION)
    world.change("long-sessions", {"shop/auth.py": auth}, "Keep customers logged in for a week")
    policy = world.edited(".rh/policy.yaml", *changes.LOOSE_RULES)
    world.change("fewer-rules", {".rh/policy.yaml": policy, "shop/auth.py": auth}, "Ask for less")
    guide = world.edited("docs/guide.md") + changes.OPENING_HOURS
    world.change("opening-hours", {"docs/guide.md": guide}, "Say when orders leave the shop")
    (world.shop / ".rh/policy.tests.yaml").write_text(CASES)
    for who, arguments in commands(world):
        yield " ".join(("rh", *arguments)), world.rh(*arguments, "--format", "json", who=who).json()
    yield from past_answers(folder / "past")


def past_answers(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask about the landings of a made-up history, which the young shop does not have."""
    world = World(folder)
    (folder / "home").mkdir(parents=True)
    world.shop.mkdir()
    world.git("init", "--quiet", "--initial-branch=main")
    importing = ["git", "-C", str(world.shop), "fast-import", "--quiet"]
    subprocess.run(importing, input=made_up_history(), check=True)
    world.git("reset", "--quiet", "--hard", "main")
    (world.shop / "policy.yaml").write_text(PAST_POLICY)
    for arguments in (
        ("backtest", "--policy", "policy.yaml"),
        ("policy", "diff", "built-in", "policy.yaml"),
        ("queue", "simulate", "--workload", "history", "--seeds", "1", "--runners", "1", "--days", "300"),
    ):
        yield " ".join(("rh", *arguments)), world.rh(*arguments, "--format", "json").json()


def main() -> int:
    """Widen what is kept; say which hand-written answers were never seen."""
    by_hand = {each.schema for each in all_operations() if each.plain is not None}
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        for line, answer in real_answers(Path(folder).resolve()):
            name = answer["schema"]
            print(f"{line}: {name}")
            seen.add(name)
            if name in by_hand:
                widened = merge(kept(name) or {}, shape_of(answer))
                file_of(name).parent.mkdir(exist_ok=True)
                file_of(name).write_text(json.dumps(widened, indent=2) + "\n", encoding="utf-8")
    never = sorted(by_hand - seen)
    print(f"never seen: {', '.join(never)}" if never else "every hand-written answer was seen")
    return 1 if never else 0


if __name__ == "__main__":
    sys.exit(main())
