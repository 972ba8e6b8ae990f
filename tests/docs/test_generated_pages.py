"""The generated reference says what the program says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_generated_reference_is_up_to_date() -> None:
    """A reference of yesterday's program is wrong in a way that nobody sees (slow: loads every command)."""
    finished = subprocess.run(
        [sys.executable, "tools/generate_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_link_between_pages_leads_somewhere() -> None:
    """A broken link is a question without an answer."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "requirements/README.md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())]
    assert len(links) > 20
    assert [f"{page.relative_to(ROOT)} -> {link}" for page, link in links if not (page.parent / link).exists()] == []
