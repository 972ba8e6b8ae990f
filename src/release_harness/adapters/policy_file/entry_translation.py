"""Turns `entries` and `entry_points` of `.rh/project.yaml` into settings, and blames what cannot be meant."""

import re

from release_harness.adapters.policy_file.project_shapes import EntriesShape, EntryPatternShape
from release_harness.adapters.policy_file.shape_reader import Faults, items
from release_harness.adapters.policy_file.yaml_tree import Trail
from release_harness.kernel.paths import show_text
from release_harness.steps.project.model import EntryPattern, EntrySettings

_DOTTED = re.compile(r"(\*\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_HANDLER = re.compile(r"decorated|argument( \w+)?|method: ?[A-Za-z_]\w*")
_NAME_FROM = re.compile(r"argument \w+|attribute: ?[A-Za-z_]\w*")
_APP = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*(\(\))?(\.[A-Za-z_]\w*(\(\))?)*)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_entry_settings(shape: EntriesShape, faults: Faults) -> EntrySettings:
    """Read how the framework is asked."""
    defaults = EntrySettings()
    if shape.app and not _APP.fullmatch(shape.app):
        faults.add(
            ("entries", "app"),
            f"{show_text(shape.app)!r} is no address of an application.",
            expected="`package.module:app`",
        )
    if shape.folder.startswith("/") or ".." in shape.folder.split("/"):
        faults.add(("entries", "folder"), f"{show_text(shape.folder)!r} leads out of the repository.")
    for name in shape.env:
        if not _VARIABLE.fullmatch(name):
            faults.add(("entries", "env", name), f"{show_text(name)!r} is no name of a variable.", key=True)
    if shape.time_limit is not None and not shape.time_limit:
        faults.add(("entries", "time_limit"), "The time limit is zero.", expected="a duration such as 2m")
    return EntrySettings(
        app=shape.app,
        framework=shape.framework,
        interpreter=shape.interpreter or defaults.interpreter,
        folder=shape.folder,
        env=tuple(shape.env.items()),
        time_limit=shape.time_limit or defaults.time_limit,
    )


def read_entry_patterns(shapes: tuple[EntryPatternShape, ...], faults: Faults) -> tuple[EntryPattern, ...]:
    """Read the declared patterns."""
    return tuple(_pattern(each, place, faults) for place, each in items(shapes, ("entry_points",)))


def _pattern(shape: EntryPatternShape, place: Trail, faults: Faults) -> EntryPattern:
    given = {"decorator": shape.decorator, "call": shape.call, "class": shape.base}
    named = [key for key, value in given.items() if value]
    if len(named) != 1:
        says = (
            "The pattern says nothing that it looks for."
            if not named
            else f"The pattern looks for {len(named)} things."
        )
        faults.add(place, says, expected="exactly one of `decorator`, `call` and `class`")
    for key in named:
        if not _DOTTED.fullmatch(given[key]):
            faults.add(
                (*place, key), f"{show_text(given[key])!r} is no dotted name.", expected="a name such as `app.bus.on`"
            )
    if shape.handler and not _HANDLER.fullmatch(shape.handler):
        expected = "`decorated`, `argument 0`, `argument view` or `method:run`"
        faults.add((*place, "handler"), f"{show_text(shape.handler)!r} names no handler.", expected=expected)
    if shape.name_from and not _NAME_FROM.fullmatch(shape.name_from):
        expected = "`argument 0`, `argument path` or `attribute: topic`"
        faults.add((*place, "name_from"), f"{show_text(shape.name_from)!r} names no place.", expected=expected)
    if named == ["call"] and shape.handler.startswith(("decorated", "method")):
        faults.add((*place, "handler"), "A call decorates nothing.", expected="`argument 0` or `argument view`")
    return EntryPattern(
        kind=shape.kind, decorator=shape.decorator, call=shape.call, base=shape.base, handler=shape.handler, name=shape.name,
        name_from=shape.name_from,
    )  # fmt: skip
