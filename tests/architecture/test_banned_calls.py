"""Clock, random numbers and processes stay in adapters: ruff's list of banned calls is in force."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUFF = Path(sys.executable).parent / "ruff"

BANNED = {
    "from datetime import datetime\n\nSTARTED_AT = datetime.now(None)\n": "datetime.datetime.now",
    "import datetime as dt\n\nSTARTED_AT = dt.datetime.utcnow()\n": "datetime.datetime.utcnow",
    "import datetime\n\nSTARTED_ON = datetime.date.today()\n": "datetime.date.today",
    "import time\n\nSTARTED_SECONDS = time.time()\n": "time.time",
    "from time import monotonic\n\nSTARTED_SECONDS = monotonic()\n": "time.monotonic",
    "import random\n\nPICKED = random.random()\n": "random",
    "import subprocess\n\nDONE = subprocess.run(['true'], check=True)\n": "subprocess",
    "import os\n\nCODE = os.system('true')\n": "os.system",
}


def _banned_calls(folder: Path, place: str, source: str) -> str:
    shutil.copy(ROOT / "pyproject.toml", folder)
    target = folder / "src/release_harness" / place
    target.parent.mkdir(parents=True)
    target.write_text('"""Planted."""\n\n' + source)
    finished = subprocess.run(
        [RUFF, "check", "--no-cache", "--select", "TID251", "--output-format", "concise", "."],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return finished.stdout


@pytest.mark.parametrize("source", sorted(BANNED))
def test_a_banned_call_in_a_rule_is_caught(source: str, tmp_path: Path) -> None:
    """A rule that looks at the clock cannot be replayed, and a replay is what an auditor asks for."""
    said = _banned_calls(tmp_path, "steps/risk/rules.py", source)
    assert f"`{BANNED[source]}` is banned" in said


@pytest.mark.parametrize("source", sorted(BANNED))
def test_an_adapter_may_talk_to_the_world(source: str, tmp_path: Path) -> None:
    """Somebody has to ask the real clock; the list must not drive adapters into noqa comments."""
    assert "TID251" not in _banned_calls(tmp_path, "adapters/planted.py", source)
