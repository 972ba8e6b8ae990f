"""What a policy would have said of past landings: its tiers, and whether a person would have had to look. Pure."""

import hashlib
import re
from collections.abc import Sequence

from release_harness.kernel.digests import ChangeDigest, ObjectId, TreeId
from release_harness.policy.model import Policy
from release_harness.policy.requirements import asked_by
from release_harness.policy.subject import Subject
from release_harness.policy.tier import assess_tier
from release_harness.steps.changes.model import FileChange, FileKind, FileStatus
from release_harness.steps.changes.rules import compute_facts
from release_harness.steps.changes.rules.commits import claimed
from release_harness.steps.changes.rules.kinds import is_lock_file, kinds_of, language_of
from release_harness.steps.changes.rules.people import author_kind, identify_all
from release_harness.steps.risk.model.landings import NOT_COUNTED, FileRow, Landing
from release_harness.steps.risk.rules.paths import path_facts

AUTO, LIGHT, FULL = "auto", "light", "full"
_KINDS = {
    "-": FileKind.ABSENT,
    "f": FileKind.FILE,
    "x": FileKind.EXECUTABLE,
    "l": FileKind.SYMLINK,
    "s": FileKind.SUBMODULE,
}
_USUAL = {"A": "-f", "M": "ff", "D": "f-", "T": "ff"}
_NO_BLOB = ObjectId("0" * 40)
_SENSITIVE = re.compile(
    r"(?:^|[/_.-])(?:auth\w*|login|security|secrets?|crypt\w*|tokens?|passw\w*|permissions?|acl|oauth\w*)(?:[/_.-]|$)",
    re.IGNORECASE,
)
_SMALL_LINES = 10
_SMALL_FILES = 2


def tier_of(policy: Policy, landing: Landing) -> str:
    """Return the least tier that the policy would have given a landing.

    What a walk of the history cannot tell (tests, coverage, secrets, names of authors) is unknown, and `at least` leaves it out:
    a real change with a found secret would have stood higher.
    """
    decision = assess_tier(policy, past_subject(policy, landing))
    return (decision.possible or (decision.tier,))[0]


def levels_of(policy: Policy) -> dict[str, str]:
    """Return for each tier how much people have to look: a tier whose requirements cannot be read asks for everything."""
    return {tier: _level(policy, tier) for tier in policy.tiers}


def past_subject(policy: Policy, landing: Landing) -> Subject:
    """Put together what a policy would have judged."""
    files = tuple(_describe(each) for each in landing.files)
    facts = dict(compute_facts(files, (), commits_count=len(landing.claims), title=landing.title, gap=""))
    addresses = dict.fromkeys(each.author for each in landing.claims[1:] or landing.claims)
    authors = identify_all([claimed("", each) for each in addresses], [policy])
    facts["change.author_kind"] = author_kind(authors, None)
    digest = hashlib.sha256(landing.id.encode()).hexdigest()
    return Subject(
        files=tuple(each.path for each in files),
        listing_complete=True,
        facts=facts,
        authors=authors,
        requester=None,
        owners=(),
        # It stands for the content; tiers only ask that there is one.
        change=ChangeDigest(f"sha256:{digest}"),
        result_tree=TreeId(landing.id),
        target="",
    )


def is_docs_or_tests(landing: Landing) -> bool:
    """Tell whether a landing touches documentation and tests only."""
    return bool(landing.files) and all(path_facts(each.path).kind in ("docs", "tests") for each in landing.files)


def is_low_by_rule(landing: Landing) -> bool:
    """Apply the plain rule that many teams start from.

    Only documentation and tests, or at most 10 lines in at most 2 files; and no dependency, CI, migration or security path.
    """
    kinds = [path_facts(each.path) for each in landing.files]
    if any(each.is_ci or each.is_dependencies or each.is_migration for each in kinds):
        return False
    if any(_SENSITIVE.search(each.path) for each in landing.files):
        return False
    return is_docs_or_tests(landing) or (
        landing.counted and len(landing.files) <= _SMALL_FILES and lines_of(landing.files) <= _SMALL_LINES
    )


def lines_of(files: Sequence[FileRow]) -> int:
    """Return the lines added and removed together, of those that are known."""
    return sum(max(each.added, 0) + max(each.removed, 0) for each in files)


def _level(policy: Policy, tier: str) -> str:
    asked = asked_by(policy, [tier])
    if asked.faults:
        return FULL
    people = max((each.humans_count for each in asked.approvals), default=0)
    owners = any(each.owners is not None for each in asked.approvals)
    if not people and not owners:
        return AUTO
    return LIGHT if people <= 1 and not owners else FULL


def _describe(row: FileRow) -> FileChange:
    letter = row.status[0]
    kinds = row.status[1:] or _USUAL[letter]
    marks = kinds_of(row.path)
    binary = row.added == NOT_COUNTED
    return FileChange(
        path=row.path,
        status=FileStatus(letter),
        old_kind=_KINDS[kinds[0]],
        new_kind=_KINDS[kinds[1]],
        old_blob=_NO_BLOB,
        new_blob=_NO_BLOB,
        lines_added=None if binary else row.added,
        lines_removed=None if binary else row.removed,
        binary=binary,
        language=language_of(row.path),
        generated="generated" in marks,
        vendored="vendored" in marks,
        lock_file=is_lock_file(row.path),
    )
