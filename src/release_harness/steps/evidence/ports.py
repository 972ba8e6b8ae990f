"""What evidence needs from outside: git trees, commands, report files, a scanner, signatures and a place for contents."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol, TypeVar

from release_harness.kernel.digests import CommitId, Sha256, TreeId
from release_harness.steps.changes.model import FileLines
from release_harness.steps.changes.ports import Repository
from release_harness.steps.evidence.model import (
    CommandOrder,
    CommandOutcome,
    Finding,
    ParsedReport,
    ReportFile,
)
from release_harness.steps.evidence.model.reading import TreeListing


class ContentStore(Protocol):
    """Keeps bytes under their own digest."""

    def put(self, content: bytes) -> Sha256:
        """Keep the bytes and return their digest; the same bytes twice are kept once."""
        ...

    def get(self, digest: Sha256) -> bytes | None:
        """Return the bytes, or None when they are not here; raises OutsideError when they were changed."""
        ...


class Signer(Protocol):
    """Signs statements with the key of this user."""

    def sign(self, statement: bytes) -> bytes:
        """Return a DSSE envelope around an in-toto statement, as canonical JSON."""
        ...

    def bundle(self, envelope: bytes) -> bytes:
        """Return the envelope as a Sigstore bundle v0.3."""
        ...


class Verifier(Protocol):
    """Opens envelopes that a trusted key signed."""

    def open(self, envelope: bytes, *, keys: Sequence[bytes] = ()) -> bytes:
        """Return the statement; raises InputError when no trusted key, or none of the given PEM keys, signed it."""
        ...


class Commands(Protocol):
    """Runs programs."""

    def run(self, order: CommandOrder, say: Callable[[str], None]) -> CommandOutcome:
        """Run the command to its end, its time limit or an interruption; nothing of it is left running."""
        ...

    def describe_environment(self, environment: Mapping[str, str], argv: Sequence[str]) -> dict[str, str]:
        """Return what a rerun would need to be the same: platform, versions of tools, chosen variables."""
        ...


class CleanTree(Protocol):
    """A fresh checkout of one tree that goes away at the end."""

    @property
    def folder(self) -> str:
        """Root of the work tree."""
        ...

    @property
    def reports(self) -> str:
        """Folder outside the work tree where commands leave their reports; `{reports}` stands for it."""
        ...

    @property
    def probe(self) -> str:
        """Folder with the module that watches pytest from inside."""
        ...

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the checkout lacks, one sentence each, such as submodules."""
        ...

    def put_back(self, path: str, content: bytes | None) -> None:
        """Give one file of the work tree another content, or remove it; raises InputError for a path that leads out."""
        ...

    def leave(self, name: str, content: bytes) -> str:
        """Write one file beside the work tree, for the module that watches pytest, and return where it is."""
        ...

    def collect(self, patterns: Sequence[str]) -> tuple[ReportFile, ...]:
        """Read the files that match; only regular files that are not part of the tree, each at most 64 MB."""
        ...

    def import_folders(self) -> tuple[str, ...]:
        """Return the folders that must come first on a module path, so that this tree is tested and nothing else."""
        ...


class WorkTrees(Protocol):
    """Makes clean checkouts."""

    def clean(self, tree: TreeId, *, commit: CommitId | None) -> AbstractContextManager[CleanTree]:
        """Check the tree out into a new folder with a git directory of its own; `commit` becomes HEAD when it has it."""
        ...


class ReportReader(Protocol):
    """Reads report files, recognised by content; everything in them is hostile."""

    def load(self, name: str) -> ReportFile:
        """Read one file named by a person; raises NotFound or InputError."""
        ...

    def parse(self, report: ReportFile) -> ParsedReport:
        """Read a report; raises InputError with the place of the fault."""
        ...

    def executable_lines(self, source: bytes) -> frozenset[int] | None:
        """Return the lines of a Python source that can run, or None when it cannot be read."""
        ...

    def statement_starts(self, source: bytes) -> Mapping[int, int]:
        """Return, for each line of a Python source within a statement, the first line of that statement."""
        ...


class SecretScanner(Protocol):
    """Looks for secrets."""

    def scan(self, lines: Sequence[FileLines]) -> tuple[Finding, ...]:
        """Return one finding for each secret in added lines; the secret itself is never part of it."""
        ...


class TreeFiles(Protocol):
    """Reads git trees."""

    def read_file(self, treeish: str, path: str) -> bytes | None:
        """Return the content of one file, or None when the tree has no such file."""
        ...

    def list_paths(self, treeish: str) -> Sequence[str]:
        """Return every path of the tree."""
        ...

    def list_blobs(self, treeish: str) -> Mapping[str, str]:
        """Return the blob id of every file of a tree by its path."""
        ...

    def list_tree(self, treeish: str) -> TreeListing:
        """Return the files, the symbolic links and the submodules of a tree."""
        ...

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        ...


class FactsCache(Protocol):
    """Keeps what was computed from contents; everything in it can be computed again."""

    @property
    def problem(self) -> str:
        """Why nothing is kept from one command to the next, as one sentence; empty when all is well."""
        ...

    def get_many(self, kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept of a kind under those names; what is damaged counts as not kept."""
        ...

    def put_many(self, kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep bytes of a kind under their names; never fails."""
        ...


Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers(Protocol):
    """Spreads work over the processors of this machine."""

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item], *, spread: bool = True
    ) -> Iterator[Result]:
        """Yield the result for each item in order; `function` is a function of a module, items and results are plain data."""
        ...

    def version_of(self, language: str) -> str:
        """Return what the facts of a language depend on besides the content: this Python, and the parser of the language."""
        ...


class RuntimeRegistry(Protocol):
    """Asks the frameworks of the project themselves."""

    def dump(
        self,
        *,
        folder: str,
        interpreter: Sequence[str],
        app: str,
        source: str,
        env: Mapping[str, str],
        time_limit: timedelta,
    ) -> object:
        """Return what the function `dump(app)` of the source gives, run in the project's interpreter without a shell."""
        ...


class TreeWords(Protocol):
    """Finds words in trees."""

    def find_words(self, treeish: str, words: Sequence[str]) -> Mapping[str, Sequence[tuple[str, int, str]]] | None:
        """Return path, line and text of every place where a word stands as a whole; None when they are too many to be read."""
        ...


class EvidenceRepository(Repository, TreeFiles, Protocol):
    """The repository as the commands of this step need it: the change, its trees and its rules."""


class JoiningRepository(EvidenceRepository, Protocol):
    """A repository that can go on from a merge that exists nowhere else."""

    def join(self, tree: TreeId, parents: Sequence[CommitId]) -> CommitId:
        """Return a commit of that tree beside the repository; the same tree and parents always give the same commit."""
        ...
