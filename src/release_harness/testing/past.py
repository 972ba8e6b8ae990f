"""Builds landings of a made-up past, with as little said as a test needs."""

from release_harness.steps.risk.model.landings import FileRow, Landing
from release_harness.steps.risk.rules.claims import read_claim

DAY = 86_400
START = 1_700_000_000


def commit_id(name: str) -> str:
    """Return a whole commit id that begins with a name in hexadecimal."""
    return name.ljust(40, "0")


def landing(
    name: str,
    message: str = "change",
    *,
    files: tuple[FileRow, ...] | None = None,
    day: float = 0.0,
    author: str = "ana@example.org",
    inner: tuple[tuple[str, str], ...] = (),
    counted: bool = True,
) -> Landing:
    """Make one landing; `inner` are names and messages of commits that a merge brought in."""
    subject, _, body = message.partition("\n")
    claims = [read_claim(commit_id(name), author, subject, body, is_merge=bool(inner))]
    for inner_name, inner_message in inner:
        inner_subject, _, inner_body = inner_message.partition("\n")
        claims.append(read_claim(commit_id(inner_name), author, inner_subject, inner_body, is_merge=False))
    rows = (FileRow("src/app.py", "M", 3, 1),) if files is None else files
    return Landing(
        id=commit_id(name),
        parents_count=1 + bool(inner),
        committed_seconds=START + int(day * DAY),
        author=author,
        title=subject,
        counted=counted,
        files=rows,
        claims=tuple(claims),
    )
