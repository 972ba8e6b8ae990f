"""The two commands over a real repository, as a person runs them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from release_harness.testing.git_repository import GitRepository
from release_harness.testing.past import made_up_history, write_commit

SLOW = pytest.mark.slow
STRICT = """\
version: 1
tiers: [low, high]
default_tier: high
lower:
  - { id: docs, only: ["docs/**"], to: low }
require:
  low: { evidence: [tests], approvals: [] }
  high: { inherit: low, approvals: [{ humans: 1 }] }
evidence:
  tests: { predicate: test-result/v0.1, bind: result_tree, when: { fact: tests.failed_count, eq: 0 } }
people: { ana: { emails: [ana@example.org] }, bo: { emails: [bo@example.org] } }
"""
RAISING = STRICT.replace("default_tier: high", "default_tier: low").replace(
    'lower:\n  - { id: docs, only: ["docs/**"], to: low }',
    "raise:\n  - { id: hot, when: { fact: risk.recently_reverted, eq: true }, tier: high }",
)
LOOSE = STRICT.replace('["docs/**"]', '["docs/**", "src/checkout.py"]')


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """A made-up history of 600 landings."""
    made = GitRepository.create(tmp_path_factory.mktemp("past") / "repository")
    made.git("fast-import", "--quiet", stdin=made_up_history())
    made.git("reset", "--quiet", "--hard", "main")
    return made


def rh(repository: GitRepository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(repository.path.parent), "COLUMNS": "80", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "release_harness", *arguments]
    return subprocess.run(command, cwd=repository.path, env=environment, capture_output=True, text=True, check=False)


def asked(repository: GitRepository, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command and read its JSON."""
    done = rh(repository, *arguments, "--format", "json")
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


@SLOW
def test_a_backtest_says_what_the_built_in_policy_would_have_let_through(repository: GitRepository) -> None:
    """Documentation was never taken back here, so an auto tier of documentation is supported. Slow: it walks a history."""
    code, answer = asked(repository, "backtest", "--policy", "built-in")
    assert (code, answer["schema"], answer["outcome"]) == (0, "rh.backtest/1", "pass")
    (policy,) = answer["policies"]
    assert {each["tier"]: each["level"] for each in policy["tiers"]}["low"] == "auto"
    assert policy["auto_share"] > 0.25
    assert policy["escaped_share"] == 0.0
    assert policy["risk_ratio"]["high"] < 0.8
    assert answer["score"]["escaped"][1]["value"] < 0.1
    assert [each["name"] for each in answer["baselines"]] == [
        "local",
        "cross",
        "size",
        "added",
        "docs",
        "rule",
        "random",
    ]
    assert any("Git alone cannot see" in each for each in answer["limits"])


@SLOW
def test_the_same_history_gives_the_same_answer(repository: GitRepository) -> None:
    """Figures that change from run to run convince nobody; cached and fresh must agree too. Slow: it walks a history twice."""
    _code, first = asked(repository, "backtest", "--policy", "built-in")
    for piece in (repository.path / ".git" / "rh" / "cache" / "risk").iterdir():
        piece.unlink()
    _code, again = asked(repository, "backtest", "--policy", "built-in")
    assert again == first


@SLOW
def test_a_narrow_terminal_holds_the_page(repository: GitRepository) -> None:
    """People look at this over a shared screen. Slow: it walks a history."""
    done = rh(repository, "backtest", "--policy", "built-in")
    assert done.returncode == 0
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "Git alone cannot see what a reviewer caught" in done.stdout
    assert "positives by quarter" in done.stdout


@SLOW
def test_plots_are_whole_pictures(repository: GitRepository, tmp_path: Path) -> None:
    """Whoever puts them on a page needs valid XML. Slow: it walks a history."""
    _code, answer = asked(repository, "backtest", "--svg", str(tmp_path))
    assert sorted(Path(each).name for each in answer["plots"]) == ["calibration.svg", "escaped.svg", "quarters.svg"]
    for each in answer["plots"]:
        assert ET.parse(each).getroot().tag.endswith("svg")  # noqa: S314 - our own file


@SLOW
def test_too_few_reverts_are_said_to_be_too_few(tmp_path: Path) -> None:
    """Without reverts nothing escapes, and that proves nothing. Slow: it walks a history."""
    small = GitRepository.create(tmp_path / "small")
    for number in range(3):
        small.commit({"a.py": f"{number}\n"}, f"change {number}")
    code, answer = asked(small, "backtest")
    assert (code, answer["outcome"], answer["score"]) == (3, "unknown", None)
    assert answer["says"].startswith("An auto tier is not supported by this history: 0 positives are too few")
    assert rh(small, "backtest").returncode == 3


@SLOW
def test_a_label_that_does_not_exist_is_a_mistake_of_the_user(repository: GitRepository) -> None:
    """A typo must not silently mean reverts. Slow: it starts the command."""
    done = rh(repository, "backtest", "--label", "bugs")
    assert done.returncode == 2
    assert "--label reverts" in done.stderr
    assert rh(repository, "backtest", "--since", "lately").returncode == 2
    assert rh(repository, "backtest", "--policy", "no-such-file").returncode == 2


@SLOW
def test_a_policy_difference_names_what_moves_and_what_was_reverted(repository: GitRepository) -> None:
    """Before a policy is loosened, the reverts that it would have let through have names. Slow: it walks a history."""
    (repository.path / "strict.yaml").write_text(STRICT)
    (repository.path / "loose.yaml").write_text(LOOSE)
    code, same = asked(repository, "policy", "diff", "strict.yaml", "strict.yaml")
    assert (code, same["moved"]) == (0, [])
    _code, found = asked(repository, "policy", "diff", "strict.yaml", "loose.yaml")
    assert found["landings_count"] == 600
    assert found["moves"] == [
        {
            "old_tier": "high",
            "new_tier": "low",
            "landings_count": found["loosened_count"],
            "reverted_count": found["reverted_count"],
        }
    ]
    assert found["loosened_reverted_count"] == found["reverted_count"] > 20
    first = found["moved"][0]
    assert (first["old_level"], first["new_level"], first["loosened"]) == ("light", "auto", True)
    assert first["reverted_by"]
    assert first["reverted_after_seconds"] == 2 * 86_400
    _code, back = asked(repository, "policy", "diff", "loose.yaml", "strict.yaml", "--since", "2025-Q1")
    assert back["tightened_count"] == len(back["moved"]) < found["loosened_count"]
    assert back["loosened_count"] == 0


@SLOW
def test_a_policy_that_lets_the_reverted_ones_through_is_not_supported(repository: GitRepository) -> None:
    """This is what a backtest is for: to say no before anybody is hurt. Slow: it walks a history."""
    (repository.path / "loose.yaml").write_text(LOOSE)
    code, answer = asked(repository, "backtest", "--policy", "loose.yaml", "--policy", "built-in")
    assert (code, answer["outcome"]) == (1, "fail")
    loose, built_in = answer["policies"]
    assert loose["escaped_share"] == 1.0
    assert loose["risk_ratio"]["value"] > 1.0
    assert "not supported by this history" in loose["says"]
    assert built_in["outcome"] == "pass"
    assert "loose.yaml" in answer["says"]


@SLOW
def test_a_check_knows_the_neighbourhood_after_a_backtest(tmp_path: Path) -> None:
    """The facts of risk come from the cache that a backtest leaves; before it they are unknown. Slow: it walks a history."""
    made = GitRepository.create(tmp_path / "repository")
    days_ago = [int(time.time()) - number * 86_400 for number in range(8, 0, -1)]
    made.git(
        "fast-import",
        "--quiet",
        stdin=b"".join(
            [
                write_commit("begin", days_ago[0], "src/other.py", "1\n"),
                write_commit("sell", days_ago[1], "src/checkout.py", "1\n"),
                write_commit("break it", days_ago[2], "src/checkout.py", "broken\n"),
                write_commit('Revert "break it"', days_ago[3], "src/checkout.py", "1\n"),
                write_commit("Raise by the neighbourhood", days_ago[4], ".rh/policy.yaml", RAISING),
            ]
        ),
    )
    made.git("reset", "--quiet", "--hard", "main")
    made.branch("waiting")
    made.commit({"src/checkout.py": "new\n"}, "Touch the checkout")
    made.branch("elsewhere", "main")
    made.commit({"src/other.py": "new\n"}, "Touch another place")
    made.checkout("main")
    assert "the history was not walked yet" in " ".join(rh(made, "policy", "explain", "elsewhere").stdout.split())
    rh(made, "backtest")
    assert "raise:hot" in rh(made, "policy", "explain", "waiting", "--format", "json").stdout
    assert "raise:hot" not in rh(made, "policy", "explain", "elsewhere", "--format", "json").stdout
