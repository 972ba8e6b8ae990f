"""What a change is: its files, its lines, its people, its digests and its release card."""

from datetime import datetime
from enum import Enum

from release_harness.kernel.digests import ChangeDigest, CommitId, ObjectId, PolicyDigest, TreeId
from release_harness.kernel.facts import Facts
from release_harness.kernel.identity import Actor
from release_harness.kernel.records import record


class FileStatus(Enum):
    """What happened to a file, as git names it; renames are only ever a hint."""

    UNMERGED = "U"
    ADDED = "A"
    DELETED = "D"
    MODIFIED = "M"
    TYPE_CHANGED = "T"


class FileKind(Enum):
    """What git stores under a name."""

    ABSENT = "absent"
    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


@record
class FileChange:
    """One changed file between base and result."""

    path: str
    """Decoded with surrogateescape; show it through `kernel.paths.show_text`."""
    status: FileStatus
    old_kind: FileKind
    new_kind: FileKind
    old_blob: ObjectId
    new_blob: ObjectId
    lines_added: int | None
    """None when it cannot be counted: binary, or the blob is missing."""
    lines_removed: int | None
    binary: bool
    language: str = ""
    generated: bool = False
    vendored: bool = False
    lock_file: bool = False
    lfs_pointer: bool = False
    renamed_from: str = ""
    """Hint only: a deleted file with the same content."""
    hidden_from_diff: bool = False
    """Attributes of the repository, or git, call it binary although it is text: people do not see its lines in a diff. rh reads
    them all the same; `lines` says which."""


@record
class LineRange:
    """Lines of the new file, counted from 1, both ends included."""

    first: int
    last: int


@record
class FileLines:
    """The added lines of one file, with their text."""

    path: str
    added: tuple[tuple[int, str], ...]
    """(line number in the new file, text without its end), in order."""
    removed_count: int


@record
class CommitFacts:
    """One commit of the change."""

    id: CommitId
    author: Actor
    committer: Actor
    co_authors: tuple[Actor, ...]
    trailers: tuple[tuple[str, str], ...]
    subject: str
    authored_at: datetime
    parents_count: int
    body: str = ""
    """The message without its subject, at most 64 KiB."""


@record
class Digests:
    """The digests that everything else binds to; None where it could not be computed."""

    result_tree: TreeId | None
    change: ChangeDigest | None
    policy: PolicyDigest | None = None


@record
class ChangeSpec:
    """Which change is meant."""

    revision: str = ""
    """`REV`, `A..B` or empty for HEAD."""
    base: str = ""
    """Branch or revision to land on; empty for the upstream default branch."""
    worktree: bool = False
    """Take the working tree, with what is not committed, as the head."""
    target: str = ""
    """Short name of the branch to land on when `base` names a commit, such as the tip that a landing is built on; else empty."""


@record
class Change:
    """A change, computed from git objects alone."""

    base: CommitId | None
    """Tip that the change is merged onto; None when the change has a root commit and no base."""
    merge_base: CommitId | None
    head: CommitId | None
    """None for a working tree that is not committed."""
    branch: str
    """Short name of the branch of the head, or empty when detached."""
    target: str
    """Short name of the branch to land on, or empty when the base was given as a revision."""
    title: str
    files: tuple[FileChange, ...]
    listing_complete: bool
    gaps: tuple[str, ...]
    """What could not be computed, one sentence each; empty when everything is known."""
    conflicts: tuple[str, ...]
    """Paths that do not merge; then there is no result tree."""
    commits: tuple[CommitFacts, ...]
    authors: tuple[Actor, ...]
    requester: Actor | None
    """Who asked for the change (trailer `Requested-by:`), when an agent wrote it."""
    lines: tuple[FileLines, ...]
    lines_complete: bool
    digests: Digests
    facts: Facts
    """`change.*`, `dependencies.*`, `migrations.*`, `ci.*` facts of the diff."""
    notes: tuple[str, ...] = ()
    """What a reader should know about how the change was found; nothing is missing because of them."""
    collisions: tuple[str, ...] = ()
    """Added paths that differ from a neighbour only in case: one of the two is lost on many file systems."""

    @property
    def lines_added(self) -> int:
        """Sum over the files whose lines can be counted."""
        return sum(each.lines_added or 0 for each in self.files)

    @property
    def lines_removed(self) -> int:
        """Sum over the files whose lines can be counted."""
        return sum(each.lines_removed or 0 for each in self.files)


@record
class CardField:
    """One field of the release card: what it says, where from, or what is asked for."""

    says: str
    source: str
    """`computed`, `brief`, `policy`, `trailer`, or `missing`."""
    asks: str = ""
    """What somebody has to supply, by name; empty when the field is answered."""


@record
class ReleaseCard:
    """The seven fields that every change carries."""

    goal: CardField
    scope: CardField
    risk_tier: CardField
    verification_evidence: CardField
    ship_method: CardField
    rollback_method: CardField
    watch_metrics: CardField


@record
class RepositoryState:
    """What kind of repository it is."""

    common_folder: str
    bare: bool
    shallow: bool
    object_format: str
    """`sha1` or `sha256`."""
    cut_commits: frozenset[str] = frozenset()
    """Commits whose parents are not here, because the clone is shallow."""
    partial: bool = False
    """True when the clone left blobs or trees behind on purpose."""


@record
class MergeOutcome:
    """What became of merging the head onto the base."""

    tree: TreeId | None
    conflicts: tuple[str, ...] = ()
    problem: str = ""
    """Why there is neither a tree nor a conflict, such as an object that is missing."""


@record
class DiffOutput:
    """What `git diff-tree -z` printed: raw records, numbers of lines, and the patch."""

    output: bytes
    """Raw records, then numbers, then an empty field and the patch; raw records alone when `problem` is set."""
    patch_complete: bool = True
    """False when the patch was longer than rh reads."""
    problem: str = ""
    """Why there is no more than the raw records, such as a blob that is missing."""


@record
class LogOutput:
    """What `git log -z` printed, and whether that is all."""

    output: bytes
    complete: bool = True


@record
class BlobText:
    """The beginning of a blob, and how long it is."""

    size_bytes: int
    start: bytes
    whole: bool


@record
class Snapshot:
    """The working tree as a tree object."""

    tree: TreeId
    commit: CommitId
    """A commit of that tree on top of HEAD, made beside the repository so that it can be merged."""
    unmerged: tuple[str, ...] = ()
    """Paths that a merge or rebase in progress left in conflict."""
    problem: str = ""
    """What could not be read."""
