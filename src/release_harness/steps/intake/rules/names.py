"""Names of briefs come from trailers, paths and people; only plain names ever reach the file system."""

import re

from release_harness.steps.intake.model import BRIEFS_FOLDER

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def name_of_brief(text: str) -> str:
    """Return the plain name that a trailer, a path or an argument means; empty when it is no name of a brief.

    `csv-export`, `csv-export.md` and `.rh/briefs/csv-export.md` mean the same; every other path is refused.
    """
    name = text.strip().removeprefix("./").removeprefix(BRIEFS_FOLDER + "/").removesuffix(".md")
    if _NAME.fullmatch(name) is None or ".." in name or name.endswith("."):
        return ""
    return name
