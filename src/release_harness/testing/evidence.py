"""Builders of changes, rules and records, for testing what is decided from evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from release_harness.kernel.digests import ChangeDigest, CommitId, ObjectId, PolicyDigest, Sha256, TreeId, digest_bytes
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.policy.model import Policy
from release_harness.steps.changes.model import Change, Digests, FileChange, FileKind, FileLines, FileStatus
from release_harness.steps.evidence.model import EvidenceRecord, Origin, TestLists
from release_harness.steps.project.model import Codeowners, PolicyInForce, ProjectFile, Rules

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TREE = TreeId("a" * 40)
OTHER_TREE = TreeId("b" * 40)
CHANGE = ChangeDigest("sha256:" + "1" * 64)
OTHER_CHANGE = ChangeDigest("sha256:" + "2" * 64)
BASE = CommitId("c" * 40)
POLICY = PolicyDigest("sha256:" + "3" * 64)
ANA = Actor(kind=ActorKind.UNKNOWN, id="ana@example.org", email="ana@example.org")


def file_change(path: str, **values: Any) -> FileChange:
    """Return a modified file; `values` replace fields."""
    made = FileChange(
        path=path,
        status=FileStatus.MODIFIED,
        old_kind=FileKind.FILE,
        new_kind=FileKind.FILE,
        old_blob=ObjectId("0" * 40),
        new_blob=ObjectId("1" * 40),
        lines_added=1,
        lines_removed=0,
        binary=False,
    )
    return replace(made, **values)


def change_of(added: Mapping[str, Sequence[tuple[int, str]]], **values: Any) -> Change:
    """Return a change that adds these lines; `values` replace fields."""
    made = Change(
        base=BASE,
        merge_base=BASE,
        head=CommitId("d" * 40),
        branch="topic",
        target="main",
        title="Change",
        files=tuple(file_change(path, lines_added=len(lines)) for path, lines in added.items()),
        listing_complete=True,
        gaps=(),
        conflicts=(),
        commits=(),
        authors=(),
        requester=None,
        lines=tuple(FileLines(path=path, added=tuple(lines), removed_count=0) for path, lines in added.items()),
        lines_complete=True,
        digests=Digests(result_tree=TREE, change=CHANGE),
        facts={},
    )
    return replace(made, **values)


def rules_of(policy: Policy) -> Rules:
    """Return rules with one policy."""
    return Rules(
        policies=(PolicyInForce(policy=policy, digest=POLICY, source="test"),),
        codeowners=Codeowners(),
        project=ProjectFile(),
        digest=POLICY,
    )


def record_of(predicate: str, facts: Mapping[str, FactValue], *, minutes_ago: int = 5, **values: Any) -> EvidenceRecord:
    """Return a record about the change of `change_of`; `values` replace fields."""
    finished_at = NOW - timedelta(minutes=minutes_ago)
    made = EvidenceRecord(
        id=digest_bytes(repr((predicate, tuple(facts.items()), minutes_ago)).encode()),
        predicate=predicate,
        result_tree=TREE,
        change=CHANGE,
        base=BASE,
        origin=Origin.COMPUTED,
        producer=ANA,
        command=("pytest",),
        exit_code=0,
        environment_digest=Sha256("sha256:" + "4" * 64),
        isolation="not isolated",
        started_at=finished_at - timedelta(seconds=30),
        finished_at=finished_at,
        log_digest=Sha256("sha256:" + "5" * 64),
        policy=POLICY,
        dependency_lock="sha256:" + "6" * 64,
        facts=dict(facts),
        unknown={},
        claims={},
        details=Sha256("sha256:" + "7" * 64),
        tests=TestLists() if predicate.startswith("test-result") else None,
    )
    return replace(made, **values)
