"""What a change touches, asked of real git repositories through the real application."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from release_harness.app import Application
from release_harness.kernel.facts import Known, Unknown
from release_harness.kernel.operations import View
from release_harness.kernel.records import to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.flow.impact import impact_for
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.model.reading import Reading
from release_harness.steps.evidence.operations.impact import (
    EntriesInput,
    ImpactInput,
    answer_entries,
    answer_impact,
    entries_text,
    impact_text,
)
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.steps.project.flow import rules_for
from release_harness.steps.review.flow.examine import examine
from release_harness.steps.review.render.report import check_text
from release_harness.steps.review.rules.shown import show_check
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress
from release_harness.testing.shop import SHOP, shop_with

pytestmark = pytest.mark.slow

GUARD = ", dependencies=[Depends(require_admin)]"


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """Make a repository whose main branch holds the shop."""
    repository = GitRepository.create(tmp_path / "shop")
    repository.commit(dict(SHOP), "the shop")
    return repository


def branch(repository: GitRepository, sources: Mapping[str, str], message: str = "change") -> None:
    """Commit sources on a branch named `topic`."""
    repository.git("checkout", "--quiet", "-b", "topic", "main")
    repository.commit(sources, message)
    repository.git("checkout", "--quiet", "main")


def application(repository: GitRepository) -> Application:
    """Return the real application in the folder of the repository."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(repository.path.parent), "RH_KEYS": str(repository.path.parent)}
    return Application(repository.path, environment, RecordedProgress())


def ask(repository: GitRepository, revision: str = "topic") -> ImpactAnswer:
    """Answer what a branch touches."""
    needs = application(repository)
    change = gather(needs, ChangeSpec(revision=revision, base="main"))
    rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
    return impact_for(needs, change, rules)


def test_a_removed_guard_fails_the_check_and_says_what_to_put_back(repository: GitRepository) -> None:
    """The flagship: one deleted word, caught before anybody reads the diff."""
    branch(repository, shop_with("shop/api/items.py", GUARD, ""))
    spec = ChangeSpec(revision="topic", base="main")
    examination = examine(application(repository), spec)
    said = check_text(show_check(examination, spec), View(width=100))

    assert examination.outcome is Outcome.FAIL
    assert examination.tier.tier == "high"
    assert "guard removed: DELETE /items/{id}: Depends(require_admin)" in " ".join(said.split())
    assert any("Put the guard of DELETE /items/{id} back" in each.do for each in examination.next_actions)


def test_a_half_plugged_in_feature_fails_the_check(repository: GitRepository) -> None:
    """Green tests over a router that nothing includes are no feature."""
    orders = SHOP["shop/api/users.py"].replace("users", "orders")
    branch(repository, {"shop/api/orders.py": orders})
    examination = examine(application(repository), ChangeSpec(revision="topic", base="main"))

    assert examination.outcome is Outcome.FAIL
    assert any(each.do.startswith("Mount router of shop/api/orders.py:4") for each in examination.next_actions)


def test_the_reason_for_dark_code_is_read_from_the_commit(repository: GitRepository) -> None:
    """The author says it once, where it stays with the code."""
    fresh = SHOP["shop/pricing.py"] + "\n\ndef discount_of(id):\n    return id\n"
    branch(repository, {"shop/pricing.py": fresh}, "pricing\n\nLands-dark: discount_of: the next slice calls it\n")

    assert impact_facts(ask(repository))["wiring.explained"] == Known(value=True, source="computed here")


def test_the_answer_is_kept_and_the_same_the_second_time(repository: GitRepository) -> None:
    """A kept answer that differs from a computed one would be worse than none."""
    branch(repository, shop_with("shop/pricing.py", "price + 1", "price + 2"))
    first, second = ask(repository), ask(repository)

    assert json.dumps(to_plain(first)) == json.dumps(to_plain(second))
    assert [each.entry.name for each in first.affected] == ["GET /items/{id}"]


def test_a_damaged_kept_answer_is_computed_again(repository: GitRepository) -> None:
    """Caches are deleted, cut short and written by other versions."""
    branch(repository, shop_with("shop/pricing.py", "price + 1", "price + 2"))
    first = ask(repository)
    for file in (repository.path / ".git" / "rh" / "cache").glob("*.db"):
        file.write_bytes(b"no database")

    assert ask(repository) == first


def test_without_a_common_base_nothing_is_claimed(repository: GitRepository) -> None:
    """An empty difference of a shallow clone is how gates turn green by mistake."""
    repository.git("checkout", "--quiet", "--orphan", "topic")
    repository.commit({"shop/pricing.py": "def price_of(id):\n    return 1\n"}, "from nowhere")
    repository.git("checkout", "--quiet", "main")
    answer = ask(repository)
    facts = impact_facts(answer)

    assert answer.reading is Reading.BROKEN
    assert answer.unknown
    assert all(
        isinstance(facts[name], Unknown) for name in ("entry_points.affected_count", "wiring.sound", "guards.kept")
    )


def test_a_language_without_an_engine_stops_nobody_and_claims_nothing(repository: GitRepository) -> None:
    """A Rust project can use rh; its counts stay unknown and a person looks."""
    branch(repository, {"src/main.rs": "fn main() {}\n"})
    facts = impact_facts(ask(repository))

    assert isinstance(facts["entry_points.affected_count"], Unknown)
    assert facts["impact.reading"] == Known(value="limited", source="computed here")
    sound = facts["wiring.sound"]
    assert isinstance(sound, Known)
    assert "Rust" in sound.source


def test_a_page_of_documentation_reads_no_tree(repository: GitRepository) -> None:
    """A typo in a README must not cost the seconds of a first run."""
    branch(repository, {"README.md": "# Shop\n"})
    answer = ask(repository)

    assert (answer.counts.files_count, answer.unknown, answer.reading) == (0, (), Reading.WHOLE)
    assert not list((repository.path / ".git").glob("rh/cache/*.db"))


def test_impact_and_entries_read_like_a_compiler(repository: GitRepository) -> None:
    """What it is, where, by which way, out of how many; within 80 columns and without control characters."""
    branch(repository, shop_with("shop/tasks.py", "id + 1", "id + 2"))
    needs = application(repository)
    said = impact_text(answer_impact(needs, ImpactInput(revision="topic", base="main", all=True)), View(width=80))
    listed = entries_text(answer_entries(needs, EntriesInput(revision="main", kind="http")), View(width=80))

    assert "of 5 entry points affected" in said
    assert "PUT /items/{id} [resolved, later]" in said
    assert "read 9 of 9 files" in said
    assert "guards: Depends(require_admin)" in listed
    assert listed.splitlines()[-2] == "4 entry points of kind http"
    assert max(len(line) for line in (said + "\n" + listed).splitlines()) <= 80


def test_a_declaration_of_types_leaves_nothing_unknown(repository: GitRepository) -> None:
    """It runs nothing, so the answer is as whole without it; a library that was copied in is another matter."""
    branch(repository, {"client/a.d.ts": "declare const a: string;\n"})
    types = ask(repository)
    repository.git("checkout", "--quiet", "topic")
    repository.commit({"client/a.min.js": "var a\n"}, "copy a library")
    repository.git("checkout", "--quiet", "main")
    copied = ask(repository)

    assert types.unknown == ()
    assert "client/a.min.js was changed and is left out" in copied.unknown[0]
