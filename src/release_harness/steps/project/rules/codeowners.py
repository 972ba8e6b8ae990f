r"""Who owns a file, by the CODEOWNERS of GitHub or GitLab?

The last line that matches decides, in each section of its own (GitHub has one section). A line without owners takes
ownership away, or gives the file to the default owners of its section. Where the two forges differ:

| | GitHub | GitLab |
|---|---|---|
| `docs/api` without a leading slash | anchored at the root | in any folder |
| `[…]` in a pattern | the characters themselves | a class of characters |
| `[Section]`, `^[Section]`, `[Section][2]`, `!pattern` | a line that cannot be read | sections, optional ones, counts, exclusions |
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from release_harness.kernel.patterns import LazyPattern
from release_harness.policy.globs import PathIndex, glob_fault
from release_harness.policy.model import Glob, PathRule, PathSet
from release_harness.steps.project.model import Codeowners, OwnerRule

if TYPE_CHECKING:
    import re

CODEOWNERS_PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file is looked for; the first one found counts."""

_SECTION = LazyPattern(r"(?P<optional>\^)?\[(?P<name>[^\]]+)\](?:\[(?P<count>\d{1,3})\])?(?P<owners>(?:\s.*)?)")
_COMMENT = LazyPattern(r"(?:^|\s)#.*$")
_SPECIAL = LazyPattern(r"[\\{}\[\]]|\*\*")
_FOLDER_ENDING = LazyPattern(r"\*\*/\*(\.[A-Za-z0-9_.-]+)/\*\*")
_STARS = LazyPattern(r"\*{2,}")
_COMPILED_LIMIT_COUNT = 4


class _Section:
    """What a `[Section]` line set for the lines after it."""

    __slots__ = ("count", "name", "optional", "owners")

    def __init__(self, name: str = "", owners: Sequence[str] = (), *, optional: bool = False, count: int = 1) -> None:
        self.name = name
        self.owners = tuple(owners)
        self.optional = optional
        self.count = count


def parse_codeowners(text: str, source: str) -> Codeowners:
    """Read a CODEOWNERS file; a line that cannot be read is skipped, as the forges do, and remembered."""
    lines = text.splitlines()
    gitlab = _is_gitlab(lines, source)
    section, sections = _Section(), dict[str, _Section]()
    rules: list[OwnerRule] = []
    unread: list[int] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        header = _SECTION.fullmatch(_COMMENT.sub("", line).rstrip()) if gitlab else None
        if header is not None:
            section = _open_section(header, sections)
            continue
        rule = _read_line(line, number, section, gitlab=gitlab)
        if rule is None:
            unread.append(number)
        else:
            rules.append(rule)
    return Codeowners(rules=tuple(rules), source=source, anchored=not gitlab, unread_lines=tuple(unread))


def owners_of(codeowners: Codeowners, path: str) -> tuple[str, ...]:
    """Return the owners of one file as they are written, from every section that is not optional, each once."""
    owners = dict.fromkeys(
        owner for rule in owner_rules_of(codeowners, path) if not rule.optional for owner in rule.owners
    )
    return tuple(owners)


def owner_rules_of(codeowners: Codeowners, path: str) -> tuple[OwnerRule, ...]:
    """Return the deciding line of every section that speaks of the file, in the order of the sections."""
    return _compiled(codeowners).deciding(path)


class _OwnerIndex:
    """The lines of a CODEOWNERS file by section, ready to be asked."""

    def __init__(self, codeowners: Codeowners) -> None:
        by_section: dict[tuple[str, bool], list[OwnerRule]] = {}
        for rule in codeowners.rules:
            by_section.setdefault((rule.section.casefold(), rule.excludes), []).append(rule)
        self._sections = list(by_section)
        self._rules = list(by_section.values())
        self._orders: list[list[int]] = []
        self._folder_endings: dict[str, list[tuple[int, int]]] = {}
        self._index = PathIndex([self._path_set(number, codeowners.anchored) for number in range(len(self._rules))])

    def _path_set(self, number: int, anchored: bool) -> PathSet:  # noqa: FBT001 - private
        """Collect the globs of one section; which line each belongs to is kept beside them."""
        globs, orders = [], []
        for order, rule in enumerate(self._rules[number]):
            for glob in _globs(rule.pattern, anchored):
                ending = _FOLDER_ENDING.fullmatch(glob)
                if ending is not None:
                    self._folder_endings.setdefault(ending[1], []).append((number, order))
                else:
                    globs.append(PathRule(glob=Glob(text=glob)))
                    orders.append(order)
        self._orders.append(orders)
        return PathSet(rules=tuple(globs))

    def deciding(self, path: str) -> tuple[OwnerRule, ...]:
        found = {number: self._orders[number][place] for number, place in self._index.deciding(path).items()}
        for number, order in self._inside_of_endings(path):
            found[number] = max(order, found.get(number, -1))
        excluded = {self._sections[number][0] for number in found if self._sections[number][1]}
        return tuple(
            self._rules[number][order]
            for number, order in sorted(found.items())
            if self._sections[number][0] not in excluded
        )

    def _inside_of_endings(self, path: str) -> Iterator[tuple[int, int]]:
        """Yield the lines such as `*.js` that match a folder of the path: `*.js` owns what is in `lib.js/` as well."""
        if not self._folder_endings or "." not in path:
            return
        for folder in path.split("/")[:-1]:
            start = folder.find(".")
            while start >= 0:
                yield from self._folder_endings.get(folder[start:], ())
                start = folder.find(".", start + 1)


_recent: list[tuple[Codeowners, _OwnerIndex]] = []
"""The last files that were asked, by identity: hashing thousands of lines for every path would cost more than matching."""


def _compiled(codeowners: Codeowners) -> _OwnerIndex:
    for known, index in _recent:
        if known is codeowners:
            return index
    index = _OwnerIndex(codeowners)
    _recent.insert(0, (codeowners, index))
    del _recent[_COMPILED_LIMIT_COUNT:]
    return index


def _is_gitlab(lines: Sequence[str], source: str) -> bool:
    if source.startswith((".github/", ".gitlab/")):
        return source.startswith(".gitlab/")
    return any(_SECTION.fullmatch(_COMMENT.sub("", line).strip()) for line in lines)


def _open_section(header: "re.Match[str]", sections: dict[str, _Section]) -> _Section:
    """Open a section, or go on with an earlier one of the same name, whose first header counts."""
    name = header["name"].strip()
    section = _Section(
        name,
        header["owners"].split(),
        optional=header["optional"] is not None,
        count=int(header["count"] or 1),
    )
    return sections.setdefault(name.casefold(), section)


def _read_line(line: str, number: int, section: _Section, *, gitlab: bool) -> OwnerRule | None:
    excludes = line.startswith("!")
    if excludes and not gitlab:
        return None
    pattern, rest = _split(line[1:] if excludes else line)
    owners = tuple((_COMMENT.sub("", rest) if "#" in rest else rest).split())
    if not all(_is_owner(owner) for owner in owners):
        return None
    globs = _globs(pattern, not gitlab)
    if not globs or any(glob_fault(glob) for glob in globs):
        return None
    return OwnerRule(
        pattern=pattern,
        owners=() if excludes else owners or section.owners,
        section=section.name,
        optional=section.optional,
        approvals_count=section.count,
        line=number,
        excludes=excludes,
    )


def _is_owner(owner: str) -> bool:
    return "@" in owner and len(owner) > 1


def _split(line: str) -> tuple[str, str]:
    r"""Cut a line at the first space that is not escaped; `\ ` belongs to the pattern."""
    if "\\" not in line:
        pieces = line.split(None, 1)
        return pieces[0], pieces[1] if len(pieces) > 1 else ""
    index = 0
    while index < len(line) and not line[index].isspace():
        index += 2 if line[index] == "\\" else 1
    return line[:index], line[index:]


@lru_cache(maxsize=20_000)
def _globs(pattern: str, anchored: bool) -> tuple[str, ...]:  # noqa: FBT001 - private, and part of the cache's key
    """Turn one pattern into the policy's own globs: one, or two when it names folders by a wildcard."""
    body = pattern.removeprefix("/")
    if not body:
        return ()
    at_root = pattern.startswith("/") or (anchored and "/" in body.rstrip("/"))
    parts = [_segment(part, literal_classes=anchored) for part in body.split("/")]
    if parts == ["*"] and not at_root:
        return ("**",)
    glob = "/".join(parts if at_root or parts[0] == "**" else ["**", *parts])
    last = parts[-1]
    if last not in ("*", "**") and "*" in last:
        return (glob, f"{glob}/**")
    return (glob,)


def _segment(part: str, *, literal_classes: bool) -> str:
    """Write one part of a pattern in the policy's own words."""
    if part == "**" or not _SPECIAL.search(part):
        return part
    written = []
    index = 0
    while index < len(part):
        char = part[index]
        if char == "\\" and index + 1 < len(part):
            index += 1
            char = part[index]
            written.append(f"\\{char}" if char in "*?[]!#{}\\" else char)
        elif char in "{}\\" or (char in "[]" and literal_classes):
            written.append(f"\\{char}")
        else:
            written.append(char)
        index += 1
    return _STARS.sub("*", "".join(written))
