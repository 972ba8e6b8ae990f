"""Every fact that rh can compute: its name, its type, and the step that computes it."""

from collections.abc import Mapping

from release_harness.kernel.records import record
from release_harness.policy.model import Policy


@record
class FactEntry:
    """One fact, as rules may name it."""

    name: str
    type: str
    """`bool`, `int`, `float`, `str` or `strings`."""
    description: str
    step: str
    """Step of the pipeline that computes it; `custom` when a policy declares it."""


def _entries(step: str, *rows: tuple[str, str, str]) -> tuple[FactEntry, ...]:
    return tuple(FactEntry(name=name, type=kind, description=says, step=step) for name, kind, says in rows)


FACTS: tuple[FactEntry, ...] = (
    *_entries(
        "changes",
        ("change.files_count", "int", "files that the change adds, deletes or alters"),
        ("change.lines", "int", "lines added and removed together"),
        ("change.lines_added", "int", "lines added"),
        ("change.lines_removed", "int", "lines removed"),
        ("change.binary_files_count", "int", "changed files that are binary"),
        ("change.generated_files_count", "int", "changed files that a program wrote"),
        ("change.vendored_files_count", "int", "changed files that were copied from another project"),
        ("change.lock_files_count", "int", "changed dependency lock files"),
        ("change.symlinks_count", "int", "changed symbolic links"),
        ("change.submodules_count", "int", "changed submodules"),
        (
            "change.mode_changes_count",
            "int",
            "files that became executable, or stopped being so, or changed their kind",
        ),
        (
            "change.hidden_files_count",
            "int",
            "text files, other than lock files, that are hidden from the diff by attributes of the repository",
        ),
        ("change.commits_count", "int", "commits of the change"),
        ("change.code_files_count", "int", "changed files that hold program code"),
        ("change.languages", "strings", "languages of the changed files"),
        ("change.author_kind", "str", "`person`, `agent`, `mixed` or `unknown`"),
        ("change.listing_complete", "bool", "whether the list of changed files is whole"),
        (
            "change.title",
            "str",
            "subject of the change; a claim of its author, good for more scrutiny and never for less",
        ),
        ("dependencies.files_count", "int", "changed files that declare or lock dependencies"),
        ("migrations.files_count", "int", "changed files that migrate data or schema"),
        ("ci.files_count", "int", "changed files that steer continuous integration"),
        ("permissions.changes_count", "int", "changes of permissions: file modes, roles, grants, workflow permissions"),
    ),
    *_entries(
        "evidence",
        ("secrets.found_count", "int", "secrets found in added lines"),
        ("tests.run_count", "int", "test cases that ran to an end, whatever became of them; skipped ones do not count"),
        ("tests.failed_count", "int", "test cases that failed"),
        ("tests.errors_count", "int", "test cases and test files that broke before they could answer"),
        ("tests.skipped_count", "int", "test cases that were skipped"),
        ("tests.newly_skipped_count", "int", "test cases that are skipped now and ran on the base"),
        ("tests.not_run_count", "int", "test cases that are known and did not run"),
        ("tests.flaky_count", "int", "test cases that failed first and passed when rerun"),
        ("tests.exit_code", "int", "exit code of the test command"),
        ("tests.quarantined_count", "int", "failed test cases that do not block until their quarantine ends"),
        ("tests.weakened_count", "int", "tests that assert less than on the base, are skipped now, or were emptied"),
        ("tests.relevant_not_run_count", "int", "tests that bear on the change and did not run"),
        ("tests.proved", "bool", "whether a test of the change fails once the changed lines are taken back"),
        ("trace.tests_count", "int", "test cases that the tracer followed into entry points"),
        ("coverage.changed_lines_count", "int", "changed lines that can run"),
        ("coverage.exercised_lines_count", "int", "changed lines that a test ran"),
        ("coverage.missed_lines_count", "int", "changed lines that can run and that no test ran"),
        ("coverage.missed_lines", "strings", "those lines, as `path:first-last`, one text for each file"),
        ("coverage.exercised_ratio", "float", "exercised lines over changed lines that can run, 0 to 1"),
        ("entry_points.affected_count", "int", "routes, commands, jobs and public functions that the change reaches"),
        (
            "entry_points.unwalked_count",
            "int",
            "affected entry points that no test walked to the change through the real dispatcher (walk level below 2)",
        ),
        ("entry_points.walk_level", "int", "lowest walk level over all affected entry points, 0 to 5"),
        ("entry_points.possible_count", "int", "entry points that the change may reach, by ways that are not sure"),
        ("entry_points.cross_cutting_count", "int", "changed symbols that stand before or around many entry points"),
        ("entry_points.added_count", "int", "entry points that are new"),
        ("entry_points.removed_count", "int", "entry points that are gone"),
        (
            "wiring.unreached_count",
            "int",
            "new functions and classes that nothing refers to and of which the author does not say why",
        ),
        (
            "wiring.sound",
            "bool",
            "whether nothing is unmounted or names what does not exist, as far as rh reads the change",
        ),
        (
            "wiring.explained",
            "bool",
            "true when everything new is used or the author says why it is not; unknown until then, never false",
        ),
        (
            "guards.kept",
            "bool",
            (
                "whether no guard of an entry point was removed or weakened, as far as rh reads the change; "
                "unknown when one was exchanged for another or cannot be read"
            ),
        ),
        ("wiring.unmounted_count", "int", "routers and handlers that are registered on something that nothing mounts"),
        ("wiring.phantom_count", "int", "imports, mock targets and entry points that name what does not exist"),
        ("guards.removed_count", "int", "guards of entry points that were removed or weakened"),
        (
            "guards.changed_count",
            "int",
            "guards that still stand where they stood and whose own code changed, so that somebody has to look at them",
        ),
        ("guards.unknown_count", "int", "guards of entry points that changed in a way that reading cannot judge"),
        ("impact.kinds", "strings", "kinds of the affected entry points, such as `http`, `task`, `cli`"),
        (
            "impact.surfaces",
            "strings",
            "sensitive surfaces that affected entry points carry and the diff does not touch",
        ),
        (
            "impact.reading",
            "str",
            "`whole`, `limited` (what is missing lies beside the change) or `broken` (the change itself could not be read)",
        ),
        (
            "impact.found",
            "strings",
            (
                "what is wrong, whatever else could be read: `unmounted`, `phantom`, `guard-removed`, `unreached`, "
                "`guard-unclear` for a guard that changed in a way that reading cannot judge, and `guard-changed` for one "
                "whose own code changed"
            ),
        ),
        ("flags.touched", "bool", "whether the change touches a feature flag"),
        ("rollback.known", "bool", "whether a way back is known for the change"),
        ("sarif.errors_count", "int", "findings of level error in reports of scanners"),
    ),
    *_entries(
        "intake",
        ("brief.present", "bool", "whether the change names a brief that exists"),
        ("brief.outcome", "str", "`pass`, `fail` or `unknown`: whether the brief has substance"),
    ),
    *_entries(
        "risk",
        (
            "risk.score_percentile",
            "float",
            "share of the last landings with a lower risk score, 0 to 1; it may raise a tier and never lowers one",
        ),
        ("risk.recently_reverted", "bool", "whether a changed file was part of a revert in the last 90 days"),
        ("risk.recently_reverted_files_count", "int", "changed files that were part of a revert in the last 90 days"),
    ),
)
"""Built-in facts, in the order of the pipeline."""

FACT_TYPES = ("bool", "int", "float", "str", "strings")

_BUILT_IN: Mapping[str, FactEntry] = {entry.name: entry for entry in FACTS}


def facts_of(policy: Policy) -> Mapping[str, FactEntry]:
    """Return the built-in facts and those that the policy declares; a built-in fact cannot be declared anew."""
    custom = {
        each.name: FactEntry(name=each.name, type=each.type, description=each.description, step="custom")
        for each in policy.facts
    }
    return {**custom, **_BUILT_IN}


def is_of_the_history(name: str) -> bool:
    """Tell whether a built-in fact is a guess from the past, which may raise a tier and never lower one."""
    entry = _BUILT_IN.get(name)
    return entry is not None and entry.step == "risk"


def is_of_the_diff(name: str) -> bool:
    """Tell whether a built-in fact is computed from the diff alone, so that evidence need not repeat it."""
    entry = _BUILT_IN.get(name)
    return entry is not None and entry.step == "changes"
