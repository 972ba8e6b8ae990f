"""What a command may load before it does its work; judged by modules, since a busy machine makes times lie."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = frozenset(
    {
        "sqlalchemy",
        "alembic",
        "pydantic",
        "cryptography",
        "securesystemslib",
        "asyncio",
        "detect_secrets",
        "rich",
        "yaml",
        "requests",
        "coverage",
        "multiprocessing",
        "numpy",
        "tree_sitter",
        "http.client",
        "urllib.request",
    }
)


def _loaded_by(folder: Path, *arguments: str) -> set[str]:
    """Run rh in a process of its own and return the names of all modules that it loaded."""
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\n'.join(sorted(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = ['rh', *{list(arguments)!r}]\n"
        "from release_harness.__main__ import main\n"
        "main()\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout
    return set(finished.stderr.splitlines())


@pytest.mark.slow
def test_the_version_is_said_before_the_command_line_is_loaded(tmp_path: Path) -> None:
    """Scripts ask for the version all the time; it must cost little more than Python (slow: starts a process)."""
    loaded = _loaded_by(tmp_path, "--version")
    assert "release_harness" in loaded
    assert loaded & (HEAVY | {"click", "release_harness.app", "release_harness.kernel"}) == set()


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help"), ("policy", "--help"), ("land", "--help")])
def test_help_loads_no_database_no_validation_and_no_network(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Help that takes half a second is not asked for (slow: starts a process)."""
    loaded = _loaded_by(tmp_path, *arguments)
    assert "click" in loaded
    assert loaded & HEAVY == set()
