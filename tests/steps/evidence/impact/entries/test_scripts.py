"""Functions that packaging or the interpreter starts are entry points, whatever form the packaging has."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.entries.argparse import Argparse
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.scripts import Scripts
from release_harness.steps.evidence.impact.link import link_sources

MAIN = {"pkg/__init__.py": "", "pkg/main.py": "def main(): ...\n"}


def discover(sources: Mapping[str, str]) -> Discovery:
    """Return what the adapter finds in these files."""
    adapter = Scripts()
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def names(sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return name and handler of every script, in order."""
    return sorted((each.name, each.handler) for each in discover(sources).entries)


def test_every_form_of_packaging_names_the_same_script() -> None:
    """A project may use any of five ways to say it."""
    said = {
        "pyproject.toml": '[project.scripts]\nrun = "pkg.main:main"\n',
        "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    run = pkg.main:main\n",
        "setup.py": "from setuptools import setup\nsetup(entry_points={'console_scripts': ['run = pkg.main:main']})\n",
    }
    for path, text in said.items():
        assert ("run", "pkg/main.py:main") in names({**MAIN, path: text}), path
    poetry = '[tool.poetry.scripts]\nrun = { reference = "pkg.main:main", type = "console" }\n'
    assert names({**MAIN, "pyproject.toml": poetry}) == [("run", "pkg/main.py:main")]


def test_a_plugin_of_another_program_is_a_hook() -> None:
    """Entry points of other groups are called by the program that they extend."""
    project = '[project.entry-points."pytest11"]\nmine = "pkg.main:main"\n'
    (entry,) = discover({**MAIN, "pyproject.toml": project}).entries
    assert (entry.kind, entry.name) == ("hook", "pytest11: mine")


def test_a_script_whose_function_is_gone_makes_the_answer_not_whole() -> None:
    """A renamed main with a stale pyproject breaks for users at start, and only there."""
    found = discover({**MAIN, "pyproject.toml": '[project.scripts]\nrun = "pkg.main:old_main"\n'})
    assert found.entries == ()
    assert found.unknown == ("pyproject.toml names pkg.main:old_main as run, which does not resolve",)


def test_a_script_of_an_installed_library_is_no_fault() -> None:
    """Some projects re-export the script of a dependency."""
    found = discover({**MAIN, "pyproject.toml": '[project.scripts]\nrun = "gunicorn.app:run"\n'})
    assert (found.entries, found.unknown) == ((), ())


def test_modules_that_run_by_themselves_are_entries() -> None:
    """`python -m package` and `python file.py` are ways in without any packaging."""
    sources = {
        **MAIN,
        "pkg/__main__.py": "from pkg.main import main\nmain()\n",
        "fix.py": "def go(): ...\n\nif __name__ == '__main__':\n    go()\n",
    }
    assert names(sources) == [
        ("python -m pkg", "pkg/__main__.py:"),
        ("python fix.py", "fix.py:"),
    ]


def test_a_script_that_hands_over_to_a_group_is_no_entry_of_its_own() -> None:
    """Its commands are the entries; the script would be affected by every change to any of them."""
    sources = {
        "cli.py": "import click\n\n@click.group()\ndef cli(): ...\n",
        "run.py": "from cli import cli\nif __name__ == '__main__':\n    cli()\n",
        "manage.py": "from django.core.management import execute_from_command_line\nif __name__ == '__main__':\n    execute_from_command_line([])\n",
    }
    assert names(sources) == []


def test_a_test_that_runs_itself_is_no_entry() -> None:
    """`unittest.main()` at the end of a test is no way into the product."""
    test = "import unittest\nif __name__ == '__main__':\n    unittest.main()\n"
    assert names({"tests/test_x.py": test}) == []


def test_hostile_packaging_gives_nothing_and_does_not_fail() -> None:
    """The text comes from the repository under judgement: broken, nested without end, or with values of other types."""
    for text in (
        "[" * 5000,
        "a = " + "[" * 5000,
        "\x00",
        "[project]\nscripts = 3\n",
        '[project.scripts]\nx = ["a:b"]\n',
    ):
        assert names({**MAIN, "pyproject.toml": text}) == []
    for text in ("[options.entry_points\n", "[a]\n%(x)s\n", "[options.entry_points]\nconsole_scripts = %(home)s\n"):
        assert names({**MAIN, "setup.cfg": text}) == []


def test_subcommands_of_argparse_carry_the_name_of_their_parser() -> None:
    """`set_defaults(func=…)` is how argparse dispatches."""
    cli = """
import argparse

def add(args): ...
def remove(args): ...

def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    adding = commands.add_parser("add")
    adding.set_defaults(func=add)
    removing = commands.add_parser("rm")
    removing.set_defaults(func=remove)
    args = parser.parse_args()
    args.func(args)
"""
    adapter = Argparse()
    project = '[project.scripts]\ntool = "cli:main"\n'
    linked = link_sources({"cli.py": cli, "pyproject.toml": project}, [adapter])
    found = adapter.assemble(linked.registrations[adapter.name], linked.program)
    assert [(each.name, each.handler) for each in found.entries] == [
        ("tool add", "cli.py:add"),
        ("tool rm", "cli.py:remove"),
    ]
