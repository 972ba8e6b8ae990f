"""Fixtures of review: keys once for all tests, a repository for each."""

import importlib.util
import sys
from pathlib import Path

import pytest

_BENCH = "review_bench"

if _BENCH not in sys.modules:
    # Test folders are no packages; the helper beside this file is given the name that mypy knows it by.
    _spec = importlib.util.spec_from_file_location(_BENCH, Path(__file__).with_name("review_bench.py"))
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_BENCH] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_BENCH])

from review_bench import Bench, Keys  # noqa: E402 - it has its name only now


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """One real key for each person; they are never changed."""
    return Keys.make(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def bench(tmp_path: Path, keys: Keys) -> Bench:
    """A fresh repository with a policy and a branch `topic`."""
    return Bench.create(tmp_path, keys)
