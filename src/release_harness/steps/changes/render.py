"""A change as words for people."""

from collections.abc import Sequence

from release_harness.kernel.facts import Known
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.steps.changes.model import Change, FileChange, FileKind

_FILES_SHOWN_COUNT = 40
_CUT_COUNT = 10
_PEOPLE_SHOWN_COUNT = 5


def show_change(change: Change, view: View) -> str:
    """Lay the facts of a change out for a terminal."""
    lines = [show_text(change.title) or "(no title)", "", *(f"{name:<9} {says}" for name, says in _head(change))]
    if change.files:
        lines += ["", *_file_lines(change.files, view.width)]
    lines += _block("Conflicts", [show_text(each) for each in change.conflicts])
    lines += _block("Not known", change.gaps)
    lines += _block("Note", change.notes)
    lines += ["", "Facts", *_fact_lines(change)]
    return "\n".join(lines)


def change_markdown(change: Change) -> str:
    """Lay the facts of a change out as Markdown."""
    lines = [f"## {cell(change.title) or '(no title)'}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {cell(says)} |" for name, says in _head(change)]
    lines += ["", "| file | status | added | removed | what |", "|---|---|---:|---:|---|"]
    for each in change.files[:_FILES_SHOWN_COUNT]:
        added, removed = (
            ("?" if not each.binary else "-") if n is None else n for n in (each.lines_added, each.lines_removed)
        )
        lines.append(
            f"| {code(each.path)} | {each.status.name.lower()} | {added} | {removed} | {', '.join(_marks(each))} |"
        )
    if len(change.files) > _FILES_SHOWN_COUNT:
        lines.append(f"| … and {len(change.files) - _FILES_SHOWN_COUNT} more | | | | |")
    for heading, listed in (("Conflicts", change.conflicts), ("Not known", change.gaps), ("Note", change.notes)):
        if listed:
            lines += ["", f"**{heading}**", "", *(f"- {cell(each)}" for each in listed)]
    return "\n".join(lines)


def name_people(people: Sequence[Actor]) -> str:
    """Name people and agents, each with what is known of them; a crowd is cut short, and says by how many."""
    more = f" + {len(people) - _PEOPLE_SHOWN_COUNT} more" if len(people) > _PEOPLE_SHOWN_COUNT else ""
    return (", ".join(_name(each) for each in people[:_PEOPLE_SHOWN_COUNT]) or "nobody is named") + more


def show_lines(change: Change) -> str:
    """Say how many lines changed, or that it is not known."""
    lines = change.facts.get("change.lines")
    sign = "" if isinstance(lines, Known) else " at least: not every line could be counted"
    return f"+{change.lines_added} -{change.lines_removed}{sign}"


def cell(text: str) -> str:
    """Make text safe for a cell of a Markdown table."""
    plain = show_text(text).replace("\\", "\\\\")
    for mark in "|<>*_`[]@#":
        plain = plain.replace(mark, "\\" + mark)
    return plain


def code(text: str) -> str:
    """Write text as inline code of a Markdown table."""
    return "`" + show_text(text).replace("`", "'").replace("|", "\\|") + "`"


def _head(change: Change) -> list[tuple[str, str]]:
    head = change.head[:10] if change.head else "working tree"
    base = change.base[:10] if change.base else "nothing (root)"
    result = change.digests.result_tree
    rows = [
        ("head", f"{head} {show_text(change.branch)}".strip()),
        ("base", f"{base} {show_text(change.target)}".strip()),
        (
            "result",
            f"tree {result[:10]}" if result else "not known: " + ("conflicts" if change.conflicts else "see below"),
        ),
        ("change", change.digests.change or "not known"),
        ("authors", show_text(name_people(change.authors))),
    ]
    if change.requester is not None:
        rows.append(("asked by", show_text(name_people([change.requester]))))
    count = f"{len(change.files)} {'file' if len(change.files) == 1 else 'files'}"
    count = count if change.listing_complete else f"at least {count}"
    commits = f"{len(change.commits)} {'commit' if len(change.commits) == 1 else 'commits'}"
    rows.append(("files", f"{count}, lines {show_lines(change)}, {commits}"))
    return rows


def _name(actor: Actor) -> str:
    shown = actor.name or actor.id
    if actor.kind is ActorKind.UNKNOWN:
        return shown
    return f"{shown} ({actor.kind.value})"


def _file_lines(files: Sequence[FileChange], width: int) -> list[str]:
    lines = []
    for each in files[:_FILES_SHOWN_COUNT]:
        counted = (
            "binary"
            if each.binary
            else "+{} -{}".format(*(("?" if n is None else n) for n in (each.lines_added, each.lines_removed)))
        )
        marks = f"  ({', '.join(_marks(each))})" if _marks(each) else ""
        name = show_text(each.path)
        room = max(20, width - 18 - len(marks))
        lines.append(
            f"  {each.status.value} {counted:>12}  {name if len(name) <= room else '…' + name[-(room - 1) :]}{marks}"
        )
    if len(files) > _FILES_SHOWN_COUNT:
        lines.append(f"  … and {len(files) - _FILES_SHOWN_COUNT} more")
    return lines


def _marks(each: FileChange) -> list[str]:
    marks = [each.language] if each.language else []
    marks += [name for name in ("generated", "vendored") if getattr(each, name)]
    if each.lock_file:
        marks.append("lock file")
    if each.lfs_pointer:
        marks.append("LFS pointer")
    if each.hidden_from_diff:
        marks.append("hidden from the diff")
    if each.old_kind is not each.new_kind and FileKind.ABSENT not in (each.old_kind, each.new_kind):
        marks.append(f"{each.old_kind.value} → {each.new_kind.value}")
    elif {each.old_kind, each.new_kind} & {FileKind.SYMLINK, FileKind.SUBMODULE, FileKind.EXECUTABLE}:
        marks.append((each.new_kind if each.new_kind is not FileKind.ABSENT else each.old_kind).value)
    if each.renamed_from:
        marks.append(f"same content as {show_text(each.renamed_from)}")
    return marks


def _block(heading: str, listed: Sequence[str]) -> list[str]:
    if not listed:
        return []
    more = [f"  … and {len(listed) - _CUT_COUNT} more"] if len(listed) > _CUT_COUNT else []
    return ["", heading, *(f"  {each}" for each in listed[:_CUT_COUNT]), *more]


def _fact_lines(change: Change) -> list[str]:
    lines = []
    for name, fact in sorted(change.facts.items()):
        if not isinstance(fact, Known):
            lines.append(f"  {name:<32} unknown: {fact.why}")
        elif fact.value is False or fact.value not in (0, (), ""):
            value = ", ".join(fact.value) if isinstance(fact.value, tuple) else str(fact.value)
            lines.append(f"  {name:<32} {show_text(value)}")
    zero = sum(
        isinstance(fact, Known) and fact.value in (0, (), "") and fact.value is not False
        for fact in change.facts.values()
    )
    return [*lines, f"  ({zero} more are zero or empty)"] if zero else lines
