"""What is called unmounted blocks a change, so a reference that no adapter understands turns it into an open question."""

from release_harness.steps.evidence.impact.entries.click import Click
from release_harness.steps.evidence.impact.entries.mounting import doubted
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

USERS = "import click\n\n@click.group()\ndef users(): ...\n\n@users.command()\ndef add(): ...\n"


def look(sources: dict[str, str]) -> EntryPoint:
    """Return the only command of these files after the second look at its mounting."""
    adapter = Click()
    linked = link_sources(sources, [adapter])
    found = adapter.assemble(linked.registrations[adapter.name], linked.program)
    (entry,) = found.entries
    return doubted(entry, linked.program, linked.graph([found]))


def test_a_group_that_nothing_mentions_stays_unmounted() -> None:
    """Its own decorators and the tests do not count."""
    test = "from users import users\n\ndef test_users():\n    users()\n"
    assert look({"users.py": USERS, "tests/test_users.py": test}).mounted is False


def test_a_group_that_is_handed_to_something_unknown_is_an_open_question() -> None:
    """A registrar of the repository's own may run it."""
    found = look({"users.py": USERS, "main.py": "from users import users\nimport plugins\n\nplugins.install(users)\n"})
    assert found.mounted is None
    assert found.why_not_mounted.endswith("main.py:4 refers to it")
