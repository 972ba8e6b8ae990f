"""The `git` program: started with argument lists, read with `-z`, never trusted when it was cut short."""

from release_harness.adapters.git.program import GitProgram

__all__ = ["GitProgram"]
