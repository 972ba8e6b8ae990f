"""Fills the seven fields of the release card: computed where it can be, asked for by name where it cannot."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.facts import Facts, FactValue, Known, Unknown, look_up
from release_harness.kernel.paths import show_text
from release_harness.policy.model import Surface
from release_harness.policy.subject import Subject, TierDecision
from release_harness.steps.changes.model import CardField, Change, ReleaseCard
from release_harness.steps.evidence.model.impact import ImpactAnswer, Label
from release_harness.steps.intake.model import Brief

_DATA_ENDINGS = (
    ".sql",
    ".csv",
    ".tsv",
    ".parquet",
    ".sqlite",
    ".sqlite3",
    ".db",
    ".avro",
    ".ndjson",
    ".jsonl",
    ".dump",
)
_DEPLOY_SIGNS = frozenset(
    {
        "dockerfile", "containerfile", "procfile", "fly.toml", "vercel.json", "netlify.toml", "app.yaml", "app.yml",
        "serverless.yml", "serverless.yaml", "chart.yaml", "charts", "helm", "k8s", "kubernetes", "deploy",
        "deployment", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "wrangler.toml",
        "render.yaml", "skaffold.yaml", "terraform", "ansible", "cdk.json", "railway.json", "appspec.yml",
    }
)  # fmt: skip
_PACKAGE_SIGNS = {
    "pyproject.toml": "Python package",
    "setup.py": "Python package",
    "setup.cfg": "Python package",
    "cargo.toml": "Rust crate",
    "go.mod": "Go module",
    "package.json": "npm package",
    "pom.xml": "Java artifact",
    "build.gradle": "Java artifact",
    "build.gradle.kts": "Java artifact",
    "composer.json": "PHP package",
    "mix.exs": "Elixir package",
}
_LONGEST = 400


def build_card(
    change: Change,
    subject: Subject,
    tier: TierDecision,
    brief: Brief | None,
    surfaces: Sequence[Surface],
    root_names: Sequence[str],
    impact: ImpactAnswer | None = None,
) -> ReleaseCard:
    """Fill the card; `root_names` are the names at the top of the result tree, which tell how it ships."""
    return ReleaseCard(
        goal=_goal(change, brief),
        scope=_scope(change, subject.facts, tier, impact),
        risk_tier=_risk_tier(tier),
        verification_evidence=_evidence(subject.facts),
        ship_method=_ship(change, subject.facts, brief, surfaces, root_names),
        rollback_method=_rollback(change, subject.facts, brief, surfaces),
        watch_metrics=_watch(brief, surfaces),
    )


def fields_of(card: ReleaseCard) -> tuple[tuple[str, str, CardField], ...]:
    """Return key, title and content of the seven fields in order."""
    return (
        ("goal", "Goal", card.goal),
        ("scope", "Scope", card.scope),
        ("risk_tier", "Risk tier", card.risk_tier),
        ("verification_evidence", "Verification evidence", card.verification_evidence),
        ("ship_method", "Ship method", card.ship_method),
        ("rollback_method", "Rollback method", card.rollback_method),
        ("watch_metrics", "Watch metrics", card.watch_metrics),
    )


def _goal(change: Change, brief: Brief | None) -> CardField:
    if brief is not None and brief.goal.strip():
        return CardField(says=_short(brief.goal), source="brief")
    stated = [value for commit in change.commits for key, value in commit.trailers if key.lower() == "goal"]
    if stated:
        return CardField(says=_short(stated[0]), source="trailer")
    hint = f"no brief; the commit says: {_short(change.title)}" if change.title else "no brief"
    if brief is not None:
        hint = f"the brief {brief.id or 'that is named'} has no goal"
    asks = "the goal: write a brief with `rh brief new NAME` and name it with a trailer `Brief: NAME`"
    return CardField(says=hint, source="missing", asks=asks)


def _scope(change: Change, facts: Facts, tier: TierDecision, impact: ImpactAnswer | None) -> CardField:
    counted = _count(len(change.files), "file")
    parts = [f"{counted}, +{change.lines_added} -{change.lines_removed} lines"]
    if not change.listing_complete:
        parts = [f"at least {parts[0]} (the listing was cut short)"]
    languages = _value(facts, "change.languages")
    if isinstance(languages, tuple) and languages:
        parts.append(", ".join(languages[:5]) + (f" + {len(languages) - 5} more" if len(languages) > 5 else ""))  # noqa: PLR2004 - five names fit a line
    for fact, noun in (
        ("migrations.files_count", "migration"),
        ("dependencies.files_count", "dependency file"),
        ("ci.files_count", "CI file"),
        ("change.binary_files_count", "binary file"),
        ("change.generated_files_count", "generated file"),
    ):
        count = _value(facts, fact)
        if isinstance(count, int) and count:
            parts.append(_count(count, noun))
    if tier.surfaces:
        parts.append("touches " + ", ".join(tier.surfaces))
    parts += _reaches(impact)
    if change.conflicts:
        parts.append(f"does not merge: {_count(len(change.conflicts), 'conflict')}")
    return CardField(says="; ".join(parts), source="computed")


def _reaches(impact: ImpactAnswer | None) -> list[str]:
    """Name the entry points that surely run what changed; how sure the rest is stands elsewhere."""
    affected = [each for each in impact.affected if each.label is not Label.POSSIBLE] if impact is not None else []
    if impact is None or not affected:
        return []
    names = ", ".join(_short(show_text(each.entry.said)) for each in affected[:3])
    more = f" + {len(affected) - 3} more" if len(affected) > 3 else ""  # noqa: PLR2004 - three names fit a line
    return [f"reaches {names}{more}"]


def _risk_tier(tier: TierDecision) -> CardField:
    top = [reason for reason in tier.reasons if reason.tier == tier.tier] or list(tier.reasons)
    because = ", ".join(dict.fromkeys(reason.rule for reason in top[:3]))
    more = f" + {len(top) - 3} more" if len(top) > 3 else ""  # noqa: PLR2004 - three reasons fit a line
    return CardField(says=f"{tier.tier} ({because}{more})" if because else tier.tier, source="computed")


def _evidence(facts: Facts) -> CardField:
    run = look_up(facts, "tests.run_count")
    parts, asks = [], ""
    if isinstance(run, Known) and isinstance(run.value, int):
        parts.append(_tests_sentence(facts, run.value))
    else:
        why = run.why if isinstance(run, Unknown) else "no number was reported"
        parts.append(f"tests: unknown ({why})")
        asks = "a test result for exactly this tree: `rh evidence run`, or `rh evidence add FILE` from CI"
    parts += [text for text in (_weakened_sentence(facts), _coverage_sentence(facts), _secrets_sentence(facts)) if text]
    walked = look_up(facts, "entry_points.affected_count")
    parts.append(f"entry points: {walked.value} affected" if isinstance(walked, Known) else "entry points: unknown")
    return CardField(says="; ".join(parts), source="missing" if asks else "computed", asks=asks)


def _tests_sentence(facts: Facts, run: int) -> str:
    bad = []
    for name, word in (
        ("tests.failed_count", "failed"),
        ("tests.errors_count", "errored"),
        ("tests.skipped_count", "skipped"),
        ("tests.not_run_count", "not run"),
        ("tests.flaky_count", "flaky"),
    ):
        count = _value(facts, name)
        if count:
            bad.append(f"{count} {word}")
        elif count is None and word == "not run":
            bad.append("not run: unknown")
    return _count(run, "test") + " run" + (f" ({', '.join(bad)})" if bad else ", all passed")


def _weakened_sentence(facts: Facts) -> str:
    count = _value(facts, "tests.weakened_count")
    return f"{_count(count, 'test')} gone or weakened" if isinstance(count, int) and count else ""


def _coverage_sentence(facts: Facts) -> str:
    changed = _value(facts, "coverage.changed_lines_count")
    hit = _value(facts, "coverage.exercised_lines_count")
    if changed is None or hit is None:
        return "changed lines exercised: unknown"
    return "no changed line can run" if changed == 0 else f"{hit} of {changed} changed lines exercised"


def _secrets_sentence(facts: Facts) -> str:
    found = _value(facts, "secrets.found_count")
    if found is None:
        return "secrets: unknown"
    return f"secrets found: {found}" if found else "no secret found"


def _ship(
    change: Change, facts: Facts, brief: Brief | None, surfaces: Sequence[Surface], root_names: Sequence[str]
) -> CardField:
    if brief is not None and brief.ship.strip():
        return CardField(says=_short(brief.ship), source="brief")
    stated = _from_surfaces(surfaces, "ship")
    if stated:
        return CardField(says=stated, source="policy")
    migrations = _value(facts, "migrations.files_count")
    if migrations:
        says = (
            f"carries {_count(int(migrations), 'migration')}" if isinstance(migrations, int) else "carries migrations"
        )
        return CardField(
            says=says, source="missing", asks="the ship method: when the migration runs, before or after the code"
        )
    if _value(facts, "flags.touched") is True:
        where = _place(facts, "flags.touched")
        return CardField(says=f"behind the flag that the change touches{where}", source="computed")
    if change.files and change.listing_complete and _value(facts, "change.code_files_count") == 0:
        return CardField(says="with the merge; no code file is touched", source="computed")
    return _ship_by_layout(root_names)


def _ship_by_layout(root_names: Sequence[str]) -> CardField:
    names = {name.lower() for name in root_names}
    deploys = sorted(names & _DEPLOY_SIGNS)
    packages = sorted({_PACKAGE_SIGNS[name] for name in names if name in _PACKAGE_SIGNS})
    if packages and not deploys:
        says = f"with the next published version of the {packages[0]}; nothing here deploys"
        return CardField(says=says, source="computed")
    found = f"deployed from here ({', '.join(deploys[:3])})" if deploys else "nothing in the repository tells"
    asks = (
        "the ship method: how users get it, and behind which flag (heading `Ship` of the brief, or `ship` of a surface)"
    )
    return CardField(says=found, source="missing", asks=asks)


def _rollback(change: Change, facts: Facts, brief: Brief | None, surfaces: Sequence[Surface]) -> CardField:
    if brief is not None and brief.rollback.strip():
        return CardField(says=_short(brief.rollback), source="brief")
    stated = _from_surfaces(surfaces, "rollback")
    if stated:
        return CardField(says=stated, source="policy")
    known = look_up(facts, "rollback.known")
    data = [each.path for each in change.files if each.path.lower().endswith(_DATA_ENDINGS)]
    if isinstance(known, Known) and known.value is True and not data:
        return CardField(says="revert of the merge commit; no migration, no data file touched", source="computed")
    if isinstance(known, Unknown):
        says = f"unknown: {known.why}"
    elif data:
        says = f"a revert does not undo data: {show_text(data[0])}" + (
            f" + {len(data) - 1} more" if len(data) > 1 else ""
        )
    else:
        says = "a revert does not undo the migrations"
    asks = "the rollback: how app and data go back (heading `Rollback` of the brief, or `rollback` of a surface)"
    return CardField(says=says, source="missing", asks=asks)


def _watch(brief: Brief | None, surfaces: Sequence[Surface]) -> CardField:
    if brief is not None and brief.watch.strip():
        return CardField(says=_short(brief.watch), source="brief")
    stated = "; ".join(dict.fromkeys(metric for surface in surfaces for metric in surface.watch))
    if stated:
        return CardField(says=stated, source="policy")
    if brief is not None and brief.success_signals.strip():
        return CardField(says=_short(brief.success_signals), source="brief")
    asks = (
        "the watch metrics: what would show within the first hour that this went wrong (heading `Watch` of the brief)"
    )
    return CardField(says="nothing is named", source="missing", asks=asks)


def _from_surfaces(surfaces: Iterable[Surface], field: str) -> str:
    stated = [f"{getattr(each, field)} ({each.name})" for each in surfaces if getattr(each, field).strip()]
    return "; ".join(dict.fromkeys(stated))


def _value(facts: Facts, name: str) -> FactValue | None:
    fact = look_up(facts, name)
    return fact.value if isinstance(fact, Known) else None


def _place(facts: Facts, name: str) -> str:
    """Return where a fact was seen, in brackets, as far as its source says it behind a colon."""
    fact = look_up(facts, name)
    where = fact.source.partition(": ")[2] if isinstance(fact, Known) else ""
    return f" ({where})" if where else ""


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _short(text: str) -> str:
    """Take text as one line; what is cut off is said."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST].rstrip() + " … (cut)"
