"""One git repository, read through the `git` program.

Names and settings are asked in the repository itself; every object is read through a scratch repository, so that the same
commits give the same answer in every clone (see `scratch`). The budget is about ten processes for a whole check.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from release_harness.adapters.git.blobs import Found, ObjectReader
from release_harness.adapters.git.environment import scratch_environment
from release_harness.adapters.git.failures import GitFailed, explain, unreadable_paths
from release_harness.adapters.git.listing import read_listing, tree_names
from release_harness.adapters.git.names import HEX_ID, GitNames
from release_harness.adapters.git.process import Output, run_git, run_git_up_to
from release_harness.adapters.git.scratch import ScratchRepository
from release_harness.adapters.git.snapshots import join_commits, take_snapshot
from release_harness.kernel.digests import CommitId, ObjectId, TreeId
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.paths import decode_path, encode_path, show_text
from release_harness.steps.changes.model import (
    BlobText,
    DiffOutput,
    LogOutput,
    MergeOutcome,
    Snapshot,
)

if TYPE_CHECKING:
    from release_harness.steps.evidence.model.reading import TreeListing

FILE_LIMIT_BYTES = 64 << 20
PATCH_LIMIT_BYTES = 64 << 20
"""A longer patch is not read: then the added lines are unknown, and rh says so."""
_ABSENT_LIMIT_COUNT = 64
_EMPTY_TREES = {
    "sha1": TreeId("4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
    "sha256": TreeId("6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"),
}
_DIFF = ("diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--no-abbrev")
_LOG_FORMAT = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"


class GitProgram(GitNames):
    """Implements the Repository port, and the narrow git ports of other steps that read trees."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """`folder` is anywhere inside the repository; nothing is started before it is asked for."""
        super().__init__(folder, environment)
        self._merged: dict[tuple[str, str], MergeOutcome] = {}
        self._bases: dict[tuple[str, str], tuple[CommitId, ...]] = {}

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        return TreeId(self._commit_fields(commit)["tree"][0])

    def parents_of(self, commit: CommitId) -> tuple[CommitId, ...]:
        """Return the parents of a commit, the first parent first."""
        return tuple(CommitId(each) for each in self._commit_fields(commit).get("parent", ()))

    def merge_bases(self, one: CommitId, other: CommitId) -> tuple[CommitId, ...]:
        """Return every best common ancestor; none when the histories do not meet, or not in what is here."""
        if one == other:
            return (one,)
        if (one, other) not in self._bases:
            self._bases[one, other] = self._find_merge_bases(one, other)
        return self._bases[one, other]

    def _find_merge_bases(self, one: CommitId, other: CommitId) -> tuple[CommitId, ...]:
        try:
            found = self._scratch_run("merge-base", "--all", "--end-of-options", one, other)
        except GitFailed as failure:
            if failure.status == 1 and not failure.said:
                return ()
            raise explain(failure, str(self._folder)) from failure
        return tuple(CommitId(line) for line in found.decode().split())

    def merge(self, base: CommitId, head: CommitId) -> MergeOutcome:
        """Merge the head onto the base without a work tree; the tree lives beside the repository until it is kept."""
        if (base, head) not in self._merged:
            self._merged[base, head] = self._merge(base, head)
        return self._merged[base, head]

    def diff(self, old: TreeId | None, new: TreeId) -> DiffOutput:
        """Compare two trees without rename detection; None stands for the tree without files."""
        pair = (old or self.empty_tree(), new)
        lines = (*_DIFF, "--raw", "--numstat")
        try:
            found = run_git_up_to(
                [*lines, "--patch", "--unified=0", "--full-index", "--end-of-options", *pair],
                PATCH_LIMIT_BYTES,
                folder=self._folder,
                environment=self._scratch_environment,
            )
            if found.complete:
                return DiffOutput(output=found.text)
            return DiffOutput(output=self._scratch_run(*lines, "--end-of-options", *pair), patch_complete=False)
        except GitFailed as failure:
            if not failure.object_unreadable:
                raise explain(failure, str(self._folder)) from failure
            problem = str(explain(failure, str(self._folder)))
        return DiffOutput(output=self._ask_scratch(*_DIFF, "--raw", "--end-of-options", *pair), problem=problem)

    def log(self, head: CommitId, excluded: CommitId | None, *, limit_count: int) -> LogOutput:
        """Return the commits of the head that the excluded one does not have, newest first."""
        found = self._ask_scratch(
            "log",
            "-z",
            "--topo-order",
            f"--max-count={limit_count + 1}",
            _LOG_FORMAT,
            "--end-of-options",
            head,
            *([f"^{excluded}"] if excluded else []),
            "--",
        )
        return LogOutput(output=found)

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the bytes of a file, or None when the tree does not have it; raises InputError above 64 MiB."""
        found = self._objects([self._place(treeish, path)], FILE_LIMIT_BYTES)[0]
        if found is None or found.kind != "blob":
            return None
        if not found.whole:
            raise InputError(
                code="FILE_TOO_LARGE",
                says=f"{show_text(path)} has {found.size_bytes} bytes; rh reads no file above {FILE_LIMIT_BYTES}.",
                hint="Keep large content out of files that rh has to read.",
                subject=path,
            )
        return found.content

    def read_files(self, treeish: str, paths: Sequence[str], *, limit_bytes: int) -> Mapping[str, bytes]:
        """Return the bytes of those files that the tree has and that are not longer than the limit."""
        found = self._objects([self._place(treeish, path) for path in paths], limit_bytes)
        return {
            path: each.content
            for path, each in zip(paths, found, strict=True)
            if each is not None and each.kind == "blob" and each.whole
        }

    def read_blobs(self, blobs: Sequence[ObjectId], *, limit_bytes: int) -> Mapping[ObjectId, BlobText]:
        """Return size and beginning of each blob that is here; nothing is read whole beyond the limit."""
        found = self._objects([each.encode() for each in blobs], limit_bytes)
        return {
            blob: BlobText(size_bytes=each.size_bytes, start=each.content, whole=each.whole)
            for blob, each in zip(blobs, found, strict=True)
            if each is not None
        }

    def folder_names(self, tree: TreeId, folders: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the names in those folders that the tree has."""
        found = self._objects([self._place(tree, folder) for folder in folders], FILE_LIMIT_BYTES)
        return {
            folder: tuple(tree_names(each.content, len(each.id) // 2))
            for folder, each in zip(folders, found, strict=True)
            if each is not None and each.kind == "tree" and each.whole
        }

    def list_paths(self, treeish: str) -> tuple[str, ...]:
        """Return the path of every file of a tree; its cost grows with the repository."""
        listed = self._ask_scratch("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._treeish(treeish))
        return tuple(decode_path(each) for each in listed.split(b"\0") if each)

    def list_blobs(self, treeish: str) -> Mapping[str, str]:
        """Return the blob id of every file of a tree by its path; links and submodules are left out."""
        return self.list_tree(treeish).blobs

    def list_tree(self, treeish: str) -> "TreeListing":
        """Return the files, the symbolic links and the submodules of a tree."""
        return read_listing(self._ask_scratch("ls-tree", "-r", "-z", "--full-tree", self._treeish(treeish)))

    def grep(self, treeish: str, words: Sequence[str], *, limit_bytes: int) -> Output:
        """Return what `git grep -n -z` prints for whole words in the text files of a tree: `<tree>:path NUL line NUL text`.

        Files whose content is not here are left out; when there is no telling which they are, the output is not complete.
        """
        # The tree is always an id here, so it cannot be taken for an option; this subcommand knows no `--end-of-options`.
        patterns = [argument for word in words for argument in ("-e", word)]
        options = ("grep", "-I", "-n", "-z", "-w", "-F", "--no-color", "--full-name", *patterns)
        arguments = (*options, self._treeish(treeish), "--", ":(top)")
        left_out: list[str] = []
        while True:
            try:
                whole = (*arguments, *(f":(exclude,top,literal){path}" for path in left_out))
                return run_git_up_to(whole, limit_bytes, folder=self._folder, environment=self._scratch_environment)
            except GitFailed as failure:
                if failure.status == 1 and not failure.said:
                    return Output(text=b"", complete=True)
                if not failure.object_unreadable:
                    raise explain(failure, str(self._folder)) from failure
                absent = [path for path in unreadable_paths(failure.said) if path not in left_out]
                if not absent or len(left_out) > _ABSENT_LIMIT_COUNT:
                    return Output(text=b"", complete=False)
                left_out += absent

    def snapshot(self) -> Snapshot:
        """Make a tree of the working tree as `git add --all` would, beside the repository and not in it."""
        if self._state.bare:
            raise InputError(
                code="NO_WORK_TREE",
                says=f"{show_text(self._state.common_folder)} is a bare repository: there is no working tree to look at.",
                hint="Name a revision instead of --worktree.",
            )
        try:
            head = self.resolve(["HEAD"]).get("HEAD")
            return take_snapshot(self._folder, self._environment, self._scratch.folder, head)
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure

    def join(self, tree: TreeId, parents: Sequence[CommitId]) -> CommitId:
        """Make a commit of a tree beside the repository, so that more can be merged onto it."""
        try:
            return join_commits(self._folder, self._scratch_environment, tree, parents)
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure

    def empty_tree(self) -> TreeId:
        """Return the id of the tree without files."""
        return _EMPTY_TREES[self._state.object_format]

    def keep_objects(self) -> None:
        """Copy every object that was made here (merges, snapshots) into the repository; only commands that write call it."""
        objects = self._scratch.folder / "objects"
        made = [f"{each.parent.name}{each.name}" for each in objects.glob("[0-9a-f][0-9a-f]/*")]
        if made:
            pack = self._ask_scratch("pack-objects", "--stdout", "--quiet", stdin="\n".join(made).encode() + b"\n")
            self.run("unpack-objects", "-q", stdin=pack)
            # They are found in the repository from now on: a process that lives long must not copy them again and again.
            for name in made:
                (objects / name[:2] / name[2:]).unlink(missing_ok=True)
        for pack_file in objects.glob("pack/*.pack"):
            self.run("index-pack", "--stdin", stdin=pack_file.read_bytes())

    def object_folders(self) -> tuple[str, ...]:
        """Return where objects are kept: those of the repository, and those that were made here."""
        return (*self._object_folders, str(self._scratch.folder / "objects"))

    def run_on_objects(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git where only objects count, for walks of the history; failures become errors for people."""
        return self._ask_scratch(*arguments, stdin=stdin)

    def try_on_objects(self, *arguments: str, stdin: bytes = b"") -> bytes | None:
        """Run git where only objects count; None when an object on the way is missing or damaged."""
        try:
            return self._scratch_run(*arguments, stdin=stdin)
        except GitFailed as failure:
            if failure.object_unreadable:
                return None
            raise explain(failure, str(self._folder)) from failure

    def close(self) -> None:
        """Stop the long-lived process and remove the scratch repository."""
        if "_reader" in self.__dict__:
            self._reader.close()
            del self.__dict__["_reader"]
        if "_scratch" in self.__dict__:
            self._scratch.close()
            del self.__dict__["_scratch"]
        self._merged.clear()

    @cached_property
    def _object_folders(self) -> tuple[str, ...]:
        own = self._environment.get("GIT_OBJECT_DIRECTORY") or str(Path(self._state.common_folder) / "objects")
        return (str(self._folder / own),)

    @cached_property
    def _scratch(self) -> ScratchRepository:
        return ScratchRepository(self.common_folder(), self._state.object_format, self._object_folders)

    @cached_property
    def _scratch_environment(self) -> dict[str, str]:
        return scratch_environment(self._environment, str(self._scratch.folder))

    @cached_property
    def _reader(self) -> ObjectReader:
        return ObjectReader(self._folder, self._scratch_environment)

    def _objects(self, names: Sequence[bytes], limit_bytes: int) -> list[Found | None]:
        try:
            return list(self._reader.read(names, limit_bytes))
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure

    def _place(self, treeish: str, path: str) -> bytes:
        """Name a file of a tree for cat-file; a name with a line end is looked up first."""
        tree = self._treeish(treeish)
        if set(path.split("/")) & {".", ".."}:
            # cat-file would take it as relative to the folder that the command was started in.
            return b"missing"
        if "\n" not in path:
            return tree.encode() + b":" + encode_path(path)
        listed = self._ask_scratch("ls-tree", "-z", "--full-tree", tree, "--", decode_path(b":(literal)") + path)
        entry, _, _name = listed.partition(b"\t")
        return entry.split()[2] if entry else b"missing"

    def _treeish(self, treeish: str) -> str:
        if HEX_ID.fullmatch(treeish):
            return treeish
        found = self.resolve([treeish])
        if treeish not in found:
            raise NotFound(
                code="REVISION_UNKNOWN",
                says=f"{show_text(treeish)} is not a revision of this repository.",
                hint="`git branch --all` and `git tag` list the names that exist.",
                subject=treeish,
            )
        return found[treeish]

    def _commit_fields(self, commit: CommitId) -> dict[str, list[str]]:
        found = self._objects([commit.encode()], FILE_LIMIT_BYTES)[0]
        if found is None or found.kind != "commit":
            raise NotFound(
                code="REVISION_UNKNOWN",
                says=f"{show_text(commit)} is not a commit of this repository.",
                hint="A shallow or partial clone does not have every commit: `git fetch --unshallow`.",
                subject=commit,
            )
        fields: dict[str, list[str]] = {}
        for line in found.content.partition(b"\n\n")[0].decode("utf-8", "surrogateescape").split("\n"):
            name, _, value = line.partition(" ")
            if name in ("tree", "parent"):
                fields.setdefault(name, []).append(value)
        return fields

    def _merge(self, base: CommitId, head: CommitId) -> MergeOutcome:
        try:
            written = self._scratch_run("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head)
        except GitFailed as failure:
            if failure.status == 1 and failure.printed:
                paths = failure.printed.split(b"\0")[1:]
                return MergeOutcome(tree=None, conflicts=tuple(decode_path(each) for each in paths if each))
            if failure.not_supported:
                return MergeOutcome(tree=None, problem="This git cannot merge without a work tree; 2.38 or newer can.")
            if "unrelated histories" in failure.said:
                return MergeOutcome(tree=None, problem="Base and head have no common history, so there is no merge.")
            return MergeOutcome(tree=None, problem=explain(failure, str(self._folder)).says)
        return MergeOutcome(tree=TreeId(written.split(b"\0", 1)[0].decode().strip()))

    def _scratch_run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return run_git(arguments, folder=self._folder, environment=self._scratch_environment, stdin=stdin)

    def _ask_scratch(self, *arguments: str, stdin: bytes = b"") -> bytes:
        try:
            return self._scratch_run(*arguments, stdin=stdin)
        except GitFailed as failure:
            raise explain(failure, str(self._folder)) from failure
