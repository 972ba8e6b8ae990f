"""`python -m rh_tracer run [--folder F] [--root R] -- PROGRAM…`: traces any Python program, such as a service."""

from __future__ import annotations

import importlib
import os
import runpy
import sys

_USAGE = (
    "usage: python -m rh_tracer run [--folder FOLDER] [--root FOLDER] [--test ID] -- (-m MODULE | FILE) [ARGUMENT…]\n"
)


def main() -> None:
    """Trace the program that the arguments name, in this process."""
    here = os.path.dirname(os.path.abspath(__file__))
    # Started by its path, this folder is where Python looks first; its files are no top-level modules.
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != here or not each]
    above = os.path.dirname(here)
    sys.path.insert(0, above)
    core, paths, session = (importlib.import_module(f"rh_tracer.{each}") for each in ("core", "paths", "session"))
    sys.path.remove(above)
    options, program = _read(sys.argv[1:])
    if options is None or not program:
        sys.stderr.write(_USAGE)
        raise SystemExit(2)
    os.environ["RH_TRACE_FOLDER"] = os.path.abspath(options.get("--folder") or os.environ.get("RH_TRACE_FOLDER", "."))
    session.begin(options.get("--root") or paths.find_root(os.getcwd()))
    if options.get("--test"):
        core.trace.push(core.trace.test(options["--test"]))
    holder = core.trace.open("cli", _name_of(program, core.trace.repository.root))
    try:
        _run(program)
    finally:
        core.trace.close(holder)


def _name_of(program: list[str], root: str) -> str:
    """Return what starts the whole process, as it is typed at the root of the repository; empty for foreign programs."""
    if program[0] == "-m":
        return f"python -m {program[1]}" if len(program) > 1 else ""
    path = os.path.relpath(os.path.realpath(program[0]), os.path.realpath(root))
    return "" if path.startswith(os.pardir) else f"python {path.replace(os.sep, '/')}"


def _read(arguments: list[str]) -> tuple[dict[str, str] | None, list[str]]:
    if not arguments or arguments[0] != "run" or "--" not in arguments:
        return None, []
    border = arguments.index("--")
    own = arguments[1:border]
    if len(own) % 2 or not set(own[::2]) <= {"--folder", "--root", "--test"}:
        return None, []
    return {own[at]: own[at + 1] for at in range(0, len(own), 2)}, arguments[border + 1 :]


def _run(program: list[str]) -> None:
    if program[0] == "-m" and len(program) > 1:
        sys.argv = program[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = program
    sys.path.insert(0, os.path.dirname(os.path.realpath(program[0])))
    runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main()
