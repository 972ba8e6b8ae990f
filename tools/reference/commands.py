"""One page for each first word of a command line, with everything that can be asked for below it."""

from collections.abc import Mapping
from dataclasses import fields
from itertools import groupby

import click

from reference.layout import page, table
from reference.schemas import schema_names
from release_harness.app import all_operations
from release_harness.kernel.operations import AnyOperation, Effect
from release_harness.surfaces.cli.command import command_of

EFFECTS = {
    Effect.READ: "reads only: nothing in the repository, the ledger or outside is changed",
    Effect.WRITE: "writes: what is written is added, and nothing is lost",
    Effect.DESTRUCTIVE: "acts: moves something that others see",
}
EXITS = (
    ("0", "pass, or done"),
    ("1", "fail: the answer is no, whatever is still missing"),
    ("2", "the request or a file cannot be understood"),
    ("3", "unknown, or waiting on somebody: never a pass"),
    ("4", "git, a disk, a database or a network failed; the same command may go through later"),
    ("5", "a bug in rh"),
)


def command_pages() -> Mapping[str, str]:
    """Return file name -> page, and the index."""
    groups = {
        word: list(listed) for word, listed in groupby(sorted(all_operations(), key=_first_word), key=_first_word)
    }
    pages = {f"{word}.md": page(f"rh {word}", *[_section(each) for each in listed]) for word, listed in groups.items()}
    return {**pages, "README.md": _index()}


def _first_word(operation: AnyOperation) -> str:
    return operation.name.split(" ")[0]


def _index() -> str:
    rows = [
        (f"[`rh {each.name}`]({_first_word(each)}.md)", each.summary, each.effect.value, f"`{each.schema}`")
        for each in all_operations()
    ]
    return page(
        "Commands",
        table(("command", "what it does", "effect", "answer"), rows),
        "Every command takes `--format text|json|markdown` and `--input FILE`, a whole request as JSON.",
        "## Exit codes",
        table(("code", "meaning, the same for every command"), EXITS),
    )


def _section(operation: AnyOperation) -> str:
    answer, request = schema_names(operation)
    command = command_of(operation, lambda: None)
    usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=f"rh {operation.name}")))
    blocks = [
        f"## rh {operation.name}",
        operation.summary,
        operation.details,
        f"```text\nrh {operation.name} {usage}\n```",
        table(("argument or option", "meaning", "default"), [_row(each, operation) for each in command.params]),
        f"Example:\n\n```sh\n{operation.example}\n```",
        f"Effect: {EFFECTS[operation.effect]}.",
        f"JSON: answer [`{operation.schema}`](../schemas/{answer}), request [`{request}`](../schemas/{request}).",
    ]
    return "\n\n".join(block for block in blocks if block)


def _row(parameter: click.Parameter, operation: AnyOperation) -> tuple[str, str, str]:
    if isinstance(parameter, click.Option):
        names = ", ".join(f"`{name}`" for name in parameter.opts)
        shown = parameter.default if parameter.show_default or parameter.is_flag else None
        many = " May be given several times." if parameter.multiple else ""
        choices = f" One of {_choices(parameter.type)}." if isinstance(parameter.type, click.Choice) else ""
        needed = "required" if parameter.required else ""
        default = "" if shown in (None, False, "") else f"`{shown}`"
        return names, f"{parameter.help or ''}{choices}{many}", needed or default
    required = "required" if parameter.required else ""
    return f"`{parameter.human_readable_name.upper()}`", _argument_help(parameter, operation), required


def _choices(kind: click.Choice[str]) -> str:
    return ", ".join(f"`{each}`" for each in kind.choices)


def _argument_help(parameter: click.Parameter, operation: AnyOperation) -> str:
    """Return the words of the input record: Click keeps none for an argument."""
    return next((str(each.metadata["help"]) for each in fields(operation.input) if each.name == parameter.name), "")
