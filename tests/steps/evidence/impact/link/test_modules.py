"""Trees of the same paths have one table of modules, and no other trees do."""

from release_harness.steps.evidence.impact.link.modules import modules_of

PATHS = {"app/__init__.py": "1", "app/views.py": "2", "README.md": "3"}


def test_the_sides_of_a_change_that_adds_no_file_share_their_modules() -> None:
    """Reading thousands of paths for both sides, and again for what the base was linked from, takes longer than the search."""
    assert modules_of(PATHS.keys()) is modules_of({**PATHS, "app/views.py": "4"}.keys())


def test_a_file_that_comes_is_found() -> None:
    """A table of the other side would not know the module."""
    assert modules_of(PATHS.keys()).find("app.more", "app/views.py") == ()
    assert modules_of({*PATHS, "app/more.py"}).find("app.more", "app/views.py") == ("app/more.py",)
