"""Commands of Typer are found under the names that people type."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.typer import Typer
from release_harness.steps.evidence.impact.link import link_sources


def discover(sources: Mapping[str, str]) -> Discovery:
    """Return what the adapter finds in these files."""
    adapter = Typer()
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def names(found: Discovery) -> dict[str, bool | None]:
    """Return the names that were found with whether each is mounted."""
    return {each.name: each.mounted for each in found.entries}


MAIN = """
import typer
from pkg.users import users
app = typer.Typer()
app.add_typer(users, name="users")

@app.callback()
def options(): ...

@app.command()
def run_all(): ...
"""
USERS = "import typer\nusers = typer.Typer()\n\n@users.command('new')\ndef create(): ...\n"
PROJECT = '[project]\nname = "tool"\n[project.scripts]\ntool = "pkg.main:app"\n'


def test_applications_inside_applications_give_whole_names() -> None:
    """What a reviewer reads has to be what users type."""
    found = discover({"pkg/__init__.py": "", "pkg/main.py": MAIN, "pkg/users.py": USERS, "pyproject.toml": PROJECT})
    assert names(found) == {"tool run-all": True, "tool users new": True}
    assert {each.symbol for each in found.around} == {"pkg/main.py:options"}


def test_an_application_that_is_not_added_is_not_mounted() -> None:
    """The classic half-plugged-in command."""
    main = MAIN.replace('app.add_typer(users, name="users")', "")
    found = discover({"pkg/__init__.py": "", "pkg/main.py": main, "pkg/users.py": USERS, "pyproject.toml": PROJECT})
    assert names(found) == {"tool run-all": True, "new": False}


def test_an_application_with_one_command_has_no_name_for_it() -> None:
    """Typer runs the only command directly."""
    main = "import typer\napp = typer.Typer()\n\n@app.command()\ndef main(): ...\n"
    project = PROJECT.replace("pkg.main:app", "single:app")
    assert names(discover({"single.py": main, "pyproject.toml": project})) == {"tool": True}


def test_a_function_given_to_typer_run_is_a_command() -> None:
    """The shortest way to a command line has no application at all."""
    main = "import typer\n\ndef main(name: str): ...\n\nif __name__ == '__main__':\n    typer.run(main)\n"
    (entry,) = discover({"main.py": main}).entries
    assert (entry.name, entry.handler, entry.mounted) == ("python main.py", "main.py:main", True)


def test_a_callback_of_another_library_is_no_command() -> None:
    """Dash has callbacks of the same name."""
    dash = "import dash\napp = dash.Dash()\n\n@app.callback()\ndef update(): ...\n"
    assert discover({"app.py": dash}).entries == ()


def test_commands_registered_on_a_parameter_are_not_called_unmounted() -> None:
    """A file of commands often offers `register(app)`; who passes which application is not followed."""
    source = """
import typer
inner = typer.Typer()

def register(app: typer.Typer):
    @app.command()
    def up(): ...

    @inner.command("down")
    def go_down(): ...

    app.add_typer(inner, name="inner")
"""
    assert names(discover({"commands.py": source})) == {"up": True, "inner down": True}
