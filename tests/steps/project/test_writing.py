"""What rh writes, rh reads back as the same; nothing from a repository can break out of a comment or a quote."""

import dataclasses
from datetime import timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.adapters.policy_file.yaml_tree import read_yaml
from release_harness.kernel.records import Plain
from release_harness.kernel.time import parse_duration
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.policy.model import Agent, Person, Team
from release_harness.steps.project.model import Committer, HistoryFacts
from release_harness.steps.project.model.init import PresentRules, RepositoryFacts
from release_harness.steps.project.rules.policy_plain import plain_duration
from release_harness.steps.project.rules.policy_writing import write_policy
from release_harness.steps.project.rules.project_writing import write_project
from release_harness.steps.project.rules.proposals import propose
from release_harness.steps.project.rules.yaml_writing import comment, write_entry, write_value

# Drawn repositories, written and read back: up to two seconds a property.
pytestmark = pytest.mark.slow

_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _TEXT | st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


def _facts(*paths: str, committers: tuple[Committer, ...] = (), branch: str = "main") -> RepositoryFacts:
    history = HistoryFacts(
        default_branch=branch, committers=committers, commits_count=sum(c.commits_count for c in committers)
    )
    return RepositoryFacts(paths=paths, manifests=(), history=history)


@given(_VALUES)
def test_every_value_is_read_back_as_it_was(value: Plain) -> None:
    """Names of people and paths hold quotes, colons, hashes and other scripts; none may change what the file says."""
    assert yaml.safe_load(f"k: {write_value(value)}") == {"k": value}
    assert read_yaml(f"k: {write_value(value)}".encode(), "x").value == {"k": value}


@given(st.lists(_TEXT, min_size=5, max_size=40))
def test_a_long_list_is_read_back_as_it_was(items: list[str]) -> None:
    """Lists of paths are spread over lines."""
    lines = write_entry("paths", [*items], 4)
    assert yaml.safe_load("a:\n" + "\n".join(lines)) == {"a": {"paths": items}}


@given(st.text(max_size=200))
def test_prose_stays_a_comment(text: str) -> None:
    """A branch or a person whose name holds a line break must not write a rule."""
    lines = comment(text)
    assert all(line.lstrip().startswith("#") and line.isprintable() for line in lines)
    assert yaml.safe_load("\n".join(lines)) is None


@given(st.timedeltas(timedelta(milliseconds=1), timedelta(days=4000)))
def test_a_duration_is_read_back_as_it_was(length: timedelta) -> None:
    """`24h` may come back as `1d`, and never as anything else."""
    whole = timedelta(milliseconds=length // timedelta(milliseconds=1))
    if whole:
        assert parse_duration(plain_duration(whole)) == whole


def test_the_written_policy_is_the_built_in_one() -> None:
    """`rh init` changes nothing by itself: only break-glass waits for somebody who has the role."""
    text = write_policy(propose(_facts("src/a.py"), PresentRules()))
    read = PolicyFileReader().read_policy(text.encode(), "p")
    assert read == dataclasses.replace(DEFAULT_POLICY, break_glass=None)
    assert policy_digest(read) == policy_digest(dataclasses.replace(DEFAULT_POLICY, break_glass=None))


def test_people_that_somebody_confirmed_are_kept() -> None:
    """Overwriting the file must not lose who may approve."""
    people = (
        Person(
            id="ana",
            name="Ana: #1",
            emails=("ana@x.org",),
            logins=("ana",),
            keys=("ssh-ed25519 " + "A" * 40,),
            roles=("oncall",),
        ),
        Person(id="bo", emails=("bo@x.org",)),
    )
    present = dataclasses.replace(
        DEFAULT_POLICY,
        people=people,
        agents=(Agent(id="ci-bot", names=("CI",)),),
        teams=(Team(id="acme/core", members=("ana",)),),
    )
    text = write_policy(propose(_facts("src/a.py"), PresentRules(policy=present)))
    assert PolicyFileReader().read_policy(text.encode(), "p") == present


@settings(max_examples=60)
@given(
    st.lists(_TEXT.filter(bool), max_size=6),
    st.lists(st.tuples(_TEXT, _TEXT), max_size=5),
    st.sampled_from(["main", "feature/x", "1", "true", "été"]),
)
def test_whatever_a_repository_holds_the_files_can_be_read(
    paths: list[str], people: list[tuple[str, str]], branch: str
) -> None:
    """Paths and names come from strangers; the proposed files must stay sound."""
    odd = tuple(f"src/migrations/{path}/auth.py" for path in paths)
    committers = tuple(Committer(name=name, email=f"{mail}@x.org", commits_count=1) for name, mail in people)
    proposal = propose(_facts(*odd, committers=committers, branch=branch), PresentRules())
    PolicyFileReader().read_policy(write_policy(proposal).encode(), "p")
    assert PolicyFileReader().read_project(write_project(proposal).encode(), "p").default_branch == branch
