"""Makes one Click command from one operation."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from release_harness.kernel.errors import Fault, HarnessError, InputError
from release_harness.kernel.operations import AnyOperation
from release_harness.surfaces.cli import output
from release_harness.surfaces.cli.parameters import build_input, parameters_of
from release_harness.surfaces.error_map import Exit, exit_of_error, exit_of_outcome, from_exception, from_os_error

EXIT_HELP = "Exit codes: 0 pass or done, 1 fail, 2 bad input, 3 unknown or waiting, 4 outside failure, 5 bug in rh."
_INPUT_LIMIT_BYTES = 8 * 1024 * 1024


def command_of(operation: AnyOperation, open_application: Callable[[], Any]) -> click.Command:
    """Return the command with options, help, example, `--format` and `--input`."""

    def call(**values: Any) -> None:
        wanted, document = values.pop("format_"), values.pop("input_")
        code = run_operation(operation, open_application, values, wanted=wanted, document=document)
        sys.exit(code)

    return click.Command(
        operation.name.rsplit(" ", 1)[-1],
        params=[*parameters_of(operation.input), *_common_parameters()],
        callback=call,
        help="\n\n".join(part for part in (operation.summary, _arguments(operation.input), operation.details) if part),
        short_help=operation.summary,
        epilog=f"\b\nExample:\n  {operation.example}\n\n{EXIT_HELP}",
    )


def _arguments(record: type) -> str:
    """Describe what is given by position, which Click itself leaves to prose."""
    described = [
        f"  {each.metadata['metavar'] or each.name.upper()}  {each.metadata['help']}"
        for each in fields(record)
        if each.metadata.get("positional")
    ]
    return "\n".join(["\b", *described]) if described else ""


def run_operation(
    operation: AnyOperation,
    open_application: Callable[[], Any],
    values: Mapping[str, Any],
    *,
    wanted: str,
    document: str | None,
) -> int:
    """Run the operation, print its answer or its error, and return the exit code."""
    application = None
    try:
        application = open_application()
        request = read_document(operation.input, document) if document else build_input(operation.input, values)
        result = operation.handler(application, request)
        code = Exit.OUTSIDE if operation.retryable(result) else exit_of_outcome(operation.outcome(result))
        text = output.answer(operation, result, wanted, output.current_view(application.environment))
    except HarnessError as error:
        return print_error(error, wanted, application)
    except OSError as error:
        return print_error(from_os_error(error), wanted, application)
    except Exception as error:
        if application is not None and application.environment.get("RH_DEBUG"):
            raise
        return print_error(from_exception(error), wanted, application)
    application.progress.finish()
    output.write(text)
    return code


def print_error(error: HarnessError, wanted: str, application: Any = None) -> int:
    """Print an error in the wanted form and return its exit code."""
    if application is not None:
        application.progress.finish()
    code = exit_of_error(error)
    if wanted == "json":
        output.write(output.error_json(error, code))
    else:
        output.write_error(output.error_text(error))
    return code


def read_document(record: type, name: str) -> Any:
    """Read the whole request as JSON from a file or from standard input; all faults are said at once."""
    # pydantic costs 100 ms; only nested requests need it.
    from pydantic import TypeAdapter, ValidationError

    text = sys.stdin.buffer.read(_INPUT_LIMIT_BYTES + 1) if name == "-" else _read_limited(Path(name))
    if len(text) > _INPUT_LIMIT_BYTES:
        raise InputError(code="INPUT_TOO_LARGE", says=f"{name} is larger than 8 MB.", hint="Send a smaller request.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(code="INPUT_NOT_JSON", says=f"{name}: {error}.", hint="Write one JSON object.") from error
    try:
        return TypeAdapter(record).validate_json(json.dumps(data), strict=True, extra="forbid")
    except ValidationError as error:
        faults = [
            Fault(says=each["msg"], path=".".join(str(part) for part in each["loc"]), file=name)
            for each in error.errors(include_url=False)
        ]
        raise InputError(
            code="INPUT_MALFORMED",
            says=f"{name} is not a request of this command.",
            hint="See the JSON Schema in docs/reference/schemas/.",
            faults=faults,
        ) from error


def _read_limited(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_INPUT_LIMIT_BYTES + 1)


def _common_parameters() -> list[click.Parameter]:
    return [
        click.Option(
            ["format_", "--format"],
            type=click.Choice(output.FORMATS),
            default="text",
            show_default=True,
            help="How the answer is written.",
        ),
        click.Option(
            ["input_", "--input"],
            metavar="FILE",
            help="Read the whole request as JSON from a file (- for standard input) instead of the options.",
        ),
    ]
