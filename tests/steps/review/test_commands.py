"""The commands as people type them: exit codes, forms, and what is loaded."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result
from review_bench import Bench

from release_harness.app import operations_of
from release_harness.surfaces.cli.command import command_of

pytestmark = pytest.mark.slow  # each test builds a repository and runs whole commands


def run(bench: Bench, name: str, *arguments: str, who: str = "bo@example.org") -> Result:
    """Run one operation as its command, as somebody."""
    listed = operations_of("release_harness.steps.review.operations")
    operation = next(each for each in listed if each.name == name)
    return CliRunner().invoke(command_of(operation, lambda: bench.app(who)), list(arguments))


def test_exit_codes_tell_pass_fail_and_unknown_apart(bench: Bench) -> None:
    """Scripts and pipelines read nothing else."""
    assert run(bench, "check", "topic").exit_code == 3
    assert run(bench, "approve", "topic", "--key", bench.keys.file("bo")).exit_code == 0
    assert run(bench, "check", "topic").exit_code == 0
    assert run(bench, "reject", "topic", who="clara@example.org").exit_code == 0
    assert run(bench, "check", "topic").exit_code == 1
    assert run(bench, "check", "no-such-branch").exit_code == 2
    assert run(bench, "check", "main..main").exit_code == 3


def test_an_answer_that_does_not_count_is_no_success(bench: Bench) -> None:
    """A script that goes on after `rh approve` must not take it for an approval."""
    result = run(bench, "approve", "topic", who="ana@example.org")
    assert result.exit_code == 3
    assert "It does NOT count" in result.output


def test_what_rh_refuses_it_says_with_a_code_and_a_hint(bench: Bench) -> None:
    """Nobody sees a traceback for a mistake of theirs."""
    result = run(bench, "approve", "topic", "--key", "x", "--unsigned")
    assert result.exit_code == 2
    result = run(bench, "approve", "topic", who="eve@example.net")
    assert result.exit_code == 1
    assert "error[PERSON_UNKNOWN]" in result.output
    assert "hint:" in result.output


@pytest.mark.parametrize("name", ["check", "why", "card", "policy explain", "review queue"])
def test_every_reading_command_has_a_json_form_with_its_schema_first(bench: Bench, name: str) -> None:
    """Agents read JSON; the first key says which contract it is."""
    arguments = [] if name == "review queue" else ["topic"]
    result = run(bench, name, *arguments, "--format", "json")
    answer = json.loads(result.stdout)
    assert next(iter(answer)) == "schema"
    assert answer["schema"].startswith("rh.")


def test_check_loads_no_database_and_no_event_loop(bench: Bench) -> None:
    """Half of the time of a naive `rh check` would be imports of what it does not need."""
    program = (
        "import sys\n"
        "from release_harness.__main__ import main\n"
        "sys.argv = ['rh', 'check', 'topic', '--format', 'json']\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    heavy = {'sqlalchemy', 'alembic', 'asyncio', 'pydantic', 'cryptography', 'securesystemslib', 'rich', 'numpy', 'multiprocessing'}\n"
        "    sys.stderr.write('HEAVY ' + ' '.join(sorted(heavy & set(sys.modules))))\n"
    )
    environment = dict(bench.app().environment) | {"PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=bench.repository.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 3, finished.stderr
    assert finished.stderr.endswith("HEAVY ")
    assert {each.name for each in (bench.repository.path / ".git" / "rh").glob("*")} <= {"cache"}
