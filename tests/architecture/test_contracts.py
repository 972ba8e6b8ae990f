"""The import contracts hold, and each of them really catches the break that it is there for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"

BREAKS = {
    "1": ({"adapters/planted.py": "from release_harness.surfaces import error_map\n"}, "Outer may import inner"),
    "2": ({"steps/intake/model.py": "from release_harness.steps.changes import model\n"}, "The order of the pipeline"),
    "3": ({"steps/intake/notes.py": "SIZE_COUNT = 1\n"}, "A step has model, ports, rules"),
    "4": ({"kernel/planted.py": "import time\n"}, "Pass the value in"),
    "5": (
        {"adapters/planted.py": "from release_harness.steps.intake import rules\n"},
        "An adapter implements a Protocol",
    ),
    "6": ({"surfaces/planted.py": "from release_harness.policy import model\n"}, "No surface decides anything"),
    "7": (
        {
            "kernel/planted.py": "from release_harness.kernel import planted_too\n",
            "kernel/planted_too.py": "from release_harness.kernel import planted\n",
        },
        "Two modules that import each other",
    ),
}
"""Number of a contract -> what is planted (appended to a file below the package) and how its guidance begins."""


def _copy(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(
        ROOT / "src/release_harness", folder / "src/release_harness", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def _lint(folder: Path) -> tuple[set[str], str]:
    """Return the numbers of the broken contracts and the whole output."""
    finished = subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = re.findall(r"^(\d) .*(KEPT|BROKEN)", finished.stdout, re.MULTILINE)
    assert len(dict(said)) == len(BREAKS), finished.stdout
    return {number for number, state in said if state == "BROKEN"}, finished.stdout


@pytest.mark.slow
def test_every_contract_is_kept(tmp_path: Path) -> None:
    """The architecture page is only true while this holds (slow: reads the imports of the whole package)."""
    broken, output = _lint(_copy(tmp_path))
    assert broken == set(), output


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(BREAKS))
def test_a_planted_break_breaks_exactly_its_contract(number: str, tmp_path: Path) -> None:
    """A contract that nothing can break guards nothing (slow: reads the imports of the whole package)."""
    planted, guidance = BREAKS[number]
    package = _copy(tmp_path) / "src/release_harness"
    for name, text in planted.items():
        with (package / name).open("a") as file:
            file.write(text)
    broken, output = _lint(tmp_path)
    assert broken == {number}, output
    assert guidance in output.replace("\n", " ")
