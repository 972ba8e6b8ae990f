"""A real repository with a policy, people with real keys, and the real application around them."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from release_harness.adapters.content_store import FolderContentStore
from release_harness.adapters.dsse import DsseVerifier
from release_harness.app import Application
from release_harness.steps.changes.model import ChangeSpec, FileLines
from release_harness.steps.evidence.model import Finding
from release_harness.steps.review.flow.answer import answer_change
from release_harness.steps.review.flow.break_glass import break_glass
from release_harness.steps.review.flow.examine import examine
from release_harness.steps.review.model import Answer, AnswerOrder, Examination, GlassBroken, ReviewGiven
from release_harness.steps.review.rules.breaking import BreakOrder
from release_harness.testing.clock import FixedClock
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.progress import RecordedProgress

POLICY = """
version: 1
tiers: [low, medium, high]
default_tier: medium
surfaces:
  strict: { paths: ["strict/**"], tier: high, lenses: [security] }
  frozen: { paths: ["frozen/**"], tier: medium }
require:
  low: { evidence: [secrets_scan] }
  medium: { inherit: low, approvals: [{ humans: 1 }] }
  high: { inherit: medium, approvals: [{ humans: 1, proof: key }] }
approvals: { retain_on: { low: same_change, medium: same_change, high: same_result } }
break_glass: { who: [oncall], ttl: 4h, review_within: 24h, never: [frozen] }
people:
  ana: { emails: [ana@example.org], keys: ["%(ana)s"] }
  bo: { emails: [bo@example.org], logins: [bo-at-work], keys: ["%(bo)s"], roles: [oncall] }
  clara: { emails: [clara@example.org], keys: ["%(clara)s"] }
"""


@dataclass(frozen=True)
class Keys:
    """Key files and public lines of the people."""

    folder: Path
    lines: Mapping[str, str]

    @classmethod
    def make(cls, folder: Path, names: Sequence[str] = ("ana", "bo", "clara", "mallory")) -> "Keys":
        """Make one ed25519 key for each name."""
        lines = {}
        for name in names:
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)],
                check=True,
                stdin=subprocess.DEVNULL,
            )
            lines[name] = (folder / f"{name}.pub").read_text().strip()
        return cls(folder, lines)

    def file(self, name: str) -> str:
        """Return the private key file of somebody."""
        return str(self.folder / name)


class CleanScanner:
    """Fake of the SecretScanner port that finds nothing."""

    def scan(self, lines: Sequence[FileLines]) -> tuple[Finding, ...]:
        """Find nothing."""
        del lines
        return ()


@dataclass
class Bench:
    """Everything that a test of review needs, with one way to do each thing."""

    repository: GitRepository
    keys: Keys
    home: Path
    clock: FixedClock = field(default_factory=FixedClock)

    @classmethod
    def create(cls, folder: Path, keys: Keys, policy: str = POLICY) -> "Bench":
        """Make a repository with a policy on main and a branch `topic` with one small change by Ana."""
        repository = GitRepository.create(folder / "repository")
        files = {
            ".rh/policy.yaml": policy % keys.lines,
            "src/app.py": "one = 1\ntwo = 2\nthree = 3\n" + "\n" * 20 + "last = 9\n",
            "src/other.py": "x = 1\n",
        }
        repository.commit(files, "Start")
        repository.branch("topic")
        repository.commit({"src/app.py": "one = 1\ntwo = 22\nthree = 3\n" + "\n" * 20 + "last = 9\n"}, "Say two better")
        repository.commit({"src/new.py": "def new():\n    return 1\n"}, "Add something new")
        return cls(repository, keys, folder / "home")

    def app(self, who: str = "bo@example.org", **environment: str) -> Application:
        """Open the application as somebody; nothing of the machine's own environment gets in."""
        variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "RH_CONFIG_DIR": str(self.home / "rh"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "RH_ACTOR": who,
            **environment,
        }
        application = Application(self.repository.path, variables, RecordedProgress())
        vars(application).update(
            clock=self.clock,
            secret_scanner=CleanScanner(),
            verifier=DsseVerifier(application.keys),
            content=FolderContentStore(self.home / "objects"),
        )
        return application

    def answer(
        self,
        who: str = "bo@example.org",
        *,
        revision: str = "topic",
        base: str = "",
        answer: Answer = Answer.APPROVE,
        key: str = "",
        lenses: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> ReviewGiven:
        """Approve or reject as somebody; a second passes, since nobody answers twice in one moment."""
        order = AnswerOrder(answer=answer, lenses=lenses, key=self.keys.file(key) if key else "")
        given = answer_change(self.app(who, **(environment or {})), ChangeSpec(revision=revision, base=base), order)
        self.clock.move(timedelta(seconds=1))
        return given

    def examine(self, revision: str = "topic", *, base: str = "") -> Examination:
        """Examine a change as nobody in particular."""
        return examine(self.app(), ChangeSpec(revision=revision, base=base))

    def break_glass(
        self,
        who: str = "bo@example.org",
        *,
        revision: str = "topic",
        rules: tuple[str, ...] = ("approvals:1",),
        key: str = "bo",
        incident: str = "INC-7",
        reason: str = "checkout is down",
        ttl: timedelta | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> GlassBroken:
        """Break the glass as somebody."""
        order = BreakOrder(rules=rules, incident=incident, reason=reason, ttl=ttl)
        key_file = self.keys.file(key) if key else ""
        broken = break_glass(self.app(who, **(environment or {})), ChangeSpec(revision=revision), order, key=key_file)
        self.clock.move(timedelta(seconds=1))
        return broken
