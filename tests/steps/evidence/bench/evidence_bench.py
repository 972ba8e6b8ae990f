"""A bench for whole ways through the step of evidence: a real repository, real commands, keys and a ledger."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release_harness.app import Application
from release_harness.kernel.facts import Fact
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.flow import findings_for
from release_harness.steps.evidence.model import EvidenceFindings, EvidenceRecord
from release_harness.steps.evidence.operations import OPERATIONS
from release_harness.steps.evidence.operations.requests import RunInput, RunOutput
from release_harness.steps.project.flow import rules_for
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress

HANDLERS = {each.name: each for each in OPERATIONS}
PASSING = '<testsuite><testcase classname="t" name="a"/><testcase classname="t" name="b"/></testsuite>'
FAILING = '<testsuite><testcase classname="t" name="a"/><testcase classname="t" name="b"><failure message="no"/></testcase></testsuite>'


@dataclass
class Bench:
    """A repository with a project file on `main`, and a branch `topic` with one changed file."""

    repository: GitRepository
    config: Path

    @classmethod
    def create(cls, folder: Path, script: str, files: Mapping[str, str] | None = None, **test: object) -> "Bench":
        """`script` is the shell text of the test command; `test` are further keys of the project file."""
        repository = GitRepository.create(folder / "repository")
        commands = test.pop("commands", [["sh", "./run-tests.sh"]])
        project = {"version": 1, "test": {"commands": commands, **test}}
        repository.commit(
            {".rh/project.yaml": json.dumps(project), "run-tests.sh": script, "app.py": "x = 1\n", **(files or {})}
        )
        repository.branch("topic")
        repository.commit({"app.py": "x = 1\ny = 2\n"}, "Change")
        (folder / "tmp").mkdir()
        return cls(repository, folder / "config")

    def environment(self) -> dict[str, str]:
        """The environment of a command, with its own keys and temporary files."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "RH_", "PYTEST_", "COV_"))
        }
        bin_folder = str(Path(sys.executable).parent)
        return {
            **kept,
            "PATH": f"{bin_folder}:{kept['PATH']}",
            "RH_CONFIG_DIR": str(self.config),
            "TMPDIR": str(self.config.parent / "tmp"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def app(self) -> Application:
        """A fresh application, as a new command would have."""
        return Application(self.repository.path, self.environment(), RecordedProgress())

    def run(self, **values: object) -> RunOutput:
        """`rh evidence run`."""
        output: RunOutput = HANDLERS["evidence run"].handler(self.app(), RunInput(**values))  # type: ignore[arg-type]
        return output

    def call(self, name: str, request: object) -> object:
        """Any other command of the step."""
        return HANDLERS[name].handler(self.app(), request)

    def findings(self) -> EvidenceFindings:
        """What is known about the branch now."""
        app = self.app()
        change = gather(app, ChangeSpec())
        rules = rules_for(app, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
        return findings_for(app, change, rules, app.clock.now())

    def fact(self, name: str) -> Fact:
        """One fact about the branch now."""
        return self.findings().facts[name]

    def report(self, name: str, content: str) -> str:
        """Write a report file beside the repository."""
        path = self.config.parent / name
        path.write_text(content)
        return str(path)

    def left_checkouts(self) -> list[Path]:
        """Checkouts that were not removed."""
        return list((self.config.parent / "tmp").rglob("tree-*"))

    def database(self) -> Path:
        """The ledger file."""
        return self.repository.path / ".git" / "rh" / "ledger.db"


def writes(report: str, then: str = "exit 0") -> str:
    """Return a script that leaves a JUnit report; the reports folder is in the options of pytest."""
    return f"out=${{PYTEST_ADDOPTS##*--junitxml=}}\ncat > \"$out\" <<'END'\n{report}\nEND\n{then}\n"


def known(record: EvidenceRecord) -> dict[str, object]:
    """Return the facts of a record without the prefix of their names."""
    return {name.partition(".")[2]: value for name, value in record.facts.items()}
