"""The pinned requirements: complete, with digests, without addresses, under licences that users can live with."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = ("runtime.txt", "dev.txt")


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def _normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]).lower()


def test_everything_the_program_asks_for_is_pinned() -> None:
    """A dependency that nobody pinned would be whatever the registry serves that day."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    missing = {_normal(each) for each in project["dependencies"]} - set(_pins("runtime.txt"))
    assert missing == set()


def test_everything_development_asks_for_is_pinned() -> None:
    """A check that runs with another version tomorrow judges differently tomorrow."""
    lines = (ROOT / "requirements" / "dev.in").read_text().splitlines()
    wanted = {_normal(line) for line in lines if line and not line.startswith(("#", "-"))}
    assert wanted - set(_pins("dev.txt")) == set()


@pytest.mark.parametrize("name", PINNED)
def test_every_pin_carries_a_digest(name: str) -> None:
    """Without a digest the registry, and whoever sits between, decides what is installed."""
    text = (ROOT / "requirements" / name).read_text()
    blocks = re.split(r"(?m)^(?=[a-z0-9-]+==)", text)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert len(blocks) == len(_pins(name))


@pytest.mark.parametrize("name", PINNED)
def test_no_line_says_where_to_download_from(name: str) -> None:
    """Addresses are a matter of each machine's own configuration."""
    text = (ROOT / "requirements" / name).read_text()
    assert re.findall(r"https?://\S+|file:\S+|--(?:extra-)?index-url|--find-links", text) == []


def test_one_version_is_pinned_for_the_program_and_for_development() -> None:
    """What is tested must be what users get."""
    runtime, dev = _pins("runtime.txt"), _pins("dev.txt")
    assert {
        name: (runtime[name], dev[name]) for name in runtime.keys() & dev.keys() if runtime[name] != dev[name]
    } == {}


def test_nothing_the_program_needs_is_under_the_gpl() -> None:
    """Teams must be able to ship rh with their own code."""
    refused = []
    for name in _pins("runtime.txt"):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue  # pinned for another platform
        fields = ("License-Expression", "License", "Classifier")
        said = " ".join(str(each) for field in fields for each in about.get_all(field, []))
        if re.search(r"\bA?GPL|GNU (Affero )?General Public", said) and "LGPL" not in said:
            refused.append(name)
    assert refused == []
