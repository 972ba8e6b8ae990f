"""The one list that the command line, the API, the agents' tools and the reference pages are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome

Needs = TypeVar("Needs", contravariant=True)  # noqa: PLC0105 - reads better without a suffix
Input = TypeVar("Input")
Output = TypeVar("Output")


class Effect(Enum):
    """What an operation may do to the world; the first member is the one to be most careful with."""

    DESTRUCTIVE = "destructive"
    WRITE = "write"
    READ = "read"


@record
class View:
    """What the reader of a text can see."""

    width: int = 100
    """Columns of the terminal."""
    colour: bool = False
    unicode: bool = True


@dataclass(frozen=True, kw_only=True)  # no slots: `Operation[A, B, C](...)` stores its parameters on the instance
class Operation(Generic[Needs, Input, Output]):
    """One thing that rh can do, whoever asks and through whatever door."""

    name: str
    """Words of the command, such as `policy explain`."""
    summary: str
    """One sentence in the imperative."""
    example: str
    """A command line that works."""
    schema: str
    """Name and version of the output, such as `rh.check/1`; the first key of every JSON answer."""
    input: type[Input]
    output: type[Output]
    handler: Callable[[Needs, Input], Output]
    effect: Effect
    text: Callable[[Output, View], str]
    markdown: Callable[[Output], str] | None = None
    plain: Callable[[Output], Mapping[str, Any]] | None = None
    """Own JSON form; None takes the record field by field."""
    outcome: Callable[[Output], Outcome] = lambda _output: Outcome.PASS
    """What decides the exit code: pass 0, fail 1, unknown or waiting 3."""
    retryable: Callable[[Output], bool] = lambda _output: False
    """True when something outside failed and the same command may go through later: exit code 4."""
    details: str = ""
    """Further paragraphs of help."""


AnyOperation = Operation[Any, Any, Any]


def option(help: str, *, short: str = "", metavar: str = "") -> Mapping[str, Any]:  # noqa: A002 - Click's own word
    """Describe a field of an input record that is given as `--name`; use as `field(metadata=option(...))`."""
    return {"help": help, "short": short, "metavar": metavar, "positional": False}


def argument(help: str, *, metavar: str = "") -> Mapping[str, Any]:  # noqa: A002 - as above
    """Describe a field of an input record that is given by position; use as `field(metadata=argument(...))`."""
    return {"help": help, "short": "", "metavar": metavar, "positional": True}
