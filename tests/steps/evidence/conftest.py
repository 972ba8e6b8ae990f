"""Builders of changes and records for the rules of evidence."""

import importlib.util
import sys
from pathlib import Path

_NAME = "evidence_builders"

if _NAME not in sys.modules:
    # Test folders are no packages; the helper beside this file is given the name that mypy knows it by.
    _spec = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name("evidence_builders.py"))
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules[_NAME] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_NAME])
