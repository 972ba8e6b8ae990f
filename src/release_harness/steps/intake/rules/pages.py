"""Reads a Markdown page as a brief: headings, sections, items, and the line of each."""

from difflib import get_close_matches

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.intake.model import HEADINGS, OPTIONAL_HEADINGS, Brief, BriefProblem, Item

_HEADING = LazyPattern(r" {0,3}(#{1,6})[ \t]+(\S.*)?")
_FENCE = LazyPattern(r" {0,3}(```+|~~~+)")
_BULLET = LazyPattern(r"(\s*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.*)")
_FIELDS = {heading.lower(): field for field, heading in HEADINGS + OPTIONAL_HEADINGS}
_ALIASES = {
    "goals": "goal",
    "non goals": "non_goals",
    "nongoals": "non_goals",
    "non-goal": "non_goals",
    "success": "success_signals",
    "success signal": "success_signals",
    "signals": "success_signals",
    "risk": "risks",
    "acceptance criteria": "acceptance",
    "watch metrics": "watch",
    "ship method": "ship",
    "rollback method": "rollback",
    "principle": "principles",
}


def parse_brief(text: str, *, name: str, path: str = "") -> Brief:
    """Read a page; what cannot be read as a brief is kept in `problems`, with its line."""
    lines = _without_comments(text).split("\n")
    title, sections, problems = _read_sections([line.removesuffix("\r") for line in lines])
    if "\ufffd" in text or "\x00" in text:
        problems.append(BriefProblem(line=0, says="The file is not UTF-8 text.", wanted="a Markdown page in UTF-8"))
    if not title:
        problems.append(BriefProblem(line=1, says="There is no title.", wanted="a first line such as `# CSV export`"))
    fields = {field: "\n".join(body).strip() for field, (_, body) in sections.items()}
    places = tuple((field, _first_line(at, body)) for field, (at, body) in sections.items())
    known = {field: fields.get(field, "") for field, _ in HEADINGS + OPTIONAL_HEADINGS}
    return Brief(id=name, title=title, path=path, places=places, problems=tuple(problems), **known)


def split_items(text: str, first_line: int) -> tuple[Item, ...]:
    """Split a section into its bullets, or into its paragraphs when it has none; nested bullets stay with their parent."""
    items: list[tuple[int, list[str]]] = []
    margin: int | None = None
    open_item = False
    for number, line in enumerate(text.split("\n"), first_line):
        bullet = _BULLET.fullmatch(line)
        if bullet is not None and (margin is None or len(bullet[1]) <= margin):
            margin = len(bullet[1])
            items.append((number, [bullet[2].strip()]))
            open_item = True
        elif not line.strip() or _HEADING.fullmatch(line) is not None:
            open_item = False
        elif items and (open_item or line.startswith((" ", "\t"))):
            items[-1][1].append((bullet[2] if bullet is not None else line).strip())
        else:
            items.append((number, [line.strip()]))
            open_item = True
    joined = (Item(text=" ".join(parts).strip(), line=line) for line, parts in items)
    return tuple(item for item in joined if item.text)


def _read_sections(lines: list[str]) -> tuple[str, dict[str, tuple[int, list[str]]], list[BriefProblem]]:
    title, fence, current = "", "", ""
    sections: dict[str, tuple[int, list[str]]] = {}
    problems: list[BriefProblem] = []
    for number, line in enumerate(lines, 1):
        fence, inside = _follow_fence(line, fence)
        heading = None if inside else _HEADING.fullmatch(line)
        if heading is None or len(heading[1]) > 2:  # noqa: PLR2004 - deeper headings belong to their section
            if current:
                sections[current][1].append(line)
            continue
        words = (heading[2] or "").strip().rstrip("#").strip()
        if len(heading[1]) == 1 and not title:
            title, current = words, ""
            continue
        current = _field_of(words)
        if not current:
            problems.append(_unknown_heading(number, words))
        elif current in sections:
            says = f"The heading {words[:80]!r} is there twice."
            problems.append(BriefProblem(line=number, says=says, wanted="each heading once"))
        if current:
            sections.setdefault(current, (number, []))
    return title, sections, problems


def _follow_fence(line: str, fence: str) -> tuple[str, bool]:
    found = _FENCE.match(line)
    if found is None:
        return fence, bool(fence)
    if not fence:
        return found[1], True
    closes = found[1][0] == fence[0] and len(found[1]) >= len(fence) and line.strip() == found[1]
    return ("", True) if closes else (fence, True)


def _field_of(heading: str) -> str:
    plain = " ".join(heading.lower().replace("*", "").rstrip(":").split())
    return _FIELDS.get(plain) or _ALIASES.get(plain, "")


def _unknown_heading(line: int, heading: str) -> BriefProblem:
    names = [name for _, name in HEADINGS + OPTIONAL_HEADINGS]
    close = get_close_matches(heading[:80], names, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return BriefProblem(
        line=line, says=f"A brief has no heading {heading[:80]!r}.{meant}", wanted="one of " + ", ".join(names)
    )


def _first_line(heading_line: int, body: list[str]) -> int:
    for offset, line in enumerate(body, 1):
        if line.strip():
            return heading_line + offset
    return heading_line


def _without_comments(text: str) -> str:
    """Blank out HTML comments and keep their line ends; a comment that never ends hides the rest, as in Markdown."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end + 3
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    return "".join(kept) + text[at:]
