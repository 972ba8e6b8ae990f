"""Entry points that a project declares itself in `.rh/project.yaml`."""

from datetime import timedelta

import pytest

from release_harness.adapters.policy_file.project_translation import translate_project
from release_harness.kernel.errors import InputError
from release_harness.steps.project.model import EntryPattern


def faults(text: str) -> dict[str, str]:
    """Return what is said of each place."""
    with pytest.raises(InputError) as caught:
        translate_project(b"version: 1\n" + text.encode(), "project.yaml")
    return {each.path: each.says for each in caught.value.faults}


def test_patterns_and_the_address_of_the_application_are_read() -> None:
    """What the file says has to arrive under the names that the engine looks for."""
    project = translate_project(
        b"version: 1\nentries: {app: 'shop.main:create_app()', interpreter: [uv, run, python], time_limit: 30s}\n"
        b"entry_points:\n- {kind: consumer, class: shop.bus.Consumer, handler: 'method:handle', name_from: 'attribute: topic'}\n"
        b"- {kind: event, decorator: '*.on', name_from: argument 0}\n",
        "project.yaml",
    )
    assert project.entries.app == "shop.main:create_app()"
    assert project.entries.interpreter == ("uv", "run", "python")
    assert project.entries.time_limit == timedelta(seconds=30)
    assert project.entry_points[1] == EntryPattern(kind="event", decorator="*.on", name_from="argument 0")
    assert project.entry_points[0].plain == {
        "kind": "consumer", "class": "shop.bus.Consumer", "handler": "method:handle", "name_from": "attribute: topic",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("{kind: http}", "entry_points[0]"),
        ("{kind: http, call: a.b, decorator: a.c}", "entry_points[0]"),
        ("{kind: http, call: 'a b'}", "entry_points[0].call"),
        ("{kind: http, decorator: a.b, handler: whatever}", "entry_points[0].handler"),
        ("{kind: http, call: a.b, handler: decorated}", "entry_points[0].handler"),
        ("{kind: http, call: a.b, name_from: somewhere}", "entry_points[0].name_from"),
        ("{kind: page2, call: a.b}", "entry_points[0].kind"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_blamed_at_its_place(pattern: str, place: str) -> None:
    """A pattern that silently matches nothing would look like a product without entry points."""
    assert list(faults(f"entry_points: [{pattern}]\n")) == [place]


@pytest.mark.parametrize(
    "line",
    [
        "{app: 'os.system(1)'}",
        "{app: 'a;b'}",
        "{folder: ../x}",
        "{env: {'A B': x}}",
        "{time_limit: 0s}",
        "{interpreter: []}",
    ],
)
def test_settings_that_could_run_something_else_are_refused(line: str) -> None:
    """The address ends up in the project's interpreter; nothing but names may get there."""
    assert len(faults(f"entries: {line}\n")) == 1
