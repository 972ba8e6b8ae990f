"""The composition root: the only place that picks adapters and knows every step."""

import importlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from release_harness.adapters.system_clock import SystemClock
from release_harness.kernel.identity import Actor
from release_harness.kernel.operations import AnyOperation
from release_harness.kernel.progress import Progress

if TYPE_CHECKING:
    from release_harness.adapters.boundaries import NoBoundaries
    from release_harness.adapters.brief_files import BriefFiles
    from release_harness.adapters.commands import CommandRunner
    from release_harness.adapters.content_store import FolderContentStore
    from release_harness.adapters.dsse import DsseSigner, DsseVerifier
    from release_harness.adapters.facts_cache import SqliteFactsCache
    from release_harness.adapters.git import GitProgram
    from release_harness.adapters.git_history import GitHistory
    from release_harness.adapters.git_landing import GitLanding
    from release_harness.adapters.git_review import GitReview
    from release_harness.adapters.git_walk import GitWalk
    from release_harness.adapters.git_words import GitWords
    from release_harness.adapters.git_worktree import GitCheckouts
    from release_harness.adapters.keys import KeyFolder
    from release_harness.adapters.landing_lock import LockFiles, SystemPatience
    from release_harness.adapters.ledger_files import LedgerOpener, LocalDocuments, WitnessFile
    from release_harness.adapters.policy_file import PolicyFileReader
    from release_harness.adapters.queue_workers import QueueWorkers, WorkOrders
    from release_harness.adapters.reports.reader import ReportFiles
    from release_harness.adapters.runtime_entries import RuntimeRegistry
    from release_harness.adapters.secrets import SecretDetectors
    from release_harness.adapters.ssh_keygen import SshKeygen
    from release_harness.adapters.walk_cache import WalkCacheFolder
    from release_harness.adapters.work_folder import WorkFolder
    from release_harness.adapters.worker_processes import WorkerProcesses
    from release_harness.ledger.ports import SignatureCheck
    from release_harness.ledger.writing import Folds

_STEPS = "release_harness.steps"
_STEPS_IN_ORDER = ("project", "intake", "changes", "evidence", "risk", "review", "merge", "report")

OPERATION_MODULES: Mapping[str, tuple[str, ...]] = {
    "init": (f"{_STEPS}.project.operations",),
    "policy": (f"{_STEPS}.project.operations", f"{_STEPS}.risk.operations", f"{_STEPS}.review.operations"),
    "brief": (f"{_STEPS}.intake.operations",),
    "change": (f"{_STEPS}.changes.operations",),
    "evidence": (f"{_STEPS}.evidence.operations",),
    "backtest": (f"{_STEPS}.risk.operations",),
    "impact": (f"{_STEPS}.evidence.operations.impact",),
    "entries": (f"{_STEPS}.evidence.operations.impact",),
    "eval": (f"{_STEPS}.evidence.operations.evaluation",),
    "coherence": (f"{_STEPS}.evidence.operations.together",),
    "check": (f"{_STEPS}.review.operations",),
    "why": (f"{_STEPS}.review.operations",),
    "card": (f"{_STEPS}.review.operations",),
    "approve": (f"{_STEPS}.review.operations",),
    "reject": (f"{_STEPS}.review.operations",),
    "review": (f"{_STEPS}.review.operations",),
    "break-glass": (f"{_STEPS}.review.operations",),
    "land": (f"{_STEPS}.merge.operations",),
    "queue": (
        f"{_STEPS}.merge.operations.queue",
        f"{_STEPS}.merge.operations.work",
        f"{_STEPS}.merge.operations.simulate",
    ),
    "selftest": (f"{_STEPS}.merge.operations.selftest",),
    "ledger": ("release_harness.ledger.operations",),
    "retro": (f"{_STEPS}.report.operations",),
}
"""First word of a command and the modules whose `OPERATIONS` hold it; a module is imported when its word is used."""


class Application:
    """Every adapter, made when it is first asked for; it satisfies the Needs of every operation."""

    def __init__(self, folder: Path, environment: Mapping[str, str], progress: Progress) -> None:
        """`folder` is where the command was started; nothing is read before an operation asks."""
        self.folder = folder
        self.environment = environment
        self.progress = progress

    @cached_property
    def clock(self) -> SystemClock:
        """The clock of this machine."""
        return SystemClock()

    @cached_property
    def repository(self) -> "GitProgram":
        """The git repository around the folder."""
        from release_harness.adapters.git import GitProgram

        return GitProgram(self.folder, self.environment)

    @cached_property
    def history(self) -> "GitHistory":
        """The history of the repository."""
        from release_harness.adapters.git_history import GitHistory

        return GitHistory(self.repository)

    @cached_property
    def walk(self) -> "GitWalk":
        """Walks the whole history of the repository."""
        from release_harness.adapters.git_walk import GitWalk

        return GitWalk(self.repository, self.history)

    @cached_property
    def walk_cache(self) -> "WalkCacheFolder":
        """What was walked before, beside the ledger."""
        from release_harness.adapters.walk_cache import WalkCacheFolder

        return WalkCacheFolder(lambda: self.repository.common_folder() / "rh" / "cache" / "risk")

    @cached_property
    def facts_cache(self) -> "SqliteFactsCache":
        """What was read from source files before, beside the ledger."""
        from release_harness.adapters.facts_cache import SqliteFactsCache

        return SqliteFactsCache(lambda: self.repository.common_folder() / "rh" / "cache", self.clock)

    @cached_property
    def workers(self) -> "WorkerProcesses":
        """Processes for work that can be spread."""
        from release_harness.adapters.worker_processes import WorkerProcesses, process_limit

        return WorkerProcesses(process_limit(self.environment))

    @cached_property
    def runtime_registry(self) -> "RuntimeRegistry":
        """Asks the frameworks of the project in its own interpreter."""
        from release_harness.adapters.runtime_entries import RuntimeRegistry

        return RuntimeRegistry()

    @cached_property
    def briefs(self) -> "BriefFiles":
        """The briefs of the work tree."""
        from release_harness.adapters.brief_files import BriefFiles

        return BriefFiles(self.folder)

    @cached_property
    def ledger(self) -> "LedgerOpener":
        """The ledger of this repository, opened when it is needed."""
        from release_harness.adapters.ledger_files import LedgerOpener, ledger_address

        return LedgerOpener(
            folder=lambda: self.repository.common_folder() / "rh",
            address=ledger_address(self.environment),
            clock=self.clock,
            signer=self.keys,
            witness=self.witness,
            folds=folds_of_steps,
        )

    @cached_property
    def witness(self) -> "WitnessFile":
        """The signed checkpoints beside the ledger."""
        from release_harness.adapters.ledger_files import WitnessFile

        return WitnessFile(lambda: self.repository.common_folder() / "rh")

    @cached_property
    def keys(self) -> "KeyFolder":
        """The signing key of this user."""
        from release_harness.adapters.keys import KeyFolder, key_folder

        return KeyFolder(key_folder(self.environment))

    @property
    def check_signature(self) -> "SignatureCheck":
        """How Ed25519 signatures are checked."""
        from release_harness.adapters.keys import check_signature

        return check_signature

    @cached_property
    def documents(self) -> "LocalDocuments":
        """Files that a person names on the command line."""
        from release_harness.adapters.ledger_files import LocalDocuments

        return LocalDocuments(self.folder)

    @cached_property
    def actor(self) -> Actor:
        """Who runs this command, as far as the environment tells."""
        from release_harness.adapters.identity import read_actor

        return read_actor(self.environment, self.folder)

    @cached_property
    def approval_signer(self) -> "SshKeygen":
        """Signs and checks what people say of changes."""
        from release_harness.adapters.ssh_keygen import SshKeygen

        return SshKeygen(self.folder, self.environment)

    @cached_property
    def nonces(self) -> "SshKeygen":
        """One-time values for what is signed."""
        return self.approval_signer

    @cached_property
    def review_repository(self) -> "GitReview":
        """What review reads from git beside the change."""
        from release_harness.adapters.git_review import GitReview

        return GitReview(self.repository)

    @cached_property
    def policy_reader(self) -> "PolicyFileReader":
        """Reads rule files; PyYAML is loaded when there is one to read."""
        from release_harness.adapters.policy_file import PolicyFileReader

        return PolicyFileReader()

    @cached_property
    def work_folder(self) -> "WorkFolder":
        """The files of the work tree."""
        from release_harness.adapters.work_folder import WorkFolder

        return WorkFolder(self.folder, self.environment)

    @cached_property
    def landing(self) -> "GitLanding":
        """The branches that changes land on."""
        from release_harness.adapters.git_landing import GitLanding
        from release_harness.steps.merge.rules import write_message

        repository = self.repository
        return GitLanding(
            self.folder,
            self.environment,
            merge=repository.merge,
            keep_objects=repository.keep_objects,
            write_message=write_message,
        )

    @cached_property
    def landing_locks(self) -> "LockFiles":
        """One landing at a time for each repository and branch."""
        from release_harness.adapters.landing_lock import LockFiles

        return LockFiles(self.repository.common_folder, self.progress)

    @property
    def queue_locks(self) -> "LockFiles":
        """One keeper of the queue at a time."""
        return self.landing_locks

    @cached_property
    def runners(self) -> "QueueWorkers":
        """Processes that run the gate for the queue."""
        from release_harness.adapters.queue_workers import QueueWorkers

        return QueueWorkers(lambda: self.folder, self.environment)

    @property
    def work_orders(self) -> "WorkOrders":
        """What a keeper of the queue tells this process to run."""
        from release_harness.adapters.queue_workers import WorkOrders

        return WorkOrders()

    @cached_property
    def patience(self) -> "SystemPatience":
        """Waits between attempts."""
        from release_harness.adapters.landing_lock import SystemPatience

        return SystemPatience()

    @cached_property
    def boundaries(self) -> "NoBoundaries":
        """Where tests cut a landing off; nothing happens there in production."""
        from release_harness.adapters.boundaries import NoBoundaries

        return NoBoundaries()

    @cached_property
    def content(self) -> "FolderContentStore":
        """Contents by digest, beside the ledger."""
        from release_harness.adapters.content_store import FolderContentStore

        return FolderContentStore(self.repository.common_folder() / "rh" / "objects")

    @cached_property
    def signer(self) -> "DsseSigner":
        """Signs statements with the key of this user."""
        from release_harness.adapters.dsse import DsseSigner

        return DsseSigner(self.keys)

    @cached_property
    def verifier(self) -> "DsseVerifier":
        """Opens statements that a trusted key signed."""
        from release_harness.adapters.dsse import DsseVerifier

        return DsseVerifier(self.keys)

    @cached_property
    def commands(self) -> "CommandRunner":
        """Runs test commands."""
        from release_harness.adapters.commands import CommandRunner

        return CommandRunner()

    @cached_property
    def work_trees(self) -> "GitCheckouts":
        """Makes clean checkouts of a tree."""
        from release_harness.adapters.git_worktree import GitCheckouts

        return GitCheckouts(
            self.repository.common_folder, self.environment, object_folders=self.repository.object_folders
        )

    @cached_property
    def reports(self) -> "ReportFiles":
        """Reads reports of test runners, coverage tools and scanners."""
        from release_harness.adapters.reports.reader import ReportFiles

        return ReportFiles(self.folder)

    @cached_property
    def tree_words(self) -> "GitWords":
        """Finds words in trees."""
        from release_harness.adapters.git_words import GitWords

        return GitWords(self.repository)

    @cached_property
    def secret_scanner(self) -> "SecretDetectors":
        """Looks for secrets in added lines."""
        from release_harness.adapters.secrets import SecretDetectors

        return SecretDetectors()


def folds_of_steps() -> "Folds":
    """Import the store of every step that has folds, and join them in the order of the steps."""
    from release_harness.ledger.writing import collect_folds

    names = (f"{_STEPS}.{step}.store" for step in _STEPS_IN_ORDER)
    stores = (importlib.import_module(name) for name in names if importlib.util.find_spec(name))
    return collect_folds(getattr(store, "FOLDS", {}) for store in stores)


def operations_of(module: str) -> Sequence[AnyOperation]:
    """Import one operations module and return its list."""
    listed: Sequence[AnyOperation] = importlib.import_module(module).OPERATIONS
    return listed


def all_operations() -> tuple[AnyOperation, ...]:
    """Return every operation once, in the order of the way to production."""
    modules = dict.fromkeys(module for listed in OPERATION_MODULES.values() for module in listed)
    return tuple(operation for module in modules for operation in operations_of(module))


def main(arguments: Sequence[str]) -> None:
    """Run the command line."""
    from release_harness.surfaces.cli.main import run

    run(arguments, OPERATION_MODULES, operations_of, Application, Path.cwd(), os.environ)
