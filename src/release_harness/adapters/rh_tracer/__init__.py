"""Traces what a test, a request, a command or a task of the project runs, from inside the project's own interpreter.

This package is copied beside a checkout and imported there as `rh_tracer`: it imports nothing of rh and nothing outside
the standard library, and no fault of its own ever reaches what it watches. Each request, command and task opens a
*holder* that names the entry point; every start of a function of the repository is noted for the test that runs and for
each holder that is open in the same context. `docs/concepts/walked-levels.md` says what the answer is good for.
"""

__version__ = "1"
