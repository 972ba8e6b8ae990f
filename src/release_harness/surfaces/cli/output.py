"""Prints an answer or an error in the asked form: text for people, JSON as a contract, Markdown for pull requests."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from release_harness.kernel.errors import Fault, HarnessError
from release_harness.kernel.operations import AnyOperation, View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain

FORMATS = ("text", "json", "markdown")
_NARROW = 40
_WIDE = 120


def current_view(environment: Mapping[str, str]) -> View:
    """Find out what the reader of standard output can see; NO_COLOR, COLUMNS and pipes are respected."""
    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size((100, 24)).columns
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return View(
        width=max(_NARROW, min(columns, _WIDE)),
        colour=terminal and "NO_COLOR" not in environment and environment.get("TERM") != "dumb",
        unicode=encoding.startswith("utf"),
    )


def answer(operation: AnyOperation, result: Any, wanted: str, view: View) -> str:
    """Lay an answer out in the wanted form."""
    if wanted == "json":
        body = operation.plain(result) if operation.plain else to_plain(result)
        if not isinstance(body, Mapping):
            message = f"{operation.name}: the JSON form of an answer must be an object"
            raise TypeError(message)
        return to_json({"schema": operation.schema, **body})
    if wanted == "markdown" and operation.markdown is not None:
        return operation.markdown(result)
    return operation.text(result, view)


def to_json(body: Mapping[str, Any]) -> str:
    """Write JSON as it is printed: two spaces, keys in the order of the contract, no odd bytes."""
    return json.dumps(to_plain(body), indent=2, ensure_ascii=False)


def error_text(error: HarnessError) -> str:
    """Say an error to a person: code, sentence, every fault with its place, and what to do."""
    lines = [f"error[{error.code}]: {show_text(error.says)}"]
    lines += [f"  {show_text(fault.sentence())}" for fault in error.faults]
    if error.hint:
        lines.append(f"  hint: {show_text(error.hint)}")
    return "\n".join(lines)


def error_json(error: HarnessError, exit_code: int) -> str:
    """Say an error to a program, as `rh.error/1`."""
    return to_json(
        {
            "schema": "rh.error/1",
            "error": {
                "code": error.code,
                "says": error.says,
                "hint": error.hint,
                "subject": error.subject,
                "exit_code": exit_code,
                "faults": [_fault_plain(fault) for fault in error.faults],
            },
        }
    )


def _fault_plain(fault: Fault) -> dict[str, Any]:
    return {
        "says": fault.says,
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "path": fault.path,
        "expected": fault.expected,
        "suggestion": fault.suggestion,
    }


def write(text: str) -> None:
    """Print to standard output; what the terminal cannot show becomes an escape, a closed pipe ends quietly."""
    _write_to(sys.stdout, text)


def write_error(text: str) -> None:
    """Print to standard error."""
    _write_to(sys.stderr, text)


def _write_to(stream: Any, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    safe = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(safe if safe.endswith("\n") else safe + "\n")
        stream.flush()
    except BrokenPipeError:
        # Python would complain again when it flushes at exit; give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
