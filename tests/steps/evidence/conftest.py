"""Gives the bench below this folder its name: test folders are no packages."""

import importlib.util
import sys
from pathlib import Path

_BENCH = "evidence_bench"

if _BENCH not in sys.modules:
    _spec = importlib.util.spec_from_file_location(_BENCH, Path(__file__).parent / "bench" / "evidence_bench.py")
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_BENCH] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_BENCH])
