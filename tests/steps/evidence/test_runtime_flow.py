"""Which framework is asked, and how its answer meets the list that was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from release_harness.kernel.errors import InputError
from release_harness.steps.evidence.flow.runtime import modules_by_path, runtime_comparison
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.project.model import EntrySettings


@dataclass
class Registry:
    """A project whose framework has one route."""

    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def runtime_registry(self) -> "Registry":
        """Itself."""
        return self

    def dump(
        self, *, folder: str, interpreter: Sequence[str], app: str, source: str, env: Mapping[str, str], time_limit: timedelta
    ) -> object:  # fmt: skip
        """Answer with one route."""
        assert "def dump(app)" in source
        assert time_limit
        self.asked.append((folder, app, (*interpreter, *env)))
        return [{"kind": "http", "name": "GET /a", "handler": "shop.views:a", "guards": None}]


READ = EntryPoint(
    kind="http", name="GET /a", framework="Flask", handler="web/shop/views.py:a", path="web/shop/views.py", line=1
)


def test_the_framework_with_most_entries_is_asked_in_the_folder_of_the_project() -> None:
    """Without a word about the framework the one that was found is meant."""
    registry = Registry()
    settings = EntrySettings(app="shop:app", folder="web", interpreter=("uv", "run", "python"), env=(("A", "1"),))
    found = runtime_comparison(registry, settings, "/srv/tree", [READ], ["web/shop/views.py"])
    assert registry.asked == [("/srv/tree/web", "shop:app", ("uv", "run", "python", "A"))]
    assert found.recall_ratio == 1


@pytest.mark.parametrize(
    ("settings", "entries", "code"),
    [
        (EntrySettings(), [READ], "APP_ADDRESS_MISSING"),
        (EntrySettings(app="a:b", framework="Rails 9"), [READ], "FRAMEWORK_UNKNOWN"),
        (EntrySettings(app="a:b"), [], "FRAMEWORK_UNKNOWN"),
    ],
)
def test_without_something_to_ask_it_is_refused(settings: EntrySettings, entries: list[EntryPoint], code: str) -> None:
    """Asking nobody must not read as agreement."""
    with pytest.raises(InputError) as caught:
        runtime_comparison(Registry(), settings, "/srv/tree", entries, [])
    assert caught.value.code == code


def test_files_have_the_names_that_the_interpreter_imports_them_by() -> None:
    """A wrong name would count every entry as foreign."""
    assert modules_by_path(["back/src/a/b.py", "back/a/__init__.py", "x.js"], "back") == {
        "back/src/a/b.py": "a.b", "back/a/__init__.py": "a",
    }  # fmt: skip
