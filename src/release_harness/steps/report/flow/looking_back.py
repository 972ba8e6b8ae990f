"""Looks back over a branch: every landing with what can be answered about it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from release_harness.kernel.digests import CommitId
from release_harness.kernel.facts import Facts, Known
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import record
from release_harness.policy.model import Policy
from release_harness.policy.subject import Subject, TierDecision
from release_harness.policy.tier import assess_tier
from release_harness.steps.changes.model import CommitFacts, FileChange
from release_harness.steps.changes.rules import (
    change_digest,
    compute_facts,
    describe_files,
    people_of,
    read_attributes,
    title_of,
)
from release_harness.steps.changes.rules.people import author_kind, identify_all
from release_harness.steps.intake.flow import brief_for
from release_harness.steps.intake.model import Brief
from release_harness.steps.merge.model import LandingProof
from release_harness.steps.project.flow import rules_for
from release_harness.steps.project.model import Rules
from release_harness.steps.report.flow.needs import RetroNeeds
from release_harness.steps.report.flow.span import Span, read_span
from release_harness.steps.report.model import LandingReview, Retro, Reversal
from release_harness.steps.report.rules import (
    Landed,
    Reverted,
    WhatIsKept,
    add_up,
    answer_fields,
    find_reversals,
    missing_proof,
    score_of,
    sort_worst_first,
    takes_back,
)

_NO_ATTRIBUTES = read_attributes({})
"""Attributes differ from commit to commit; a look back goes by names alone."""


@record
class _Around:
    """What is the same for all landings of one look back."""

    span: Span
    rules: Rules
    titles: tuple[str, ...]
    reversals: Mapping[int, Reverted]
    releases: Mapping[CommitId, str]
    proofs: Mapping[CommitId, LandingProof]

    @property
    def policy(self) -> Policy:
        """The policy of the newest commit."""
        return self.rules.policies[0].policy


def look_back(needs: RetroNeeds, asked: str, *, last_count: int = 0, shown_count: int = 20) -> Retro:
    """Look back over `A..B`, or over the last landings of a branch; reads only."""
    span = read_span(needs, asked, last_count)
    rules = rules_for(needs, merge_base=span.newest, base=None, result_tree=None)
    titles = tuple(_title(each, inner) for each, inner in zip(span.landings, span.inner, strict=True))
    commits = [each.commit for each in span.landings]
    around = _Around(
        span=span,
        rules=rules,
        titles=titles,
        reversals=find_reversals(commits, span.inner, titles),
        releases=needs.history.releases([each.id for each in commits]) if commits else {},
        proofs=_proofs(needs),
    )
    reviewed = [_review(needs, around, place) for place in range(len(span.landings))]
    return Retro(
        asked=asked,
        branch=span.branch,
        newest=span.newest,
        oldest=commits[-1].id if commits else None,
        policy=rules.policies[0].source,
        landings=sort_worst_first(reviewed),
        totals=add_up(reviewed, around.policy.tiers),
        gaps=span.gaps,
        shown_count=shown_count,
    )


def _proofs(needs: RetroNeeds) -> Mapping[CommitId, LandingProof]:
    ledger = needs.ledger.existing()
    if ledger is None:
        return {}
    # The database toolkit costs 100 ms; only a repository with a ledger pays for it.
    from release_harness.steps.report.store import read_proofs

    with ledger.read() as connection:
        return read_proofs(connection)


def _title(landed: Landed, inner: Sequence[CommitFacts]) -> str:
    landing = landed.commit if len(landed.parents) > 1 else None
    return title_of([landed.commit, *inner] if inner or landing is None else [landed.commit], landing)


def _review(needs: RetroNeeds, around: _Around, place: int) -> LandingReview:
    landed, inner, title = around.span.landings[place], around.span.inner[place], around.titles[place]
    files = describe_files(landed.diff, _NO_ATTRIBUTES, _NO_ATTRIBUTES, {})
    gap = "" if landed.diff.complete else "the list of files was cut short"
    uncounted = landed.commit.id in around.span.uncounted
    facts = dict(
        compute_facts(
            files,
            (),
            commits_count=1 + len(inner),
            title=title,
            gap=gap,
            migrations=around.rules.project.migrations,
        )
    )
    writers = inner or (landed.commit,)
    people, _requester = people_of(writers)
    authors = identify_all(people, [around.policy])
    facts["change.author_kind"] = author_kind(authors, None)
    tier = _tier(around.policy, landed, files, facts, authors)
    proof = around.proofs.get(landed.commit.id)
    kept = WhatIsKept(
        title=title,
        landing=landed.commit,
        inner=inner,
        files=files,
        facts=facts,
        listing_complete=not gap,
        tier=tier,
        watch=tuple(name for each in around.policy.surfaces if each.name in tier.surfaces for name in each.watch),
        brief=_brief(needs, landed, inner, files),
        proof=proof,
        release=around.releases.get(landed.commit.id, ""),
        reversal=_reversal(around, place),
    )
    fields = answer_fields(kept)
    name = proof.tier if proof is not None else (tier.possible or (tier.tier,))[0]
    return LandingReview(
        commit=landed.commit.id,
        landed_at=landed.landed_at,
        title=title,
        author_kind=_text(facts, "change.author_kind"),
        authors=tuple(each.name or each.id for each in authors),
        files_count=len(files),
        lines_added=None if uncounted else sum(each.lines_added or 0 for each in files),
        lines_removed=None if uncounted else sum(each.lines_removed or 0 for each in files),
        tier=name,
        tier_exact=proof is not None,
        reasons=tuple(each.rule for each in tier.reasons if not each.rule.startswith("unknown:")),
        fields=fields,
        missing=missing_proof(kept, fields),
        touches_data=_text(facts, "migrations.files_count") != "0",
        release=kept.release,
        reversal=kept.reversal,
        takes_back=takes_back(landed.commit, title),
        score=score_of(fields, around.policy.rank(name) if name in around.policy.tiers else 0, kept.reversal),
    )


def _tier(
    policy: Policy,
    landed: Landed,
    files: Sequence[FileChange],
    facts: Facts,
    authors: tuple[Actor, ...],
) -> TierDecision:
    """Ask today's policy; what only evidence could tell (secrets, coverage) is unknown, so the tier is `at least`."""
    subject = Subject(
        files=tuple(each.path for each in files),
        listing_complete=landed.diff.complete,
        facts=facts,
        authors=authors,
        requester=None,
        owners=(),
        change=change_digest(landed.diff.raw),
        result_tree=landed.tree,
        target="",
    )
    return assess_tier(policy, subject)


def _brief(
    needs: RetroNeeds, landed: Landed, inner: Sequence[CommitFacts], files: Sequence[FileChange]
) -> Brief | None:
    trailers = [trailer for each in (landed.commit, *inner) for trailer in each.trailers]
    paths = [each.path for each in files]
    return brief_for(needs, treeish=landed.commit.id, trailers=trailers, changed_paths=paths)


def _reversal(around: _Around, place: int) -> Reversal | None:
    found = around.reversals.get(place)
    if found is None:
        return None
    landings = around.span.landings
    by = landings[found.by]
    return Reversal(
        by=by.commit.id,
        subject=around.titles[found.by],
        after=max(by.landed_at - landings[place].landed_at, timedelta(0)),
        landings_between=place - found.by - 1,
        how=found.how,
        relanded_by=None if found.relanded_by is None else landings[found.relanded_by].commit.id,
    )


def _text(facts: Facts, name: str) -> str:
    fact = facts[name]
    return str(fact.value) if isinstance(fact, Known) else "unknown"
