"""The checks in tools/ really find what they are there for."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _project(folder: Path, files: dict[str, str]) -> Path:
    """Make a small project with the real checks in it."""
    shutil.copytree(
        ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("demo", "sizes.json", "__pycache__")
    )
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def _run(folder: Path, check: str, *arguments: str) -> tuple[int, str]:
    finished = subprocess.run(
        [sys.executable, "-B", f"tools/{check}.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished.returncode, finished.stdout


def _function(lines_count: int) -> str:
    return '"""Planted."""\n\n\ndef count() -> None:\n    """Count."""\n' + "    print()\n" * (lines_count - 2)


@pytest.mark.slow
def test_a_function_over_eighty_lines_is_refused(tmp_path: Path) -> None:
    """Nobody keeps eighty lines in mind (slow: starts processes)."""
    assert _run(_project(tmp_path / "good", {"src/planted.py": _function(80)}), "check_sizes")[0] == 0
    code, said = _run(_project(tmp_path / "bad", {"src/planted.py": _function(81)}), "check_sizes")
    assert code == 1
    assert "81 lines  src/planted.py:4 count" in said


@pytest.mark.slow
def test_a_file_over_six_hundred_lines_is_refused(tmp_path: Path) -> None:
    """A file that long answers two questions (slow: starts processes)."""
    code, said = _run(_project(tmp_path, {"src/planted.py": '"""Planted."""\n' + "A = 1\n" * 600}), "check_sizes")
    assert code == 1
    assert "601 lines  src/planted.py" in said


@pytest.mark.slow
def test_the_ratchet_falls_and_never_rises(tmp_path: Path) -> None:
    """What was reached once is kept, or sizes creep up a line at a time (slow: starts processes)."""
    folder = _project(tmp_path, {"src/planted.py": _function(75)})
    best = folder / "tools/sizes.json"
    assert _run(folder, "check_sizes", "--write")[0] == 0
    assert json.loads(best.read_text())["functions_largest_lines"] == 75
    (folder / "src/planted.py").write_text(_function(70))
    assert _run(folder, "check_sizes", "--write")[0] == 0
    assert json.loads(best.read_text())["functions_largest_lines"] == 70
    (folder / "src/planted.py").write_text(_function(75))
    code, said = _run(folder, "check_sizes", "--write")
    assert (code, "TOO LARGE" in said) == (1, True)
    assert json.loads(best.read_text())["functions_largest_lines"] == 70


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Planted."""\n\n\ndef count() -> None:\n    """Count the things."""\n', ""),
        ('"""Planted."""\n\n\ndef count() -> None:\n    pass\n', "count: no docstring"),
        ('"""Planted."""\n\n\ndef count() -> None:\n    """counting"""\n', "is no sentence"),
        ('"""Planted."""\n\n\ndef _count() -> None:\n    pass\n', ""),
        ('"""Planted."""\n\n\nclass Box:\n    """A box."""\n\n    def open(self) -> None:\n        pass\n', "Box.open"),
        ("A = 1\n", "module: no docstring"),
    ],
)
def test_a_public_thing_without_a_sentence_is_found(source: str, found: str, tmp_path: Path) -> None:
    """A reader meets the name first and wants one sentence (slow: starts a process)."""
    code, said = _run(_project(tmp_path, {"src/planted.py": source}), "check_docstrings")
    assert code == (1 if found else 0)
    assert found in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("src/prices.py", '"""Planted."""\n', ""),
        ("src/price_utils.py", '"""Planted."""\n', "'price_utils' says nothing"),
        ("src/common/prices.py", '"""Planted."""\n', "'common' says nothing"),
        (
            "src/prices.py",
            '"""Planted."""\n\n\nclass PriceManager:\n    """A class."""\n',
            "'PriceManager' says nothing",
        ),
        ("docs/page.md", "Look into /ho" + "me/somebody/notes.\n", "exists on one machine only"),
        ("requirements/runtime.txt", "--extra-index-" + "url x\n", "says where to download from"),
        ("docs/page.md", "Download it from registry." + "npm" + "js.org today.\n", "names a package registry"),
    ],
)
def test_empty_names_addresses_and_private_paths_are_found(name: str, text: str, found: str, tmp_path: Path) -> None:
    """Each of them works for its author and for nobody else (slow: starts a process)."""
    code, said = _run(_project(tmp_path, {name: text}), "check_words")
    assert (code, found in said) == (1 if found else 0, True), said
