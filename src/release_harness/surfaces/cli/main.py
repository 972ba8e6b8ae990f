"""The `rh` program: finds the operation that is meant, imports only what it needs, and runs it."""

import difflib
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from release_harness import __version__
from release_harness.kernel.errors import HarnessError, InputError, NotFound
from release_harness.kernel.operations import AnyOperation
from release_harness.surfaces.cli.command import EXIT_HELP, command_of, print_error
from release_harness.surfaces.cli.progress import progress_for_this_process
from release_harness.surfaces.error_map import Exit, from_exception

Modules = Mapping[str, Sequence[str]]
ListOperations = Callable[[str], Sequence[AnyOperation]]

_SUMMARIES = {
    "init": "Look at the repository and write its policy and project file.",
    "policy": "Check, explain, test and lint the policy.",
    "brief": "Write and check the one-page brief of a piece of work.",
    "change": "Show the facts of a change.",
    "evidence": "Compute, collect, list and verify evidence.",
    "impact": "Say what a change really touches, and by which way.",
    "entries": "List where the outside world comes in.",
    "check": "Judge a change: its card, its tier, and what it still needs.",
    "why": "Show the verdict tree: what was seen and what was wanted.",
    "card": "Print the release card of a change.",
    "approve": "Approve exactly this content.",
    "reject": "Reject exactly this content.",
    "review": "See what waits for whom.",
    "break-glass": "Go past named rules in an emergency: signed, reasoned, expiring.",
    "land": "Land a change as an exactly-tested tree.",
    "queue": "Land many changes in their order, tested together and told apart.",
    "ledger": "Read, verify, prove and export what happened.",
    "retro": "See what the history of a branch can and cannot answer.",
}
"""Said by `rh --help`, which imports no step."""

_HELP = f"""Take a change from a one-page goal to production, with evidence computed from the change.

Start with `rh check`: it says what the change on your branch still needs, and why.

{EXIT_HELP}"""


class OperationGroup(click.Group):
    """A group whose commands come from the operation list and are imported when they are asked for."""

    def __init__(self, modules: Modules, listed: ListOperations, open_application: Callable[[], Any]) -> None:
        """`modules` maps the first word of a command to the modules that list its operations."""
        super().__init__("rh", help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
        self._modules = modules
        self._listed = listed
        self._open = open_application

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the first words in the order of the way to production."""
        del ctx
        return list(self._modules)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, _SUMMARIES.get(name, "")) for name in self._modules])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one operations module and build its commands."""
        if cmd_name not in self._modules:
            near = difflib.get_close_matches(cmd_name, self._modules, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            message = f"No such command {cmd_name!r}.{meant}"
            raise click.UsageError(message, ctx)
        every = [each for module in self._modules[cmd_name] for each in self._listed(module)]
        listed = [each for each in every if each.name.split(" ")[0] == cmd_name]
        if len(listed) == 1 and listed[0].name == cmd_name:
            return command_of(listed[0], self._open)
        commands = {each.name.split(" ", 1)[1]: command_of(each, self._open) for each in listed}
        return click.Group(cmd_name, commands=commands, help=_SUMMARIES.get(cmd_name, ""))


def run(
    arguments: Sequence[str],
    modules: Modules,
    listed: ListOperations,
    application: Callable[[Path, Mapping[str, str], Any], Any],
    start: Path,
    environment: Mapping[str, str],
) -> None:
    """Run one command line and exit with its code."""
    wanted = "json" if _asks_for_json(arguments) else "text"
    try:
        folder, rest = _take_folder(list(arguments), start)
        group = OperationGroup(modules, listed, lambda: application(folder, environment, progress_for_this_process()))
        click.version_option(__version__, prog_name="rh", message="%(prog)s %(version)s")(group)
        group.params.append(_folder_option())
        sys.exit(group.main(args=rest, prog_name="rh", standalone_mode=False) or Exit.DONE)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(Exit.USAGE)
    except click.ClickException as error:
        sys.exit(print_error(_usage_error(error), wanted))
    except HarnessError as error:
        sys.exit(print_error(error, wanted))
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted; run the same command again to go on\n")
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:
        if environment.get("RH_DEBUG"):
            raise
        sys.exit(print_error(from_exception(error), wanted))


def _take_folder(arguments: list[str], start: Path) -> tuple[Path, list[str]]:
    """Take leading `-C FOLDER` options off, as git does, since they decide where everything else is looked for."""
    folder = start
    while len(arguments) > 1 and arguments[0] == "-C":
        folder = folder / arguments[1]
        arguments = arguments[2:]
    if not folder.is_dir():
        raise NotFound(
            code="FOLDER_MISSING", says=f"{folder} is not a folder.", hint="Give an existing folder with -C."
        )
    return folder.resolve(), arguments


def _folder_option() -> click.Option:
    return click.Option(["-C", "folder"], metavar="FOLDER", expose_value=False, help="Run as if started in FOLDER.")


def _asks_for_json(arguments: Sequence[str]) -> bool:
    pairs = itertools.pairwise(arguments)
    return "--format=json" in arguments or ("--format", "json") in pairs


def _usage_error(error: click.ClickException) -> HarnessError:
    place = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "rh"
    return InputError(code="USAGE", says=error.format_message(), hint=f"See `{place} --help`.")
