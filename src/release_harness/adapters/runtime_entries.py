"""Asks the frameworks of a project which entry points they have, in the project's own interpreter."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from release_harness.kernel.errors import InputError, OutsideError
from release_harness.kernel.paths import show_text

ANSWER_LIMIT_BYTES = 32 * 1024 * 1024
SHOWN_LINES = 12

_MAIN = """
def _main():
    import importlib, json, os, sys
    sys.path.insert(0, os.getcwd())
    target, answer = sys.argv[1], sys.argv[2]
    app = None
    if target:
        module, _, attribute = target.partition(":")
        app = importlib.import_module(module)
        for part in (attribute or "app").split("."):
            call = part.endswith("()")
            app = getattr(app, part[:-2] if call else part)
            app = app() if call else app
    rows = dump(app)
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(rows, file)


_main()
"""


class RuntimeRegistry:
    """Runs a dump in the interpreter of a project; nothing of rh is imported there."""

    def dump(
        self, *, folder: str, interpreter: Sequence[str], app: str, source: str, env: Mapping[str, str], time_limit: timedelta
    ) -> Any:  # fmt: skip
        """Return what `dump(app)` of the source gives for `module:attribute` (`create_app()` calls a factory; empty for none).

        Raises OutsideError when the project cannot be started or takes too long, InputError for an unusable address.
        """
        _check_address(app)
        with tempfile.TemporaryDirectory(prefix="rh-entries-") as name:
            program, answer = Path(name, "dump_entries.py"), Path(name, "answer.json")
            program.write_text(source + _MAIN, encoding="utf-8")
            _run([*interpreter, str(program), app, str(answer)], folder, {**os.environ, **env}, time_limit)
            return _read(answer)


def _check_address(app: str) -> None:
    module, _, attribute = app.partition(":")
    parts = (
        [*module.split("."), *(each.removesuffix("()") for each in attribute.split(".") if attribute)] if app else []
    )
    if not all(each.isidentifier() for each in parts):
        raise InputError(
            code="APP_ADDRESS_INVALID", says=f"{show_text(app)!r} is no address of an application.",
            hint="Write `package.module:app`, or `package.module:create_app()` for a factory.",
        )  # fmt: skip


def _run(command: Sequence[str], folder: str, env: Mapping[str, str], time_limit: timedelta) -> None:
    try:
        process = subprocess.Popen(  # the list comes from the project file, no shell reads it
            list(command), cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise OutsideError(
            code="INTERPRETER_NOT_STARTED", says=f"The project's interpreter {show_text(command[0])!r} could not be started: {error.strerror}.",
            hint="Name it in `.rh/project.yaml` under `entries: interpreter`.",
        ) from error  # fmt: skip
    try:
        output, _ = process.communicate(timeout=time_limit.total_seconds())
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise OutsideError(
            code="RUNTIME_DUMP_TOO_SLOW", says=f"The project did not list its entry points within {time_limit.total_seconds():.0f} s.",
            hint="Raise `entries: time_limit`, or name an application that connects to nothing when it is imported.",
        ) from error  # fmt: skip
    if process.returncode:
        last = show_text("\n".join(output.decode("utf-8", "replace").strip().splitlines()[-SHOWN_LINES:]))
        raise OutsideError(
            code="RUNTIME_DUMP_FAILED", says=f"The project's interpreter ended with {process.returncode}: {last}",
            hint="Give it the environment that importing the application needs, under `entries: env`.",
        )  # fmt: skip


def _read(answer: Path) -> Any:
    try:
        if answer.stat().st_size > ANSWER_LIMIT_BYTES:
            raise OutsideError(
                code="RUNTIME_DUMP_TOO_LARGE",
                says=f"The list of entry points is larger than {ANSWER_LIMIT_BYTES} bytes.",
                hint="Name one application of several with --app, so that fewer entry points are listed.",
            )
        return json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutsideError(
            code="RUNTIME_DUMP_INVALID",
            says="The project's interpreter wrote no list of entry points.",
            hint="The disk may be full, or importing the application ended the process; import it by hand to see.",
        ) from error
