"""The composition root: the only place that picks adapters and knows every step."""

import importlib
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from release_harness.adapters.system_clock import SystemClock
from release_harness.kernel.operations import AnyOperation
from release_harness.kernel.progress import Progress

OPERATION_MODULES: Mapping[str, str] = {
    "init": "release_harness.steps.project.operations",
    "policy": "release_harness.steps.project.operations",
    "brief": "release_harness.steps.intake.operations",
    "change": "release_harness.steps.changes.operations",
    "evidence": "release_harness.steps.evidence.operations",
    "check": "release_harness.steps.review.operations",
    "why": "release_harness.steps.review.operations",
    "card": "release_harness.steps.review.operations",
    "approve": "release_harness.steps.review.operations",
    "reject": "release_harness.steps.review.operations",
    "review": "release_harness.steps.review.operations",
    "break-glass": "release_harness.steps.review.operations",
    "land": "release_harness.steps.merge.operations",
    "ledger": "release_harness.ledger.operations",
    "retro": "release_harness.steps.report.operations",
}
"""First word of a command and the module whose `OPERATIONS` hold it; a module is imported when its word is used."""


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


def operations_of(module: str) -> Sequence[AnyOperation]:
    """Import one operations module and return its list."""
    listed: Sequence[AnyOperation] = importlib.import_module(module).OPERATIONS
    return listed


def main(arguments: Sequence[str]) -> None:
    """Run the command line."""
    from release_harness.surfaces.cli.main import run

    run(arguments, OPERATION_MODULES, operations_of, Application, Path.cwd(), os.environ)
