"""Finds out which change is meant: what is to land, and on what."""

from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.steps.changes.model import ChangeSpec, Snapshot
from release_harness.steps.changes.ports import Repository

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_USUAL = ("main", "master", "trunk", "develop")


@record
class Aim:
    """A head and a base, found."""

    head: CommitId
    """The commit to land; for a working tree, one that was made beside the repository."""
    branch: str
    base: CommitId | None
    target: str
    history: CommitId | None
    """The newest commit that is really there; None when nothing was committed yet."""
    landed: bool = False
    """True when the change is already part of its target, and is judged against its first parent."""
    base_missing: bool = False
    """True when the first parent is not in this clone."""
    snapshot: Snapshot | None = None
    tree: TreeId | None = None
    notes: tuple[str, ...] = ()
    landing: CommitId | None = None
    """The merge that brought a landed head in, when that is another commit; it is the head then."""


def find_aim(repository: Repository, spec: ChangeSpec, default_branch: str) -> Aim:
    """Find head and base; raises NotFound for names that stand for nothing."""
    base_name, head_name = _split(spec)
    if spec.worktree and head_name not in ("", "HEAD"):
        raise InputError(
            code="WORKTREE_WITH_REVISION",
            says=f"--worktree looks at the files of the working tree, so there is no place for {show_text(head_name)}.",
            hint="Leave the revision away, or leave --worktree away.",
        )
    candidates = _base_candidates(repository, base_name, default_branch)
    heads = _head_candidates(head_name)
    known = repository.resolve([*heads, *candidates])
    current = repository.symbolic_target("HEAD") if head_name in ("", "HEAD") else ""
    head_ref = next((each for each in heads if each in known), "")
    if not head_ref and not spec.worktree:
        raise _unknown(repository, head_name, current)
    base_ref = next((each for each in candidates if each in known), "")
    if base_name and not base_ref:
        raise _unknown(repository, base_name, "")
    branch = (
        current.removeprefix(_HEADS)
        if current
        else head_ref.removeprefix(_HEADS)
        if head_ref.startswith(_HEADS)
        else ""
    )
    snapshot = repository.snapshot() if spec.worktree else None
    aim = Aim(
        head=snapshot.commit if snapshot else known[head_ref],
        branch=branch,
        base=known[base_ref] if base_ref else None,
        target=spec.target or _short(base_ref),
        history=known.get(head_ref),
        snapshot=snapshot,
    )
    if base_name or spec.worktree:
        return aim
    return _judge_landed(repository, aim)


def find_head(repository: Repository, name: str) -> tuple[CommitId, str]:
    """Return the commit that a name stands for, and the short name of its branch or nothing; raises NotFound."""
    heads = _head_candidates(name)
    known = repository.resolve(heads)
    current = repository.symbolic_target("HEAD") if heads == ("HEAD",) else ""
    found = next((each for each in heads if each in known), "")
    if not found:
        raise _unknown(repository, name, current)
    return known[found], current.removeprefix(_HEADS) or _short(found)


def snapshot_gaps(aim: Aim) -> tuple[str, ...]:
    """Say what is not known of the working tree; empty when the head is a commit."""
    if aim.snapshot is None:
        return ()
    gaps = [aim.snapshot.problem] if aim.snapshot.problem else []
    if aim.snapshot.unmerged:
        gaps.append(f"{len(aim.snapshot.unmerged)} files of the working tree are in conflict; finish the merge first.")
    return tuple(gaps)


def _judge_landed(repository: Repository, aim: Aim) -> Aim:
    """Take the first parent as base when there is nothing left to land, or no branch to land on."""
    if aim.base is not None and repository.merge_bases(aim.base, aim.head) != (aim.head,):
        return aim
    landing = _landing_of(repository, aim)
    if landing is not None:
        head, says = (
            aim.head[:10],
            f"{landing[:10]} brought it into {show_text(aim.target)}, and is what is judged here",
        )
        aim = replace(aim, head=landing, history=landing, notes=(f"{head} has landed: {says}.",), landing=landing)
    parents = repository.parents_of(aim.head)
    where = f"is already part of {show_text(aim.target)}" if aim.base is not None else "has no branch to land on"
    if not parents:
        return replace(
            aim,
            base=None,
            landed=True,
            notes=(
                *aim.notes,
                f"{aim.head[:10]} {where} and is a root commit: everything in it is new.",
            ),
        )
    notes = (
        *aim.notes,
        f"{aim.head[:10]} {where}; it is judged against its first parent {parents[0][:10]}.",
    )
    here = parents[0] in repository.resolve([parents[0]])
    return replace(aim, base=parents[0] if here else None, base_missing=not here, landed=True, notes=notes)


def _landing_of(repository: Repository, aim: Aim) -> CommitId | None:
    """Return the merge that brought the head into its target; None when it stands on the line of the target itself.

    The merge against its first parent is the content that landed: it has the digests that evidence and approvals name.
    """
    if aim.base is None or aim.base == aim.head:
        return None
    landing = repository.brought_in(aim.head, aim.base)
    parents = repository.parents_of(landing) if landing is not None else ()
    return landing if parents and parents[0] != aim.head else None


def _split(spec: ChangeSpec) -> tuple[str, str]:
    """Return the names of base and head; an empty name stands for the default."""
    if ".." not in spec.revision:
        return spec.base, spec.revision
    base, _, head = spec.revision.partition("..")
    if spec.base:
        raise InputError(
            code="BASE_TWICE",
            says=f"{show_text(spec.revision)} names a base, and --base names another.",
            hint="Keep one of them.",
        )
    return base, head.removeprefix(".") or "HEAD"


def _head_candidates(name: str) -> tuple[str, ...]:
    if name in ("", "HEAD", "@"):
        return ("HEAD",)
    return (name,) if name.startswith("refs/") else (_HEADS + name, name)


def _base_candidates(repository: Repository, name: str, default_branch: str) -> Sequence[str]:
    """Return the refs to try for the base, the first that exists wins."""
    if name:
        return (name,) if name.startswith("refs/") else (_HEADS + name, _REMOTES + name, name)
    current = repository.symbolic_target("HEAD").removeprefix(_HEADS)
    remote = repository.setting(f"branch.{current}.remote") or repository.setting("checkout.defaultremote") or "origin"
    if remote == ".":
        remote = "origin"
    upstream = repository.symbolic_target(f"{_REMOTES}{remote}/HEAD")
    names = dict.fromkeys([repository.setting("init.defaultbranch"), *_USUAL[:2], default_branch, *_USUAL[2:]])
    places = [f"{prefix}{each}" for each in names if each for prefix in (f"{_REMOTES}{remote}/", _HEADS)]
    return [upstream, *places] if upstream else places


def _short(ref: str) -> str:
    """Return the short name of a branch, or nothing for a revision that is no branch."""
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    if ref.startswith(_REMOTES):
        return ref.removeprefix(_REMOTES).partition("/")[2]
    return ""


def _unknown(repository: Repository, name: str, current: str) -> NotFound:
    if current and name in ("", "HEAD"):
        return NotFound(
            code="REVISION_UNKNOWN",
            says=f"The branch {show_text(current.removeprefix(_HEADS))} has no commit yet.",
            hint="Commit something, or use --worktree to look at what is not committed.",
            subject="HEAD",
        )
    near = ", ".join(show_text(each) for each in repository.near_names(name))
    return NotFound(
        code="REVISION_UNKNOWN",
        says=f"{show_text(name)} is not a branch, tag or commit of this repository.",
        hint=f"Did you mean {near}?" if near else "`git branch --all` and `git tag` list the names that exist.",
        subject=name,
    )
