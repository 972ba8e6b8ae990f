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


def made_up_history(landings_count: int = 600) -> bytes:
    """Return a stream for `git fast-import`: one landing every second day on `main`, about a third documentation.

    Every twelfth landing of `src/checkout.py` is taken back two days later; nothing else ever is. The last one was made
    a day before the beginning of 2026.
    """
    end = 1_767_225_600 - DAY
    made: list[bytes] = []
    again: tuple[int, int] | None = None
    for number in range(landings_count):
        seconds = end - (landings_count - 1 - number) * 2 * DAY
        if again is not None:
            culprit, before = again
            message = f'Revert "Change {culprit}"\n\nReverts #{culprit}\n'
            made.append(write_commit(message, seconds, "src/checkout.py", f"{before}\n"))
            again = None
            continue
        kind = number % 3
        path = (f"docs/page{number % 7}.md", "src/checkout.py", f"src/part{number % 11}.py")[kind]
        made.append(write_commit(f"Change {number} (#{number})\n", seconds, path, f"{number}\n" * (1 + number % 40)))
        if kind == 1 and number % 12 == 1:
            again = number, number - 3
    return b"".join(made)


def write_commit(message: str, seconds: int, path: str, content: str) -> bytes:
    """Return one commit on `main` that writes one file, as `git fast-import` reads it."""
    who = f"Ana Author <ana@example.org> {seconds} +0000"
    text, body = message.encode(), content.encode()
    head = f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(text)}\n".encode()
    return head + text + f"M 100644 inline {path}\ndata {len(body)}\n".encode() + body + b"\n"
