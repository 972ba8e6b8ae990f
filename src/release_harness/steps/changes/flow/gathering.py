"""Gathers a change: which commits, which result, which files, which lines, which people."""

from collections.abc import Mapping, Sequence

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.time import format_instant
from release_harness.steps.changes.flow.aim import Aim, find_aim, snapshot_gaps
from release_harness.steps.changes.flow.needs import ChangeNeeds
from release_harness.steps.changes.model import (
    Change,
    ChangeSpec,
    CommitFacts,
    DiffOutput,
    Digests,
    FileChange,
    FileLines,
    FileStatus,
)
from release_harness.steps.changes.ports import Repository
from release_harness.steps.changes.rules import (
    Attributes,
    ParsedDiff,
    attribute_places,
    blobs_to_look_at,
    change_digest,
    compute_facts,
    describe_files,
    find_collisions,
    identify_people,
    lines_of_hidden_files,
    parse_diff,
    parse_log,
    parse_patch,
    people_of,
    read_attributes,
    title_of,
)
from release_harness.steps.changes.rules.attributes import LIMIT_BYTES as ATTRIBUTES_LIMIT_BYTES
from release_harness.steps.changes.rules.attributes import NAME as ATTRIBUTES_NAME
from release_harness.steps.changes.rules.commits import claimed
from release_harness.steps.changes.rules.files import LOOK_LIMIT_BYTES

COMMITS_LIMIT_COUNT = 10_000
_FOLDERS_LIMIT_COUNT = 10_000


@record
class _Result:
    """What is compared, and what is known to be missing."""

    merge_base: CommitId | None
    old: TreeId | None
    new: TreeId
    tree: TreeId | None
    """The result tree; None when it is not known what would land."""
    conflicts: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    unknown_files: str = ""
    """Why the list of files cannot be trusted; empty when it can."""


@record
class _Files:
    """The changed files and their lines."""

    files: tuple[FileChange, ...]
    lines: tuple[FileLines, ...]
    lines_complete: bool
    gaps: tuple[str, ...]
    raw: bytes
    complete: bool
    collisions: tuple[str, ...]


@record
class _History:
    """The commits of the change."""

    commits: tuple[CommitFacts, ...]
    complete: bool
    gaps: tuple[str, ...]


def gather(needs: ChangeNeeds, spec: ChangeSpec, *, default_branch: str = "", migrations: Sequence[str] = ()) -> Change:
    """Gather the change that is meant, from git objects alone.

    `default_branch` and `migrations` come from the project file, where the caller has read one. Raises NotFound for an
    unknown revision, InputError and OutsideError as git gives reason; what is merely missing becomes a gap.
    """
    repository = needs.repository
    aim = find_aim(repository, spec, default_branch)
    result = _find_result(repository, aim)
    found = _read_files(repository, result)
    history = _read_history(repository, aim)
    unknown_files = result.unknown_files or ("" if found.complete else "the list of files was cut short")
    title = _title(aim, history)
    authors, requester = people_of(_writers(aim, history))
    if aim.snapshot is not None:
        authors = (*authors, claimed(repository.setting("user.name"), repository.setting("user.email")))
    exact = result.tree is not None and not unknown_files
    change = Change(
        base=aim.base,
        merge_base=result.merge_base,
        head=None if aim.snapshot else aim.head,
        branch=aim.branch,
        target=aim.target,
        title=title,
        files=found.files,
        listing_complete=not unknown_files,
        gaps=tuple(dict.fromkeys([*result.gaps, *found.gaps, *history.gaps])),
        conflicts=result.conflicts,
        commits=history.commits,
        authors=authors,
        requester=requester,
        lines=found.lines,
        lines_complete=found.lines_complete and not unknown_files,
        digests=Digests(result_tree=result.tree if exact else None, change=change_digest(found.raw) if exact else None),
        facts=compute_facts(
            found.files,
            found.lines,
            commits_count=len(history.commits) if history.complete else None,
            title=title,
            gap=unknown_files,
            migrations=migrations,
        ),
        notes=(
            *aim.notes,
            *_when(aim, history),
            *(f"{show_text(each)} differs from a neighbour only in case." for each in found.collisions),
        ),
        collisions=found.collisions,
    )
    return identify_people(change, ())


def _find_result(repository: Repository, aim: Aim) -> _Result:
    """Find the tree that would land, and what it is compared with."""
    head_tree = aim.snapshot.tree if aim.snapshot else repository.tree_of(aim.head)
    gaps = snapshot_gaps(aim)
    if aim.base is None:
        if not aim.base_missing:
            unknown = gaps[0] if gaps else ""
            return _Result(merge_base=None, old=None, new=head_tree, tree=head_tree, gaps=gaps, unknown_files=unknown)
        says = "The first parent is not in this shallow clone, so it cannot be said what the commit changed; `git fetch --unshallow`."
        return _Result(merge_base=None, old=head_tree, new=head_tree, tree=head_tree, gaps=(says,), unknown_files=says)
    base_tree = repository.tree_of(aim.base)
    bases = (aim.base,) if aim.landed else repository.merge_bases(aim.base, aim.head)
    if not bases:
        says = _no_merge_base(repository)
        return _Result(merge_base=None, old=base_tree, new=head_tree, tree=None, gaps=(*gaps, says), unknown_files=says)
    unknown = gaps[0] if gaps else ""
    if aim.base in bases:
        return _Result(
            merge_base=aim.base, old=base_tree, new=head_tree, tree=head_tree, gaps=gaps, unknown_files=unknown
        )
    if repository.state().shallow:
        gaps = (
            *gaps,
            "This clone is shallow: a later common ancestor of base and head may be missing; `git fetch --unshallow`.",
        )
    merged = repository.merge(aim.base, aim.head)
    if merged.tree is not None:
        return _Result(
            merge_base=bases[0], old=base_tree, new=merged.tree, tree=merged.tree, gaps=gaps, unknown_files=unknown
        )
    if merged.problem:
        gaps = (*gaps, f"The result of the merge is not known: {merged.problem}")
    # What would land is not known; what the head did since it left the base is the nearest thing that can be shown.
    return _Result(
        merge_base=bases[0],
        old=repository.tree_of(bases[0]),
        new=head_tree,
        tree=None,
        conflicts=merged.conflicts,
        gaps=gaps,
        unknown_files=unknown,
    )


def _no_merge_base(repository: Repository) -> str:
    if repository.state().shallow:
        return "The common ancestor of base and head is not in this shallow clone; `git fetch --unshallow` brings it."
    return "Base and head have no common ancestor, so nothing can be said about what the head changed."


def _read_files(repository: Repository, result: _Result) -> _Files:
    output = repository.diff(result.old, result.new)
    parsed = parse_diff(output.output)
    patch_lines = _patch_lines(output, parsed)
    lines = patch_lines or ()
    before, after = _attributes(repository, result, parsed)
    blobs = repository.read_blobs(blobs_to_look_at(parsed, lines), limit_bytes=LOOK_LIMIT_BYTES)
    files = describe_files(parsed, before, after, blobs)
    hidden, hidden_complete = lines_of_hidden_files(files, blobs)
    replaced = {each.path for each in hidden}
    return _Files(
        files=files,
        lines=(*(each for each in lines if each.path not in replaced), *hidden),
        lines_complete=patch_lines is not None and hidden_complete,
        gaps=_file_gaps(output, parsed, patch_lines, hidden_complete=hidden_complete),
        raw=parsed.raw,
        complete=parsed.complete,
        collisions=_collisions(repository, result.new, parsed),
    )


def _patch_lines(output: DiffOutput, parsed: ParsedDiff) -> tuple[FileLines, ...] | None:
    if output.problem or not output.patch_complete or not parsed.complete:
        return None
    return parse_patch(parsed.patch, parsed.changes)


def _file_gaps(
    output: DiffOutput, parsed: ParsedDiff, lines: tuple[FileLines, ...] | None, *, hidden_complete: bool
) -> tuple[str, ...]:
    gaps = []
    if not parsed.complete:
        gaps.append("The list of changed files was cut short.")
    if output.problem:
        gaps.append(f"The changed lines are not known: {output.problem}")
    elif not output.patch_complete:
        gaps.append("The diff is longer than rh reads, so the text of the changed lines is not known.")
    elif lines is None and parsed.complete:
        gaps.append("The patch does not fit the list of files, so the text of the changed lines is not known.")
    if not hidden_complete:
        gaps.append("A source file that git calls binary could not be read whole, so its lines are not known.")
    return tuple(gaps)


def _attributes(repository: Repository, result: _Result, parsed: ParsedDiff) -> tuple[Attributes, Attributes]:
    """Return what the attributes of the base and of the result say."""
    places = attribute_places(each.path for each in parsed.changes)
    after = read_attributes(repository.read_files(result.new, places, limit_bytes=ATTRIBUTES_LIMIT_BYTES))
    if result.old is None:
        return read_attributes({}), after
    touched = any(each.path.rpartition("/")[2] == ATTRIBUTES_NAME for each in parsed.changes)
    if not touched:
        return after, after
    return read_attributes(repository.read_files(result.old, places, limit_bytes=ATTRIBUTES_LIMIT_BYTES)), after


def _collisions(repository: Repository, tree: TreeId, parsed: ParsedDiff) -> tuple[str, ...]:
    added = [each.path for each in parsed.changes if each.status is FileStatus.ADDED]
    folders = dict.fromkeys(
        "/".join(parts[:depth]) for parts in (path.split("/") for path in added) for depth in range(len(parts))
    )
    listed: Mapping[str, tuple[str, ...]] = repository.folder_names(tree, tuple(folders)[:_FOLDERS_LIMIT_COUNT])
    return find_collisions(added, listed)


def _read_history(repository: Repository, aim: Aim) -> _History:
    if aim.history is None:
        return _History(commits=(), complete=True, gaps=())
    excluded = aim.base
    log = repository.log(aim.history, excluded, limit_count=COMMITS_LIMIT_COUNT)
    commits, whole = parse_log(log.output)
    gaps = []
    if not whole or not log.complete:
        gaps.append("The list of commits was cut short, so not everybody who took part is known.")
    if len(commits) > COMMITS_LIMIT_COUNT:
        gaps.append(f"The change has more than {COMMITS_LIMIT_COUNT} commits; not everybody who took part is known.")
        commits = commits[:COMMITS_LIMIT_COUNT]
    cut = repository.state().cut_commits
    if cut and any(each.id in cut for each in commits):
        gaps.append("This clone is shallow: commits of the change are missing, and with them people who took part.")
    return _History(commits=commits, complete=not gaps, gaps=tuple(gaps))


def _writers(aim: Aim, history: _History) -> Sequence[CommitFacts]:
    """Return the commits whose authors wrote the change; who pressed the merge button of a landed one did not."""
    landing = _landing(aim, history)
    if landing is None or len(history.commits) == 1:
        return history.commits
    return [each for each in history.commits if each is not landing]


def _when(aim: Aim, history: _History) -> tuple[str, ...]:
    landed = _landing(aim, history) if aim.landing is not None else None
    return (f"It landed at {format_instant(landed.authored_at)}.",) if landed is not None else ()


def _landing(aim: Aim, history: _History) -> CommitFacts | None:
    if not aim.landed or not history.commits or history.commits[0].id != aim.head:
        return None
    return history.commits[0] if history.commits[0].parents_count > 1 else None


def _title(aim: Aim, history: _History) -> str:
    if aim.snapshot is not None and not history.commits:
        return ""
    return title_of(history.commits, _landing(aim, history))
