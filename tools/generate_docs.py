"""Writes docs/reference/ from the program itself: commands, schemas, errors, facts and events.

`--check` writes nothing and fails when a page is out of date, missing, or left over.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from reference.commands import command_pages
from reference.errors import error_page
from reference.events import event_page
from reference.facts import fact_page
from reference.schemas import schema_files
from source_files import ROOT

REFERENCE = ROOT / "docs/reference"
GENERATED_FOLDERS = ("commands", "schemas")


def every_page() -> Mapping[str, str]:
    """Return the whole generated reference: path below docs/reference/ -> text."""
    return {
        **{f"commands/{name}": text for name, text in command_pages().items()},
        **{f"schemas/{name}": text for name, text in schema_files().items()},
        "errors.md": error_page(),
        "events.md": event_page(),
        "facts.md": fact_page(),
    }


def left_over(pages: Mapping[str, str]) -> list[Path]:
    """Return files in the generated folders that nothing generates any more."""
    there = [path for folder in GENERATED_FOLDERS for path in sorted((REFERENCE / folder).glob("*"))]
    return [path for path in there if str(path.relative_to(REFERENCE)) not in pages]


def out_of_date(pages: Mapping[str, str]) -> list[Path]:
    """Return the pages whose file is missing or says something else."""
    return [
        REFERENCE / name
        for name, text in pages.items()
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text(encoding="utf-8") != text
    ]


def write(pages: Mapping[str, str]) -> None:
    """Write every page and delete what is left over."""
    for name, text in pages.items():
        target = REFERENCE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path in left_over(pages):
        path.unlink()


def main(arguments: list[str]) -> int:
    """Write the reference, or say with `--check` what is out of date."""
    pages = every_page()
    if "--check" not in arguments:
        write(pages)
        print(f"{len(pages)} pages in docs/reference/")
        return 0
    stale = [f"{path.relative_to(ROOT)} is out of date" for path in out_of_date(pages)]
    stale += [f"{path.relative_to(ROOT)} is left over" for path in left_over(pages)]
    print("\n".join(stale) or f"{len(pages)} pages are up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
