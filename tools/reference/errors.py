"""Every error code that the source can raise, with its sentence, its hint and its exit code."""

import ast
import re
from collections import defaultdict

from reference.layout import page, table
from reference.source_calls import calls, keyword, module_name, sentence
from release_harness.kernel import errors
from release_harness.kernel.errors import HarnessError
from release_harness.surfaces.error_map import exit_of_error

_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, HarnessError) and kind is not HarnessError
}


class MalformedCodeError(ValueError):
    """A code in the source is no stable UPPER_CASE word."""


def error_page() -> str:
    """Return docs/reference/errors.md."""
    rows: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for path, call, called in calls(lambda _name: True):
        code = keyword(call, "code")
        if not isinstance(code, ast.Constant) or not isinstance(code.value, str) or keyword(call, "says") is None:
            continue
        if not _CODE.fullmatch(code.value):
            message = f"{path}:{call.lineno}: error code {code.value!r} is not UPPER_CASE"
            raise MalformedCodeError(message)
        said, hint = sentence(keyword(call, "says")), sentence(keyword(call, "hint"))
        row = (_exit_of(called), said, hint, module_name(path))
        if row not in rows[code.value]:
            rows[code.value].append(row)
    for disk_code, hint in _disk_codes():
        rows[disk_code].append(("4", "…: what the system said", hint, "surfaces.error_map"))
    flat = [
        (f"`{code}`", exit_, said, hint, f"`{place}`")
        for code in sorted(rows)
        for exit_, said, hint, place in rows[code]
    ]
    return page(
        "Errors",
        "An error prints its code, a sentence, every fault with its place, and what to do. With `--format json` it is "
        "`rh.error/1`. The code stays; sentences and hints may improve. `…` stands for a value.",
        table(("code", "exit", "says", "hint", "from"), flat),
    )


def _exit_of(called: str) -> str:
    """Return the exit code of an exception; a function that builds one is followed by its name only."""
    kind = _KINDS.get(called)
    return str(int(exit_of_error(kind(code="", says="")))) if kind is not None else ""


def _disk_codes() -> list[tuple[str, str]]:
    from release_harness.surfaces import error_map

    return sorted(set(error_map._DISK.values()))  # noqa: SLF001 - the table is the source of these codes
