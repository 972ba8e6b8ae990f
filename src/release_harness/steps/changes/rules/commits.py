"""Reads what `git log -z` printed: who wrote each commit, with whom, and what its trailers say."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from release_harness.kernel.digests import CommitId
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.changes.model import CommitFacts

FIELDS_COUNT = 9
_ID = LazyPattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TRAILER = LazyPattern(r"([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:[ \t]+(\S.*)")
_PERSON = LazyPattern(r"\s*(.*?)\s*<\s*([^<>]*?)\s*>\s*.*", re.DOTALL)
_ANYWHERE = frozenset({"co-authored-by", "assisted-by", "generated-by", "requested-by", "signed-off-by"})
"""A squash keeps the trailers of its commits in the middle of its message; who took part must not get lost there."""
_HELPED = frozenset({"assisted-by", "generated-by"})
_MARK = LazyPattern(
    r"\W*(?:generated|created|written|made|co-authored)\s+(?:with|by|using)\s+\[?"
    r"(claude code|claude|github copilot|copilot|cursor|openai codex|codex cli|codex|gemini cli|gemini code assist|aider|"
    r"devin|openhands|windsurf|jules|opencode|amp|kiro|junie)\]?(?:\s*\([^()]*\))?\.?\s*",
    re.IGNORECASE,
)
_MERGED = LazyPattern(
    r"(?:Merge (?:pull request|branch|remote-tracking branch|tag|commit)\b|Merged in\b|Merge [0-9a-f]{7,}\b)"
)
_MESSAGE_LIMIT = 64 << 10
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def parse_log(output: bytes) -> tuple[tuple[CommitFacts, ...], bool]:
    """Return the commits, newest first, and whether the output was whole; never raises."""
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    whole = fields.pop() == "" and len(fields) % FIELDS_COUNT == 0
    commits: list[CommitFacts] = []
    for start in range(0, len(fields) - FIELDS_COUNT + 1, FIELDS_COUNT):
        commit = parse_commit(fields[start : start + FIELDS_COUNT])
        if commit is None:
            return tuple(commits), False
        commits.append(commit)
    return tuple(commits), whole


def parse_commit(fields: Sequence[str]) -> CommitFacts | None:
    """Read the nine fields of one commit: id, parents, author, its e-mail and time, committer likewise, message."""
    commit, parents, author, author_email, authored, committer, committer_email, _committed, message = fields
    if not _ID.fullmatch(commit):
        return None
    message = message[:_MESSAGE_LIMIT]
    subject, _, body = message.strip("\n").partition("\n")
    trailers = parse_trailers(message)
    return CommitFacts(
        id=CommitId(commit),
        author=claimed(author, author_email),
        committer=claimed(committer, committer_email),
        co_authors=tuple(_co_authors(message, trailers)),
        trailers=trailers,
        subject=subject.strip(),
        body=body.strip("\n"),
        authored_at=read_seconds(authored),
        parents_count=len(parents.split()),
    )


def parse_trailers(message: str) -> tuple[tuple[str, str], ...]:
    """Return the trailers: those of the last paragraph, and lines anywhere that say who took part."""
    lines = message.replace("\r\n", "\n").split("\n")
    last = _start_of_last_paragraph(lines)
    matches = [(number, _TRAILER.fullmatch(line.rstrip())) for number, line in enumerate(lines)]
    found = [(number, match) for number, match in matches if match is not None]
    tail_count = sum(number >= last for number, _ in found)
    written = sum(bool(line.strip()) for line in lines[last:])
    tail_counts = last > 0 and tail_count * 2 >= written
    return tuple(
        (match.group(1), match.group(2).strip())
        for number, match in found
        if match.group(1).lower() in _ANYWHERE or (tail_counts and number >= last)
    )


def _start_of_last_paragraph(lines: Sequence[str]) -> int:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and lines[start - 1].strip():
        start -= 1
    return start


def trailer_values(commit: CommitFacts, key: str) -> tuple[str, ...]:
    """Return the values of one trailer, whatever the case of its name."""
    return tuple(value for name, value in commit.trailers if name.lower() == key.lower())


def claimed(name: str, email: str) -> Actor:
    """Write down who a commit says that it is; nobody has checked it."""
    address = email.strip().lower()
    return Actor(kind=ActorKind.UNKNOWN, id=address or "unknown", name=name, email=address)


def read_person(text: str) -> Actor:
    """Read `Name <address>`, or a name alone."""
    match = _PERSON.fullmatch(text)
    if match is not None:
        return claimed(match.group(1), match.group(2))
    return Actor(kind=ActorKind.UNKNOWN, id=text.strip().lower() or "unknown", name=text.strip())


def _co_authors(message: str, trailers: Sequence[tuple[str, str]]) -> Iterator[Actor]:
    for name, value in trailers:
        key = name.lower()
        if key == "co-authored-by":
            yield read_person(value)
        elif key in _HELPED:
            person = read_person(value)
            yield Actor(
                kind=ActorKind.AGENT, id=_agent_id(person.name or person.email), name=person.name, email=person.email
            )
    for line in message.split("\n"):
        match = _MARK.fullmatch(line) if len(line) < 300 else None  # noqa: PLR2004 - a mark is a short line
        if match is not None:
            yield Actor(kind=ActorKind.AGENT, id=_agent_id(match.group(1)), name=match.group(1))


def _agent_id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "agent"


def read_seconds(text: str) -> datetime:
    """Read the seconds of a commit; what lies outside of all calendars becomes their nearest end."""
    try:
        return min(datetime.fromtimestamp(max(int(text), 0), tz=UTC), _LATEST)
    except (ValueError, OverflowError, OSError):
        return _LATEST if text.isdigit() else datetime.fromtimestamp(0, tz=UTC)


def is_landing(subject: str) -> bool:
    """Tell whether a subject is the one that a merge button wrote, and says nothing of the change itself."""
    return _MERGED.match(subject) is not None


def title_of(commits: Sequence[CommitFacts], landing: CommitFacts | None = None) -> str:
    """Return the title of a change: what its only commit says, or its oldest one that is no merge.

    `landing` is the merge commit that brought it in: its own subject is a button's, and the first line of its body is
    what a person wrote.
    """
    if landing is not None:
        written = [line.strip() for line in landing.body.split("\n") if line.strip()]
        if not is_landing(landing.subject):
            return landing.subject
        if written and not _TRAILER.fullmatch(written[0]) and not written[0].startswith(("*", "#", "Conflicts")):
            return written[0]
    own = [each for each in commits if each.parents_count < 2 and each.subject]  # noqa: PLR2004 - a merge has two
    chosen = own or list(commits)
    return chosen[-1].subject if chosen else ""
