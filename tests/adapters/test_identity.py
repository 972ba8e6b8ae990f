"""Who runs a command, as far as its environment tells."""

from pathlib import Path

import pytest

from release_harness.adapters.identity import AGENT_VARIABLES, find_agent, read_actor
from release_harness.kernel.identity import ActorKind


@pytest.mark.parametrize("variable", sorted(AGENT_VARIABLES))
def test_every_known_agent_variable_makes_an_agent(variable: str, tmp_path: Path) -> None:
    """An agent with a person's login is still an agent, whatever RH_ACTOR says."""
    actor = read_actor({variable: "1", "RH_ACTOR": "Bo <bo@example.org>"}, tmp_path)
    assert actor.kind is ActorKind.AGENT
    assert actor.on_behalf_of == "bo@example.org"


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_a_variable_that_is_switched_off_makes_no_agent(value: str) -> None:
    """A person who exports CLAUDECODE=0 is not turned away."""
    assert find_agent({"CLAUDECODE": value}) == ""


@pytest.mark.parametrize("variable", ["CURSOR_TRACE_ID", "CODEX_HOME", "TERM_PROGRAM"])
def test_variables_that_people_have_too_make_no_agent(variable: str) -> None:
    """Editors set these for a person's own terminal."""
    assert find_agent({variable: "x"}) == ""


def test_the_shared_variable_counts_only_with_a_known_value() -> None:
    """AGENT is used by many programs; only the names of agents count."""
    assert find_agent({"AGENT": "goose"}) == "goose"
    assert find_agent({"AGENT": "ssh"}) == ""


@pytest.mark.parametrize(
    ("text", "identity", "name", "email"),
    [
        ("bo", "bo", "bo", ""),
        ("Bo@Example.org", "bo@example.org", "", "bo@example.org"),
        ("Bo Reviewer <Bo@example.org>", "bo@example.org", "Bo Reviewer", "bo@example.org"),
    ],
)
def test_rh_actor_may_be_an_id_an_address_or_both(
    text: str, identity: str, name: str, email: str, tmp_path: Path
) -> None:
    """People name themselves the way they know; the kind stays unknown until a policy knows them."""
    actor = read_actor({"RH_ACTOR": text}, tmp_path)
    assert (actor.kind, actor.id, actor.name, actor.email) == (ActorKind.UNKNOWN, identity, name, email)


def test_without_rh_actor_git_says_who_it_is(tmp_path: Path) -> None:
    """Nothing has to be set up on a developer's machine."""
    config = tmp_path / "config"
    config.write_text("[user]\n\tname = Ana Author\n\temail = Ana@example.org\n")
    environment = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    actor = read_actor(environment, tmp_path)
    assert (actor.id, actor.name, actor.email) == ("ana@example.org", "Ana Author", "ana@example.org")


def test_nobody_is_unknown(tmp_path: Path) -> None:
    """No identity at all is a value, not a crash."""
    environment = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    assert read_actor(environment, tmp_path).id == "unknown"
