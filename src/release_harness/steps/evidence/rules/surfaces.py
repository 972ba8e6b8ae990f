"""Facts of the diff that need no record: sensitive surfaces with their lines, and secrets."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.policy.globs import PathMatcher, compile_globs
from release_harness.policy.model import PathSet, Policy
from release_harness.steps.changes.model import Change, FileKind
from release_harness.steps.evidence.model import Finding, SurfaceTouch

_COMPUTED = "computed here"
_CONTENT = frozenset({FileKind.FILE, FileKind.EXECUTABLE})


def surface_touches(policies: Iterable[Policy], change: Change) -> tuple[SurfaceTouch, ...]:
    """Return every sensitive surface that was touched, file by file, with the lines that touched it."""
    surfaces: dict[tuple[str, PathSet], PathMatcher] = {}
    for policy in policies:
        for each in policy.surfaces:
            surfaces.setdefault((each.name, each.paths), compile_globs(each.paths))
    lines = {each.path: each for each in change.lines}
    touches = []
    for (name, _paths), matcher in surfaces.items():
        for file in change.files:
            if not matcher.matches(file.path):
                continue
            known = lines.get(file.path)
            touches.append(
                SurfaceTouch(
                    surface=name,
                    path=file.path,
                    added=tuple(number for number, _text in known.added) if known else (),
                    removed_count=known.removed_count if known else file.lines_removed or 0,
                )
            )
    return tuple(dict.fromkeys(touches))


def unread_text(change: Change) -> str:
    """Say why the added lines are not all of the added text, or return an empty text."""
    if not change.listing_complete:
        return "the list of changed files was cut short"
    read = {each.path for each in change.lines}
    hidden = [each for each in change.files if each.hidden_from_diff and each.path not in read]
    unread = [each.path for each in hidden if each.new_kind in _CONTENT]
    if unread:
        return f"the text of {show_text(unread[0])} is hidden from the diff, and could not be read from the file either"
    if not change.lines_complete:
        return "the list of added lines is not complete"
    return ""


def secrets_fact(change: Change, findings: Sequence[Finding]) -> Fact:
    """Return the number of secrets; a finding counts even when not everything was read, its absence does not."""
    if findings:
        return Known(value=len(findings), source=_COMPUTED)
    why = unread_text(change)
    return Unknown(why=why) if why else Known(value=0, source=_COMPUTED)
