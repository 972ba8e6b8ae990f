"""Runs the console blocks of a Markdown page in order, in one folder, and compares what they really say.

A block is fenced as `console`. A line that begins with `$ ` is a command; `# exit 3` at its end is its expected exit code
(0 unless said). The lines after it are its output: `…` on a line of its own stands for any number of lines, `…` within a
line for any text; without such lines the output does not matter. Commands in an HTML comment that begins with `run` are
executed without being shown.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = re.compile(r"^```console\n(?P<shown>.*?)^```$|^<!-- run\n(?P<hidden>.*?)^-->$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+# exit (\d+)$")
TIME_LIMIT_SECONDS = 120


@dataclass
class Step:
    """One command with what is expected of it."""

    command: str
    exit_code: int = 0
    output: list[str] = field(default_factory=list)
    line: int = 0


def steps_of(page: Path) -> list[Step]:
    """Return the commands of a page in order."""
    text = page.read_text()
    steps: list[Step] = []
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start()) + 2
        lines = (block["shown"] or block["hidden"]).splitlines()
        for number, line in enumerate(lines, start=first):
            if block["hidden"] is not None or line.startswith("$ "):
                bare = line.removeprefix("$ ")
                code = EXIT.search(bare)
                steps.append(Step(EXIT.sub("", bare), int(code[1]) if code else 0, [], number))
            else:
                steps[-1].output.append(line)
    return steps


def pattern_of(expected: list[str]) -> re.Pattern[str]:
    """Turn expected lines into a pattern for the whole output."""
    parts = [
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(re.escape(part) for part in line.split("…")) + r"[ ]*\n"
        for line in expected
    ]
    return re.compile("".join(parts))


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a new user: nothing of this machine but where its programs are."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "100",
        "GIT_CONFIG_NOSYSTEM": "1",
        "RH_DOCS_SOURCE": str(Path(__file__).resolve().parents[2]),
    }


def run_page(page: Path, folder: Path) -> list[str]:
    """Run every command of a page; return one sentence for each that did not go as it is written."""
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    state = folder / "state.sh"
    state.write_text(f"cd {shlex.quote(str(work))}\n")
    faults = []
    for step in steps_of(page):
        script = (
            f"set -o pipefail\n. {shlex.quote(str(state))}\n{step.command}\ncode=$?\n"
            f"{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > {shlex.quote(str(state))}\nexit $code\n"
        )
        finished = subprocess.run(
            ["bash", "-c", script],
            env=environment(home),
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
        said = finished.stdout.decode("utf-8", "replace")
        place = f"{page.name}:{step.line}: $ {step.command}\n{said}"
        if finished.returncode != step.exit_code:
            faults.append(f"{place}-> exit {finished.returncode}, the page says {step.exit_code}")
        elif step.output and not pattern_of(step.output).fullmatch(said if said.endswith("\n") else said + "\n"):
            faults.append(f"{place}-> the page shows:\n" + "\n".join(step.output))
    return faults
