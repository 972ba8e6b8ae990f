"""Finds the brief of a change, and writes, checks and shows the briefs of a work tree."""

from collections.abc import Sequence
from typing import Protocol

from release_harness.kernel.errors import Conflict, InputError, NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome, Verdict, combine_all
from release_harness.steps.intake.model import BRIEFS_FOLDER, MOST_BRIEF_BYTES, Brief, BriefProblem
from release_harness.steps.intake.ports import BriefFile, BriefFolder, BriefTree
from release_harness.steps.intake.rules import judge_brief, name_of_brief, parse_brief, write_template

TRAILER = "brief"


class NeedsTree(Protocol):
    """What finding the brief of a change needs."""

    @property
    def repository(self) -> BriefTree:
        """Reads files of commits."""
        ...


class NeedsBriefs(Protocol):
    """What the brief commands need."""

    @property
    def briefs(self) -> BriefFolder:
        """The briefs of the work tree."""
        ...


@record
class JudgedBrief:
    """A brief and what the rules say of it."""

    brief: Brief
    verdict: Verdict


@record
class BriefsChecked:
    """The answer of `rh brief check`."""

    outcome: Outcome
    briefs: tuple[JudgedBrief, ...]


@record
class BriefWritten:
    """The answer of `rh brief new`."""

    name: str
    path: str


def brief_for(
    needs: NeedsTree, *, treeish: str, trailers: Sequence[tuple[str, str]], changed_paths: Sequence[str] = ()
) -> Brief | None:
    """Find the brief of a change: the one that its `Brief:` trailers name, else the only one that it adds or edits.

    A trailer that names no brief, several briefs or a missing file gives a brief with a problem, which fails its
    judgement; it never falls back to another brief.
    """
    named = tuple(dict.fromkeys(value.strip() for key, value in trailers if key.strip().lower() == TRAILER))
    if len(named) > 1:
        listed = ", ".join(repr(value[:80]) for value in named[:4])
        return _unreadable("", f"The trailers name more than one brief: {listed}.", "one `Brief:` for one change")
    if named:
        return _named_brief(needs, treeish, named[0])
    inside = [name_of_brief(path) for path in changed_paths if path.startswith(BRIEFS_FOLDER + "/")]
    found = [
        brief
        for name in dict.fromkeys(filter(None, inside))
        if (brief := _read_brief(needs, treeish, name)) is not None
    ]
    return found[0] if len(found) == 1 else None


def write_brief(needs: NeedsBriefs, name: str, title: str) -> BriefWritten:
    """Write the template of a new brief; refuses to overwrite."""
    plain = _plain_name(name)
    words = title.strip() or plain.replace("-", " ").replace("_", " ").capitalize()
    path = needs.briefs.write_new(plain, write_template(" ".join(words.split())).encode("utf-8", "backslashreplace"))
    if path is None:
        raise Conflict(
            code="BRIEF_EXISTS",
            says=f"There is already a brief {plain!r}.",
            hint=f"See it with `rh brief show {plain}`, or take another name.",
            subject=plain,
        )
    return BriefWritten(name=plain, path=path)


def check_briefs(needs: NeedsBriefs, which: str) -> BriefsChecked:
    """Judge one brief by name or file, or all of the work tree; no brief at all is unknown, not pass."""
    if which:
        briefs: tuple[Brief, ...] = (read_one(needs, which),)
    else:
        files = (needs.briefs.read(name) for name in needs.briefs.list_names())
        briefs = tuple(_parse_file(file) for file in files if file is not None)
    judged = tuple(JudgedBrief(brief=brief, verdict=judge_brief(brief)) for brief in briefs)
    return BriefsChecked(outcome=combine_all(each.verdict.outcome for each in judged), briefs=judged)


def read_one(needs: NeedsBriefs, which: str) -> Brief:
    """Read a brief by its plain name, or else the file of that path; raises NotFound."""
    name = name_of_brief(which)
    file = needs.briefs.read(name) if name else None
    file = file or needs.briefs.read_path(which)
    if file is None:
        known = ", ".join(needs.briefs.list_names()[:10]) or "none yet"
        raise NotFound(
            code="BRIEF_NOT_FOUND",
            says=f"There is no brief and no file {show_text(which)!r}.",
            hint=f"Briefs here: {known}. Write one with `rh brief new NAME`.",
            subject=which,
        )
    return _parse_file(file)


def _named_brief(needs: NeedsTree, treeish: str, value: str) -> Brief:
    name = name_of_brief(value)
    if not name:
        return _unreadable("", f"The trailer `Brief: {show_text(value[:80])}` is no name of a brief.", "a plain name")
    brief = _read_brief(needs, treeish, name)
    if brief is None:
        path = f"{BRIEFS_FOLDER}/{name}.md"
        return _unreadable(name, f"The trailer names the brief {name!r}, and {path} does not exist.", f"a file {path}")
    return brief


def _read_brief(needs: NeedsTree, treeish: str, name: str) -> Brief | None:
    path = f"{BRIEFS_FOLDER}/{name}.md"
    content = needs.repository.read_file(treeish, path)
    return None if content is None else _parse_file(BriefFile(path=path, content=content))


def _parse_file(file: BriefFile) -> Brief:
    name = name_of_brief(file.path.rsplit("/", 1)[-1])
    if len(file.content) > MOST_BRIEF_BYTES:
        return _unreadable(
            name, f"{file.path} is larger than {MOST_BRIEF_BYTES // 1024} KB.", "one page of text", file.path
        )
    return parse_brief(file.content.decode("utf-8-sig", "replace"), name=name, path=file.path)


def _unreadable(name: str, says: str, wanted: str, path: str = "") -> Brief:
    return Brief(
        id=name,
        title="",
        goal="",
        non_goals="",
        principles="",
        success_signals="",
        risks="",
        acceptance="",
        path=path,
        problems=(BriefProblem(line=0, says=says, wanted=wanted),),
    )


def _plain_name(name: str) -> str:
    plain = name_of_brief(name)
    if not plain:
        raise InputError(
            code="BRIEF_NAME",
            says=f"{show_text(name)!r} is no name for a brief.",
            hint="Use letters, digits, `-`, `_` and `.`, such as csv-export; no folders.",
            subject=name,
        )
    return plain
