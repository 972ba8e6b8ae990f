"""From which folder the tracer counts paths."""

from pathlib import Path

import pytest

from release_harness.adapters.rh_tracer.paths import find_root


@pytest.mark.parametrize("is_file", [False, True])
def test_paths_are_counted_from_the_top_of_the_work_tree(tmp_path: Path, *, is_file: bool) -> None:
    """Tests of a monorepo start in a folder of it, and a worktree has a file where a clone has a folder."""
    mark, inner = tmp_path / ".git", tmp_path / "services" / "shop"
    inner.mkdir(parents=True)
    mark.write_text("gitdir: elsewhere") if is_file else mark.mkdir()
    assert find_root(str(inner)) == str(tmp_path.resolve())


def test_what_the_environment_says_goes_before_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image holds a copy of a part of the tree, and only who made it knows where the tree begins."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("RH_TRACE_ROOT", "/srv/app")
    assert find_root(str(tmp_path)) == "/srv/app"


def test_a_folder_of_no_work_tree_is_its_own_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths from somewhere above it would match nothing."""
    monkeypatch.setattr("os.path.exists", lambda _path: False)
    assert find_root(str(tmp_path)) == str(tmp_path)
