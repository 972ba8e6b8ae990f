"""The facts of the diff: each known with its source, or unknown with its reason."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from release_harness.kernel.facts import Fact, FactValue, Known, Unknown
from release_harness.policy.globs import compile_globs
from release_harness.steps.changes.model import Change, FileChange, FileKind, FileLines, FileStatus
from release_harness.steps.changes.rules.kinds import CODE_LANGUAGES, kinds_of, path_set

COMPUTED = "computed here from the diff"
_GRANT = re.compile(r"^\s*(?:GRANT|REVOKE|ALTER\s+ROLE|CREATE\s+ROLE|CREATE\s+POLICY|DROP\s+POLICY)\b", re.IGNORECASE)
_WORKFLOW_GRANT = re.compile(r"^\s*(?:permissions\s*:|[a-z-]+\s*:\s*write\b|id-token\s*:)")


def compute_facts(
    files: Sequence[FileChange],
    lines: Sequence[FileLines],
    *,
    commits_count: int | None,
    title: str,
    gap: str,
    migrations: Sequence[str] = (),
) -> Mapping[str, Fact]:
    """Compute every fact of the diff; `gap` says why the list of files is not whole, and makes what counts files unknown."""
    facts = {name: _known(value, gap) for name, value in _counts(files).items()}
    facts["permissions.changes_count"] = _known(count_permissions(files, lines), gap)
    facts["migrations.files_count"] = _known(len(_migrations(files, migrations)), gap)
    facts |= _line_facts(files, gap)
    facts["change.commits_count"] = (
        Unknown(why="the history of the change is not all here")
        if commits_count is None
        else Known(value=commits_count, source="computed here from the history")
    )
    facts["change.title"] = (
        Known(value=title, source="subject of a commit, as its author wrote it")
        if title
        else Unknown(why="no commit of the change says what it is")
    )
    facts["change.listing_complete"] = Known(value=not gap, source=COMPUTED)
    return facts


def count_migrations(change: Change, globs: Sequence[str]) -> Change:
    """Count the migration files again, with the project's own globs beside the well-known ones."""
    gap = "" if change.listing_complete else "the list of files is not whole"
    count = _known(len(_migrations(change.files, globs)), gap)
    return replace(change, facts={**change.facts, "migrations.files_count": count})


def count_permissions(files: Sequence[FileChange], lines: Sequence[FileLines]) -> int:
    """Count the files that change who may do what: executable bits, new links, owners and roles, grants in SQL and CI."""
    granting = {each.path for each in lines if any(_grants(each.path, text) for _, text in each.added)}
    return sum("permissions" in kinds_of(each.path) or _mode_changed(each) or each.path in granting for each in files)


def find_collisions(added: Iterable[str], names_by_folder: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the added paths that differ from another name of the same folder only in case."""
    found = set()
    for path in added:
        parts = path.split("/")
        for depth, name in enumerate(parts):
            folder = "/".join(parts[:depth])
            twins = [
                each for each in names_by_folder.get(folder, ()) if each != name and each.casefold() == name.casefold()
            ]
            if twins:
                found.add(path)
    return tuple(sorted(found))


def _counts(files: Sequence[FileChange]) -> dict[str, FactValue]:
    kinds = Counter(kind for each in files for kind in kinds_of(each.path))
    languages = Counter(each.language for each in files if each.language)
    return {
        "change.files_count": len(files),
        "change.binary_files_count": sum(each.binary for each in files),
        "change.generated_files_count": sum(each.generated for each in files),
        "change.vendored_files_count": sum(each.vendored for each in files),
        "change.lock_files_count": sum(each.lock_file for each in files),
        "change.symlinks_count": sum(FileKind.SYMLINK in (each.old_kind, each.new_kind) for each in files),
        "change.submodules_count": sum(FileKind.SUBMODULE in (each.old_kind, each.new_kind) for each in files),
        "change.mode_changes_count": sum(_mode_changed(each) for each in files),
        "change.hidden_files_count": sum(_is_hidden(each) for each in files),
        "change.code_files_count": sum(each.language in CODE_LANGUAGES for each in files),
        "change.languages": tuple(sorted(languages)),
        "dependencies.files_count": sum(bool(kinds_of(each.path) & {"dependencies", "lock"}) for each in files),
        "ci.files_count": kinds["ci"],
    }


def _line_facts(files: Sequence[FileChange], gap: str) -> dict[str, Fact]:
    uncounted = [each for each in files if not each.binary and None in (each.lines_added, each.lines_removed)]
    why = gap or (f"the lines of {len(uncounted)} of {len(files)} files could not be counted" if uncounted else "")
    added = sum(each.lines_added or 0 for each in files)
    removed = sum(each.lines_removed or 0 for each in files)
    return {
        "change.lines": _known(added + removed, why),
        "change.lines_added": _known(added, why),
        "change.lines_removed": _known(removed, why),
    }


def _known(value: FactValue, gap: str) -> Fact:
    return Unknown(why=gap) if gap else Known(value=value, source=COMPUTED)


def _migrations(files: Sequence[FileChange], globs: Sequence[str]) -> list[FileChange]:
    own = compile_globs(path_set(tuple(globs))) if globs else None
    return [
        each for each in files if "migrations" in kinds_of(each.path) or (own is not None and own.matches(each.path))
    ]


def _is_hidden(each: FileChange) -> bool:
    """Tell whether text that people should read is hidden; lock files are, in many projects, and nobody reads them."""
    return each.hidden_from_diff and not (each.lock_file and FileKind.EXECUTABLE is not each.new_kind)


def _mode_changed(each: FileChange) -> bool:
    """Tell whether the executable bit was set or taken, or a file became something else."""
    if each.status is FileStatus.ADDED:
        return each.new_kind is FileKind.EXECUTABLE
    return each.status is not FileStatus.DELETED and each.old_kind is not each.new_kind


def _grants(path: str, text: str) -> bool:
    if path.endswith(".sql"):
        return _GRANT.match(text) is not None
    return path.endswith((".yml", ".yaml")) and "ci" in kinds_of(path) and _WORKFLOW_GRANT.match(text) is not None
