"""Asking the project's interpreter."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from release_harness.adapters.runtime_entries import RuntimeRegistry
from release_harness.kernel.errors import InputError, OutsideError

SOURCE = (
    "def dump(app):\n    return [{'kind': 'http', 'name': n, 'handler': 'm:f', 'guards': None} for n in app.names]\n"
)
PROJECT = (
    "import os\nprint('noise on the standard output')\nclass App:\n    names = [os.environ.get('FIRST', 'none')]\n"
    "def make():\n    return App()\napp = App()\n"
)


def dump(
    folder: Path, app: str, *, source: str = SOURCE, seconds: float = 30, interpreter: str = sys.executable
) -> object:
    """Ask a project in a folder."""
    (folder / "shop.py").write_text(PROJECT)
    return RuntimeRegistry().dump(
        folder=str(folder), interpreter=[interpreter], app=app, source=source, env={"FIRST": "GET /"},
        time_limit=timedelta(seconds=seconds),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("app", ["shop:app", "shop:make()", "shop"])
def test_an_application_or_its_factory_is_asked_whatever_it_prints(tmp_path: Path, app: str) -> None:
    """Slow because it starts an interpreter; applications print when they are imported, and that must not spoil the answer."""
    assert dump(tmp_path, app) == [{"kind": "http", "name": "GET /", "handler": "m:f", "guards": None}]


@pytest.mark.parametrize("app", ["shop:app; import os", "shop:__import__('os')", "../shop:app", "-c"])
def test_an_address_that_is_more_than_names_is_refused(tmp_path: Path, app: str) -> None:
    """The address comes from a file of the repository; it must not become a program."""
    with pytest.raises(InputError) as caught:
        dump(tmp_path, app)
    assert caught.value.code == "APP_ADDRESS_INVALID"


@pytest.mark.slow
def test_a_project_that_fails_or_hangs_is_a_refusal_with_its_last_words(tmp_path: Path) -> None:
    """Slow because it starts interpreters; a failed import is the project's state, not a list without entries."""
    with pytest.raises(OutsideError) as failed:
        dump(tmp_path, "shop:missing")
    assert failed.value.code == "RUNTIME_DUMP_FAILED"
    assert "missing" in str(failed.value)
    with pytest.raises(OutsideError) as slow:
        dump(
            tmp_path,
            "shop:app",
            source="def dump(app):\n    import threading\n    threading.Event().wait()\n",
            seconds=0.5,
        )
    assert slow.value.code == "RUNTIME_DUMP_TOO_SLOW"
    with pytest.raises(OutsideError) as absent:
        dump(tmp_path, "shop:app", interpreter=os.path.join(tmp_path, "no-python"))  # noqa: PTH118 - an argument, no path
    assert absent.value.code == "INTERPRETER_NOT_STARTED"
