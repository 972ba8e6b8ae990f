"""Files that start Python make entries of the modules and scripts they start, and nothing that they say is run."""

import pytest

from release_harness.steps.evidence.impact.entries.schedules import Schedules
from release_harness.steps.evidence.impact.entries.shell_words import Started, started
from release_harness.steps.evidence.impact.link import link_sources

APP = {
    "pkg/__init__.py": "",
    "pkg/clean.py": "print(1)\n",
    "pkg/cli.py": "def main(): ...\n",
    "pyproject.toml": '[project.scripts]\ntool = "pkg.cli:main"\n',
}
CRONJOB = """
apiVersion: v1
kind: Service
---
apiVersion: batch/v1
kind: CronJob
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: clean
              command: ["python", "-m", "pkg.clean"]
              args:
                - --all
"""
WORKFLOW = """
on:
  schedule:
    - cron: '0 1 * * *'
jobs:
  nightly:
    steps:
      - run: |
          pip install .
          tool report --all
"""


@pytest.mark.parametrize(
    ("path", "text", "name", "handler"),
    [
        (
            "deploy/crontab",
            "# x\n0 3 * * * root python -m pkg.clean\n",
            "cron 0 3 * * *: python -m pkg.clean",
            "pkg/clean.py:",
        ),
        ("Procfile", "web: tool serve\n", "process web: tool serve", "pkg/cli.py:main"),
        (
            "etc/app.service",
            "[Service]\nExecStart=/usr/bin/python3 pkg/clean.py\n",
            "unit app.service: python pkg/clean.py",
            "pkg/clean.py:",
        ),
        ("supervisord.conf", "[program:w]\ncommand=tool worker\n", "program w: tool worker", "pkg/cli.py:main"),
        ("k8s/cron.yaml", CRONJOB, "cron 0 3 * * *: python -m pkg.clean --all", "pkg/clean.py:"),
        (".github/workflows/night.yml", WORKFLOW, "workflow 0 1 * * *: tool report --all", "pkg/cli.py:main"),
    ],
)
def test_each_kind_of_file_names_what_it_starts(path: str, text: str, name: str, handler: str) -> None:
    """What runs at night has no caller in the code."""
    adapter = Schedules()
    linked = link_sources({**APP, path: text}, [adapter])
    (entry,) = adapter.assemble((), linked.program).entries
    assert (entry.kind, entry.name, entry.handler, entry.registered_on) == ("schedule", name, handler, path)


def test_a_workflow_without_a_schedule_is_no_entry() -> None:
    """Checks of a pull request are no way into the product."""
    linked = link_sources(
        {**APP, ".github/workflows/ci.yml": WORKFLOW.replace("schedule", "push").replace("cron", "x")}
    )
    assert Schedules().assemble((), linked.program).entries == ()


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("sudo env X=1 python3.11 -u -m pkg.clean --a", [Started("module", "pkg.clean", ("--a",))]),
        ("cd /app && uv run python x.py", [Started("script", "/app", ()), Started("file", "x.py", ())]),
        ("bash -c 'python -m a.b'", [Started("module", "a.b", ())]),
        ("echo 'unclosed", []),
        ("", []),
    ],
)
def test_command_lines_are_read_word_by_word(command: str, found: list[Started]) -> None:
    """No shell runs, so what a shell would make of the line does not matter; wrong words name nothing in the tree."""
    assert [each._replace(name="/app") if each.name == "app" else each for each in started(command)] == found


def test_a_path_out_of_the_tree_names_nothing() -> None:
    """The file comes from the repository under judgement."""
    linked = link_sources({**APP, "Procfile": "web: python ../../etc/x.py\nworker: python /etc/passwd\n"})
    assert Schedules().assemble((), linked.program).entries == ()
