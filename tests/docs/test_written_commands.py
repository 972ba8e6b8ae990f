"""What the README, the tutorial and the how-to pages show is run, and does what they say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs/tutorial").glob("*.md")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]


def _runner() -> ModuleType:
    """Load the runner from its file: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("console_blocks", Path(__file__).with_name("console_blocks.py"))
    if spec is None or spec.loader is None:
        pytest.fail("console_blocks.py is gone")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RUNNER = _runner()


def _page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text)
    return page


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```console" in page.read_text()], ids=lambda page: page.stem
)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    """A newcomer's first command must not fail (slow: runs real commands in a real repository)."""
    faults = RUNNER.run_page(page, tmp_path)
    assert faults == [], "\n\n".join(faults)


def test_the_readme_shows_a_tour() -> None:
    """A page without a block would pass by having nothing to run."""
    assert len(RUNNER.steps_of(ROOT / "README.md")) >= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("$ true\n", ""),
        ("$ false\n", "exit 1, the page says 0"),
        ("$ false  # exit 1\n", ""),
        ("$ echo one two\none …\n", ""),
        ("$ echo one\ntwo\n", "the page shows"),
        ("$ printf 'a\\nb\\nc\\n'\na\n…\nc\n", ""),
        ("$ printf 'a\\nb\\nc\\n'\na\nc\n", "the page shows"),
        ("$ cd / && export WORD=kept\n$ echo $PWD $WORD\n/ kept\n", ""),
    ],
)
def test_the_runner_tells_right_from_wrong(block: str, fault: str, tmp_path: Path) -> None:
    """A runner that accepts anything would keep every page true (slow: starts shells)."""
    faults = RUNNER.run_page(_page(tmp_path, f"```console\n{block}```\n"), tmp_path)
    assert bool(faults) == bool(fault)
    assert fault in "".join(faults)


@pytest.mark.slow
def test_hidden_commands_are_run_first(tmp_path: Path) -> None:
    """A page may need a repository to begin with, without boring its reader (slow: starts shells)."""
    text = "<!-- run\nmkdir shop\ncd shop\n-->\n```console\n$ basename $PWD\nshop\n```\n"
    assert RUNNER.run_page(_page(tmp_path, text), tmp_path) == []
