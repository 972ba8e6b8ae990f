"""The programs that ask a library itself say the same as reading does, for the libraries that are installed."""

from typing import Any

import click
import pytest

from release_harness.steps.evidence.impact.entries import dumps_commands
from release_harness.steps.evidence.impact.entries.click import Click
from release_harness.steps.evidence.impact.link import link_sources

SOURCE = """
import click

@click.group(name="tool")
def cli(): ...

@cli.command()
def create_user(): ...

@cli.group("db")
def database(): ...

@database.command(name="up")
def upgrade(): ...

if __name__ == "__main__":
    cli()
"""


def run(program: str, app: Any) -> list[dict[str, Any]]:
    """Run a program that asks a framework, as the project's interpreter would, and return its rows."""
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102 - the product runs these programs in the interpreter of the project
    found: list[dict[str, Any]] = names["dump"](app)
    return found


def test_click_itself_and_reading_name_the_same_commands() -> None:
    """The difference between the two is evidence only when they agree where nothing is hidden."""
    names: dict[str, Any] = {"__name__": "cli"}
    exec(SOURCE, names)  # noqa: S102 - a fixture
    dumped = {(each["name"], each["handler"]) for each in run(dumps_commands.CLICK, names["cli"])}
    linked = link_sources({"cli.py": SOURCE, "pyproject.toml": '[project.scripts]\ntool = "cli:cli"\n'}, [Click()])
    read = Click().assemble(linked.registrations["Click"], linked.program).entries
    assert dumped == {(each.name, each.handler.replace("cli.py:", "cli:")) for each in read}


@pytest.mark.parametrize("name", ["CLICK", "TYPER", "CELERY", "DRAMATIQ", "HUEY", "APSCHEDULER"])
def test_each_program_is_whole(name: str) -> None:
    """It is sent as text, so nothing but this reads it before a project does."""
    compile(getattr(dumps_commands, name), name, "exec")


def test_a_command_inside_a_flask_application_is_found_through_its_cli() -> None:
    """`app.cli` is where Flask keeps them."""

    class App:
        cli = click.Group("flask", commands={"seed": click.Command("seed", callback=run)})

    assert [each["name"] for each in run(dumps_commands.CLICK, App())] == ["flask seed"]
