"""The ground of the story: a shop with a history, a bare origin, three people with keys, and the real `rh`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TIME_LIMIT_SECONDS = 300


class StoryBrokenError(Exception):
    """Something did not happen as the story tells it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who works on the shop."""

    id: str
    name: str

    @property
    def email(self) -> str:
        """The address in commits and in the policy."""
        return f"{self.id}@shop.example"


ANA = Person(id="ana", name="Ana")
BO = Person(id="bo", name="Bo")
CLARA = Person(id="clara", name="Clara")
PEOPLE = (ANA, BO, CLARA)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one run of rh said."""

    exit_code: int
    text: str

    def json(self) -> dict[str, Any]:
        """Read the answer of `--format json`."""
        try:
            answer: dict[str, Any] = json.loads(self.text)
        except ValueError as error:
            message = f"rh printed no JSON:\n{self.text}"
            raise StoryBrokenError(message) from error
        return answer


class World:
    """A temporary folder with everything in it; nothing outside is read or written."""

    def __init__(self, folder: Path) -> None:
        """`folder` is empty and stays behind, so that a reader can look into it."""
        self.folder = folder
        self.shop = folder / "shop"
        self.origin = folder / "origin.git"
        self.keys = folder / "keys"

    def build(self) -> None:
        """Make keys, history, origin and clone."""
        self.keys.mkdir()
        (self.folder / "home").mkdir()
        for person in PEOPLE:
            self._run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person.email, "-f", str(self.key(person))])
        self._run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin)])
        self._run(["git", "init", "--quiet", "--initial-branch=main", str(self.shop)])
        self.git("remote", "add", "origin", str(self.origin))
        self._write_history()
        self.git("push", "--quiet", "--set-upstream", "origin", "main")
        self.git("remote", "set-head", "origin", "main")

    def key(self, person: Person) -> Path:
        """Return the private key of somebody."""
        return self.keys / person.id

    def git(self, *arguments: str, who: Person = ANA) -> str:
        """Run git in the shop as somebody."""
        return self._run(["git", "-C", str(self.shop), *arguments], who=who).strip()

    def change(self, branch: str, files: Mapping[str, str], message: str, *, who: Person = ANA) -> None:
        """Commit files on a branch from main (made when it is not there) and return to main."""
        there = self.git("branch", "--list", branch)
        self.git("checkout", "--quiet", *([branch] if there else ["-b", branch, "main"]))
        for name, text in files.items():
            target = self.shop / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        self._commit(message, who)
        self.git("checkout", "--quiet", "main")

    def edited(self, name: str, *swaps: tuple[str, str]) -> str:
        """Return a file of the shop's main branch with pieces exchanged; each must be there exactly once."""
        text = self.git("show", f"main:{name}") + "\n"
        for old, new in swaps:
            if text.count(old) != 1:
                message = f"{name} holds {old!r} {text.count(old)} times"
                raise StoryBrokenError(message)
            text = text.replace(old, new)
        return text

    def rh(self, *arguments: str, who: Person = ANA) -> Said:
        """Run the real command as somebody; an error is taken from standard error, progress is not told."""
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "rh"), *arguments],
            cwd=self.shop,
            env={**self._environment(who), "RH_ACTOR": f"{who.name} <{who.email}>"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
        return Said(exit_code=finished.returncode, text=(finished.stdout or finished.stderr).decode("utf-8", "replace"))

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Python in the shop's folder."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.shop,
            env=self._environment(ANA),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _write_history(self) -> None:
        shutil.copytree(HERE / "shop", self.shop, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (self.shop / "gitignore").rename(self.shop / ".gitignore")
        first = ["README.md", "pyproject.toml", ".gitignore", "migrations", "shop/__init__.py", "shop/store.py"]
        self._commit("Keep orders in a database", ANA, first)
        self._commit("Let customers log in", BO, ["shop/auth.py", "tests/conftest.py", "tests/test_shop_auth.py"])
        self._commit("Sell apples, bread and cheese", ANA, ["shop", "tests"])
        self._commit("Explain the shop to customers", CLARA, ["docs"])
        self._write_rules()
        self._commit("Say what may pass", BO, [".rh"])

    def _write_rules(self) -> None:
        rules = self.shop / ".rh"
        rules.mkdir()
        policy = (HERE / "policy.yaml").read_text(encoding="utf-8")
        for person in PEOPLE:
            public = self.key(person).with_suffix(".pub").read_text().split()
            policy = policy.replace(f"KEY-OF-{person.id.upper()}", " ".join(public[:2]))
        (rules / "policy.yaml").write_text(policy, encoding="utf-8")
        shutil.copy(HERE / "project.yaml", rules / "project.yaml")

    def _commit(self, message: str, who: Person, names: list[str] | None = None) -> None:
        self.git("add", "--all", *(["--", *names] if names else []))
        self.git("commit", "--quiet", "-m", message, who=who)

    def _run(self, command: list[str], *, who: Person = ANA) -> str:
        finished = subprocess.run(
            command, env=self._environment(who), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if finished.returncode:
            message = f"{' '.join(command)}: {finished.stderr.strip()}"
            raise StoryBrokenError(message)
        return finished.stdout

    def _environment(self, who: Person) -> dict[str, str]:
        """Return an environment with nothing of this machine but where its programs are."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": who.name,
            "GIT_AUTHOR_EMAIL": who.email,
            "GIT_COMMITTER_NAME": who.name,
            "GIT_COMMITTER_EMAIL": who.email,
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_COLOR": "1",
            "COLUMNS": "100",
        }
