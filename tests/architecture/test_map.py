"""ARCHITECTURE.md against the folders that are there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/release_harness"


def _tracked_folders() -> set[str]:
    """Return the folders that the map must name: the top of the project, and two levels of the package."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout.decode()
    folders = set()
    for name in listed.split("\0"):
        parts = Path(name).parts[:-1]
        if parts and parts[0] != "src":
            folders.add(parts[0] + "/")
        if parts[:2] == ("src", "release_harness"):
            folders |= {"/".join(parts[2:depth]) + "/" for depth in (3, 4) if len(parts) >= depth}
    return folders


def test_every_folder_is_named_on_the_map() -> None:
    """A folder that the map does not name is one that a newcomer has to guess."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert sorted(folder for folder in _tracked_folders() if f"`{folder}`" not in text) == []


def test_every_folder_on_the_map_is_there() -> None:
    """A map of what is not there leads astray."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = set(re.findall(r"^\|\s*`([\w./-]+/)`\s*\|", text, re.MULTILINE))
    assert named
    assert sorted(each for each in named if not (PACKAGE / each).is_dir() and not (ROOT / each).is_dir()) == []


def test_the_map_fits_on_one_reading() -> None:
    """A map that nobody finishes is no map."""
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 150


def test_the_map_names_the_steps_in_the_order_of_the_imports() -> None:
    """The order of the pipeline is the order of the imports, on paper as in the contracts."""
    contracts = (ROOT / "pyproject.toml").read_text()
    layers = re.search(r'containers = \["release_harness\.steps"\]\nlayers = \[(.*)\]', contracts)
    if layers is None:
        pytest.fail("contract 2 is gone from pyproject.toml")
    wanted = [name.strip(' "') for name in reversed(layers[1].split(","))]
    rows = re.findall(r"^\|\s*`steps/(\w+)/`\s*\|", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    assert rows == wanted


def test_invariants_are_numbered_without_a_gap() -> None:
    """Commits and reviews cite invariants by number; a gap means that one was lost."""
    numbers = [int(each) for each in re.findall(r"^(\d+)\. \*\*", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)]
    assert numbers
    assert numbers == list(range(1, len(numbers) + 1))
