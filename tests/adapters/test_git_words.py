"""Where words stand in a tree: whole words only, also those that hold dots and dashes."""

from pathlib import Path

import pytest

from release_harness.adapters.git import GitProgram
from release_harness.adapters.git_words import GitWords
from release_harness.testing.git_repository import GitRepository

pytestmark = pytest.mark.slow


def test_words_with_and_without_dots_are_found_as_whole_words(tmp_path: Path) -> None:
    """`price` is no part of `prices`, and `app-lock.json` is one word although it holds what ends others."""
    repository = GitRepository.create(tmp_path / "repo")
    commit = repository.commit({"a.txt": "price, app-lock.json\nprices and json\nprice price\n"}, "words")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null"}
    program = GitProgram(repository.path, environment)
    found = GitWords(program).find_words(commit, ["price", "json", "app-lock.json", "absent"])
    program.close()

    assert found is not None
    assert {word: [line for _, line, _ in places] for word, places in found.items()} == {
        "price": [1, 3],
        "json": [1, 2],
        "app-lock.json": [1],
        "absent": [],
    }
