"""Commands of Click are found under the names that people type, and a group that nothing runs is said to be so."""

from collections.abc import Mapping

import pytest

from release_harness.steps.evidence.impact.entries.click import Click
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.link import link_sources


def discover(sources: Mapping[str, str]) -> Discovery:
    """Return what the adapter finds in these files."""
    adapter = Click()
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def names(found: Discovery) -> dict[str, bool | None]:
    """Return the names that were found with whether each is mounted."""
    return {each.name: each.mounted for each in found.entries}


CLI = """
import click

@click.group()
def cli(): ...

@cli.command()
def create_user(): ...

@cli.group("db")
def database(): ...

@database.command(name="up")
def upgrade(): ...
"""
USERS = "import click\n\n@click.group()\ndef users(): ...\n\n@users.command()\ndef add(): ...\n"
SCRIPTS = '[project]\nname = "tool"\n[project.scripts]\ntool = "pkg.cli:cli"\n'


def test_commands_of_a_console_script_carry_its_name() -> None:
    """What a reviewer reads has to be what users type."""
    found = discover({"pkg/__init__.py": "", "pkg/cli.py": CLI, "pyproject.toml": SCRIPTS})
    assert names(found) == {"tool create-user": True, "tool db up": True}
    assert {each.handler for each in found.entries} == {"pkg/cli.py:create_user", "pkg/cli.py:upgrade"}


def test_the_function_of_a_group_stands_around_its_commands() -> None:
    """A group's function runs before each of its commands and must not be told once for each."""
    found = discover({"pkg/__init__.py": "", "pkg/cli.py": CLI, "pyproject.toml": SCRIPTS})
    around = {each.symbol: each.entries for each in found.around}
    assert around["pkg/cli.py:cli"] == frozenset({"cli tool create-user", "cli tool db up"})
    assert around["pkg/cli.py:database"] == frozenset({"cli tool db up"})


def test_a_group_that_nothing_runs_is_not_mounted() -> None:
    """A command on a group that no script, call or other group reaches cannot be used by anybody."""
    found = discover({"pkg/__init__.py": "", "pkg/cli.py": CLI})
    assert names(found) == {"cli create-user": False, "cli db up": False}
    assert "nothing runs" in found.entries[0].why_not_mounted


def test_a_group_that_only_a_test_runs_is_not_mounted() -> None:
    """A test that runs a group does not give it to users."""
    test = "import click\nfrom pkg.cli import cli\n\ndef test_it():\n    cli()\n"
    found = discover({"pkg/__init__.py": "", "pkg/cli.py": CLI, "tests/test_cli.py": test})
    assert set(names(found).values()) == {False}


def test_a_subgroup_of_another_file_is_mounted_by_add_command() -> None:
    """Large command lines are put together in one file from groups of others."""
    users = "import click\n\n@click.group()\ndef users(): ...\n\n@users.command()\ndef add(): ...\n"
    extra = "import click\n\n@click.command()\ndef one(): ...\n\n@click.command('second')\ndef two(): ...\n"
    main = """
import click
from pkg.users import users
from pkg import extra

@click.group()
def main(): ...

main.add_command(users, "people")
for each in (extra.one, extra.two):
    main.add_command(each)

if __name__ == "__main__":
    main()
"""
    found = discover({"pkg/__init__.py": "", "pkg/users.py": users, "pkg/extra.py": extra, "pkg/main.py": main})
    assert names(found) == {
        "python pkg/main.py people add": True,
        "python pkg/main.py one": True,
        "python pkg/main.py second": True,
    }


def test_taking_the_line_that_adds_a_group_away_is_seen() -> None:
    """The fault that this adapter exists for: the command is written, the group is not added."""
    users = "import click\n\n@click.group()\ndef users(): ...\n\n@users.command()\ndef add(): ...\n"
    main = "import click\n\n@click.group()\ndef main(): ...\n\n@main.command()\ndef run(): ...\n\nif __name__ == '__main__':\n    main()\n"
    found = discover({"pkg/users.py": users, "pkg/main.py": main})
    assert names(found) == {"users add": False, "python pkg/main.py run": True}


def test_commands_of_flask_are_run_by_flask() -> None:
    """`flask NAME` runs whatever hangs on `app.cli` or on a blueprint."""
    app = """
from flask import Flask, Blueprint
from flask.cli import AppGroup, with_appcontext
app = Flask(__name__)
bp = Blueprint("bp", __name__)
users = AppGroup("users")

@users.command("create")
def create(): ...

@app.cli.command("seed")
@with_appcontext
def seed(): ...

@bp.cli.command("clean")
def clean(): ...

app.cli.add_command(users)
"""
    assert names(discover({"app.py": app})) == {"users create": True, "seed": True, "clean": True}


def test_an_app_group_that_is_not_added_is_not_mounted() -> None:
    """The group exists as a variable only."""
    app = "from flask.cli import AppGroup\nusers = AppGroup('users')\n\n@users.command('create')\ndef create(): ...\n"
    assert names(discover({"app.py": app})) == {"users create": False}


def test_a_lazy_group_that_names_its_commands_in_texts_mounts_them() -> None:
    """Start-up time is saved by naming commands as texts; they are mounted all the same."""
    main = """
import click
class Lazy(click.Group):
    def get_command(self, context, name): ...

@click.group(cls=Lazy, commands_by_name={"sync": "pkg.sync.sync"})
def main(): ...
"""
    sync = "import click\n\n@click.command()\ndef sync(): ...\n"
    found = discover({"pkg/__init__.py": "", "pkg/main.py": main, "pkg/sync.py": sync})
    assert names(found) == {"sync": True}


def test_a_group_that_searches_modules_leaves_the_answer_open() -> None:
    """Nobody can tell from reading which files such a group loads, so nothing may be called unmounted."""
    main = "import click\nclass Plugins(click.MultiCommand):\n    def get_command(self, context, name):\n        return load(name)\n"
    sync = "import click\n\n@click.command()\ndef sync(): ...\n"
    assert names(discover({"main.py": main, "sync.py": sync})) == {"sync": None}


def test_a_decorator_of_the_same_name_from_another_library_is_no_command() -> None:
    """Chat bots have commands too; they are not typed into a shell."""
    bot = "from discord.ext import commands\nbot = commands.Bot()\n\n@bot.command()\nasync def ping(ctx): ...\n"
    assert discover({"bot.py": bot}).entries == ()


def test_a_decorator_that_guards_a_command_is_its_guard() -> None:
    """A check that is taken off a dangerous command has to be seen."""
    cli = """
import click
from auth import require_admin

@click.command()
@require_admin
def wipe(): ...

if __name__ == "__main__":
    wipe()
"""
    (entry,) = discover({"cli.py": cli, "auth.py": "def require_admin(f): ...\n"}).entries
    assert [each.name for each in entry.guards] == ["require_admin"]


@pytest.mark.parametrize(
    "adds",
    [
        "from click import Group\n\nclass Core(Plugin):\n    def on_init(self, cli: Group):\n        cli.add_command(GIVEN)\n",
        "import click\n\ndef make():\n    group = click.Group()\n    group.add_command(GIVEN)\n    return group\n",
        "from own import Tree\n\ndef fill(tree: Tree):\n    tree.add_command(GIVEN)\n",
    ],
    ids=["typed parameter", "local", "own class"],
)
def test_what_is_added_to_a_group_that_reading_cannot_follow_may_be_run(adds: str) -> None:
    """Whoever hands in the group may run it, so nothing is proven; without that line the group hangs nowhere."""
    own = "import click\n\nclass Tree(click.Group): ...\n"
    held = f"from users import users\n{adds}"
    found = discover({"users.py": USERS, "own.py": own, "core.py": held.replace("GIVEN", "users")})
    assert list(names(found).values()) == [None]

    kept = "\n".join(each.replace(each.strip(), "pass") if "GIVEN" in each else each for each in held.split("\n"))
    assert names(discover({"users.py": USERS, "own.py": own, "core.py": kept})) == {"users add": False}
