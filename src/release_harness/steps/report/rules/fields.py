"""Which of the seven fields one landing can answer from what was kept, and what nothing proves."""

import re
from collections.abc import Sequence

from release_harness.kernel.facts import Facts, Known
from release_harness.kernel.records import record
from release_harness.kernel.time import format_duration
from release_harness.policy.subject import TierDecision
from release_harness.steps.changes.model import CommitFacts, FileChange
from release_harness.steps.changes.rules.commits import is_landing
from release_harness.steps.changes.rules.kinds import kinds_of
from release_harness.steps.intake.model import Brief
from release_harness.steps.merge.model import LandingProof
from release_harness.steps.report.model import FIELDS, Answer, FieldAnswer, Reversal

_WORDS_OF_A_GOAL = 12
_WORDS_OF_A_TITLE = 3
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_WORDS = re.compile(
    r"^\s*(?:[*+-]\s.*|#.*|Signed-off-by:.*|Co-authored-by:.*|Reviewed-by:.*|Change-Id:.*|.*https?://\S+\s*|"
    r"Bumps .*|Updates? `.*|---.*|\.\.\.|(?:- )?(?:dependency-[a-z]+|update-type|updated-dependencies):.*|"
    r"(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?|refs?|issue|ticket|see)\b[:\s]*[\w./-]*#?\d+\W*|[A-Za-z-]+-by:.*|---+|"
    r"\(cherry picked from.*|See merge request .*|Conflicts:.*)$",
    re.IGNORECASE,
)
_TESTED = re.compile(r"^(?:tested-by|verified-by)$", re.IGNORECASE)


@record
class WhatIsKept:
    """Everything that the seven answers are made from."""

    title: str
    landing: CommitFacts
    inner: tuple[CommitFacts, ...]
    files: tuple[FileChange, ...]
    facts: Facts
    listing_complete: bool
    tier: TierDecision
    watch: tuple[str, ...]
    """What the policy says should be watched for the surfaces that were touched."""
    brief: Brief | None
    proof: LandingProof | None
    """What the ledger holds of this landing, when rh landed it."""
    release: str
    reversal: Reversal | None


def answer_fields(known: WhatIsKept) -> tuple[FieldAnswer, ...]:
    """Answer the seven fields, in their order."""
    answers = (
        _goal(known),
        _scope(known),
        _tier(known),
        _evidence(known),
        _ship(known),
        _rollback(known),
        _watch(known),
    )
    return tuple(
        FieldAnswer(field=name, answer=answer, says=says) for name, (answer, says) in zip(FIELDS, answers, strict=True)
    )


def missing_proof(known: WhatIsKept, fields: Sequence[FieldAnswer]) -> tuple[str, ...]:
    """Name what nothing proves: that the app works, that data is safe, that there is a way back."""
    answers = {each.field: each.answer for each in fields}
    missing = []
    if _count(known, "change.code_files_count") != 0 and answers["verification_evidence"] is not Answer.ANSWERED:
        missing.append("app")
    if _count(known, "migrations.files_count") != 0 and not (known.brief is not None and known.brief.rollback.strip()):
        missing.append("data")
    if answers["rollback_method"] is not Answer.ANSWERED:
        missing.append("rollback")
    return tuple(missing)


def score_of(fields: Sequence[FieldAnswer], rank: int, reversal: Reversal | None) -> int:
    """Weigh a landing: missing fields count twice, a higher tier and a reversal make them weigh more."""
    points = sum({Answer.MISSING: 2, Answer.PARTLY: 1, Answer.ANSWERED: 0}[each.answer] for each in fields)
    return points * (rank + 1) * (2 if reversal is not None else 1)


Result = tuple[Answer, str]


def _goal(known: WhatIsKept) -> Result:
    if known.brief is not None and known.brief.goal.strip():
        return Answer.ANSWERED, f"brief {known.brief.id}"
    if known.brief is not None and known.brief.problems:
        return Answer.PARTLY, known.brief.problems[0].says
    words = max((_words(each.body) for each in (known.landing, *known.inner)), default=0)
    if words >= _WORDS_OF_A_GOAL:
        return Answer.ANSWERED, "the message says why"
    if is_landing(known.title) or len(_WORD.findall(known.title)) < _WORDS_OF_A_TITLE:
        return Answer.MISSING, "not even a title that says what it is for"
    return Answer.PARTLY, "a title only"


def _words(body: str) -> int:
    return sum(len(_WORD.findall(line)) for line in body.split("\n") if not _NO_WORDS.match(line))


def _scope(known: WhatIsKept) -> Result:
    if not known.listing_complete:
        return Answer.MISSING, "the list of files was cut short"
    folders = {each.path.partition("/")[0] if "/" in each.path else "top folder" for each in known.files}
    count = f"{len(known.files)} files in {len(folders)} places"
    if not isinstance(known.facts.get("change.lines"), Known):
        return Answer.PARTLY, f"{count}; lines unknown"
    return Answer.ANSWERED, count


def _tier(known: WhatIsKept) -> Result:
    if known.proof is not None:
        return Answer.ANSWERED, f"{known.proof.tier}, as it was judged when it landed"
    if not known.listing_complete:
        return Answer.MISSING, "not all files are known"
    rules = [each.rule for each in known.tier.reasons if not each.rule.startswith("unknown:")]
    return Answer.ANSWERED, f"computed now: {', '.join(rules[:3]) or 'nothing matches'}"


def _evidence(known: WhatIsKept) -> Result:
    if known.proof is not None and known.proof.evidence:
        return Answer.ANSWERED, f"{len(known.proof.evidence)} records in the ledger"
    if _count(known, "change.code_files_count") == 0:
        return Answer.PARTLY, "no program code changed"
    claims = [key for each in (known.landing, *known.inner) for key, _ in each.trailers if _TESTED.match(key)]
    tests = sum("tests" in kinds_of(each.path) for each in known.files)
    if tests:
        return Answer.PARTLY, f"{tests} test files changed; no record that they ran"
    if claims:
        return Answer.PARTLY, "somebody says that it was tested"
    return Answer.MISSING, "code changed, no test with it, no record of a run"


def _ship(known: WhatIsKept) -> Result:
    if known.brief is not None and known.brief.ship.strip():
        return Answer.ANSWERED, f"brief {known.brief.id}"
    if known.proof is not None:
        return Answer.PARTLY, "landed by rh; who saw it first is not recorded"
    if known.release:
        return Answer.PARTLY, f"in {known.release}; who saw it first is not recorded"
    return Answer.MISSING, "in no release that is tagged, no flag recorded"


def _rollback(known: WhatIsKept) -> Result:
    if known.reversal is not None:
        return Answer.ANSWERED, f"it was taken back after {format_duration(known.reversal.after)}"
    if known.brief is not None and known.brief.rollback.strip():
        return Answer.ANSWERED, f"brief {known.brief.id}"
    migrations = _count(known, "migrations.files_count")
    if migrations is None:
        return Answer.MISSING, "not known whether it touches data"
    if migrations:
        return Answer.MISSING, f"{migrations} migration files: a revert does not bring data back"
    return Answer.PARTLY, "a revert would undo the code; nobody practised it"


def _watch(known: WhatIsKept) -> Result:
    if known.brief is not None and (known.brief.watch.strip() or known.brief.success_signals.strip()):
        return Answer.ANSWERED, f"brief {known.brief.id}"
    if known.watch:
        return Answer.PARTLY, f"the policy names {known.watch[0]}; nobody recorded that it was watched"
    return Answer.MISSING, "nothing says what to look at"


def _count(known: WhatIsKept, name: str) -> int | None:
    fact = known.facts.get(name)
    return int(fact.value) if isinstance(fact, Known) and isinstance(fact.value, int) else None
