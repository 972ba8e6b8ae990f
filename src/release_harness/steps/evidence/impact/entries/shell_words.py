"""Which module, file or console script a command line starts, read word by word and never run."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

TEXT_LIMIT_CHARACTERS = 20_000
PREFIXES = frozenset({"sudo", "env", "exec", "nohup", "time", "uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "rye", "run", "nice",
                      "timeout", "flock", "newrelic-admin", "run-program", "ddtrace-run", "opentelemetry-instrument", "tini", "--",
                      "dumb-init", "chronic", "docker", "compose", "conda", "su", "cd", "&&", "bash", "sh", "-c", "-lc"})  # fmt: skip
_PYTHON = re.compile(r"(^|/)python[\d.]*$|^\$\{?PYTHON\}?$")
_PARTS = re.compile(r"&&|\|\||[;|\n]")


class Started(NamedTuple):
    """What one command starts."""

    kind: str
    """`module` for `python -m`, `file` for `python x.py`, `script` for a console script."""
    name: str
    arguments: tuple[str, ...]


def started(command: str) -> Iterator[Started]:
    """Yield what the commands of a line start; a word that is no module, file or name yields nothing."""
    for part in _PARTS.split(command[:TEXT_LIMIT_CHARACTERS]):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            continue
        if len(words) == 1 and " " in words[0]:
            yield from started(words[0])
            continue
        yield from _of_words(words)


def _of_words(words: list[str]) -> Iterator[Started]:
    at = 0
    while at < len(words):
        word = words[at]
        if _PYTHON.search(word):
            yield from _python(words[at + 1 :])
            return
        if word in {"-c", "-lc"} and at + 1 < len(words):
            yield from started(words[at + 1])
            return
        if word.endswith(".py"):
            yield Started("file", word, tuple(words[at + 1 :]))
            return
        if word not in PREFIXES and not word.startswith("-") and "=" not in word and not word.isdigit():
            yield Started("script", word.rpartition("/")[2], tuple(words[at + 1 :]))
            return
        at += 1


def _python(words: list[str]) -> Iterator[Started]:
    for at, word in enumerate(words):
        if word == "-m" and at + 1 < len(words):
            yield Started("module", words[at + 1], tuple(words[at + 2 :]))
            return
        if not word.startswith("-"):
            yield Started("file", word, tuple(words[at + 1 :]))
            return
