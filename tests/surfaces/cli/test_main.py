"""The command line as a user meets it: options, formats, exit codes and errors, for an operation made for the purpose."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from release_harness.kernel.errors import Bug, Conflict, Fault, HarnessError, InputError, NotAllowed, OutsideError
from release_harness.kernel.operations import AnyOperation, Effect, Operation, View, argument, option
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.surfaces.cli.main import run
from release_harness.testing.progress import RecordedProgress


class Colour(Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


@record
class Inner:
    """A nested part that only JSON can give."""

    size: int = 0


@record
class Request:
    """One field of each kind."""

    change: str = field(default="HEAD", metadata=argument("The change."))
    colour: Colour = field(default=Colour.RED, metadata=option("A colour."))
    tag: tuple[str, ...] = field(default=(), metadata=option("A tag; may be repeated."))
    limit: int | None = field(default=None, metadata=option("A limit.", short="-n"))
    wait: timedelta = field(default=timedelta(hours=1), metadata=option("How long."))
    force: bool = field(default=False, metadata=option("Do it anyway."))
    inner: Inner = field(default_factory=Inner)


@record
class Answer:
    """What the operation answers."""

    outcome: Outcome
    request: Request


class Needs:
    """An application that only reports progress."""

    def __init__(self, folder: Path, environment: Mapping[str, str], progress: RecordedProgress) -> None:
        """Keep what was given."""
        self.folder = folder
        self.environment = environment
        self.progress = progress


def _operation(name: str, outcome: Outcome = Outcome.PASS, error: Exception | None = None) -> AnyOperation:
    def handler(_needs: Needs, request: Request) -> Answer:
        if error is not None:
            raise error
        return Answer(outcome=outcome, request=request)

    return Operation[Needs, Request, Answer](
        name=name,
        summary="Try something.",
        example=f"rh {name} HEAD",
        schema="rh.try/1",
        input=Request,
        output=Answer,
        handler=handler,
        effect=Effect.READ,
        text=lambda answer, view: f"{answer.request.change} {view.width}",
        outcome=lambda answer: answer.outcome,
    )


def _run(
    capsys: pytest.CaptureFixture[str],
    arguments: Sequence[str],
    *operations: AnyOperation,
    folder: Path = Path(),
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str, str]:
    listed = operations or (_operation("try"), _operation("group one"), _operation("group two"))
    words = dict.fromkeys((each.name.split(" ")[0] for each in listed), ("module",))

    def application(folder: Path, environment: Mapping[str, str], _progress: Any) -> Needs:
        return Needs(folder, environment, RecordedProgress())

    with pytest.raises(SystemExit) as stopped:
        run(arguments, words, lambda _module: listed, application, folder, environment or {})
    printed = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0 if code is None else 1), printed.out, printed.err


def test_json_answers_begin_with_their_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs tell contracts apart by the first key."""
    arguments = ["try", "A", "--colour", "blue", "--tag", "x", "--tag", "y", "-n", "3", "--wait", "90s", "--force"]
    code, out, _err = _run(capsys, [*arguments, "--format", "json"])
    answer = json.loads(out)
    assert code == 0
    assert next(iter(answer)) == "schema"
    assert answer == {
        "schema": "rh.try/1",
        "outcome": "pass",
        "request": {
            "change": "A",
            "colour": "blue",
            "tag": ["x", "y"],
            "limit": 3,
            "wait": 90.0,
            "force": True,
            "inner": {"size": 0},
        },
    }


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.PASS, 0), (Outcome.FAIL, 1), (Outcome.UNKNOWN, 3)])
def test_the_outcome_decides_the_exit_code(capsys: pytest.CaptureFixture[str], outcome: Outcome, code: int) -> None:
    """Scripts branch on the exit code, so unknown must differ from pass."""
    assert _run(capsys, ["try"], _operation("try", outcome))[0] == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError(code="X", says="no", hint="do"), 2),
        (NotAllowed(code="X", says="no", hint="do"), 1),
        (Conflict(code="X", says="no", hint="do"), 3),
        (OutsideError(code="X", says="no", hint="do"), 4),
        (Bug(code="X", says="no", hint="do"), 5),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: HarnessError, code: int
) -> None:
    """Every command answers the same way."""
    found, out, err = _run(capsys, ["try"], _operation("try", error=error))
    assert (found, out, err) == (code, "", "error[X]: no\n  hint: do\n")


def test_an_error_is_json_when_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """An agent must be able to read what went wrong, with the place."""
    fault = Fault(says="Bad.", file="a.yaml", line=1, column=2)
    error = InputError(code="BAD", says="There is 1 fault.", faults=[fault])
    code, out, err = _run(capsys, ["try", "--format", "json"], _operation("try", error=error))
    answer = json.loads(out)
    assert (code, err) == (2, "")
    assert answer["schema"] == "rh.error/1"
    assert answer["error"]["faults"][0]["line"] == 1


def test_a_failure_inside_rh_shows_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """A user cannot do anything with a traceback; a developer asks for it."""
    broken = _operation("try", error=KeyError("x"))
    code, _out, err = _run(capsys, ["try"], broken)
    assert code == 5
    assert "Traceback" not in err
    assert err.startswith("error[BUG]: rh failed inside: KeyError")


def test_a_full_disk_is_an_outside_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """The user can free space and try again."""
    full = _operation("try", error=OSError(28, "No space left on device", "/x"))
    code, _out, err = _run(capsys, ["try"], full)
    assert code == 4
    assert err.startswith("error[DISK_FULL]: /x: No space left on device.")


def test_control_characters_in_errors_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """A branch name must not be able to rewrite the terminal."""
    error = InputError(code="X", says="no \x1b[2J")
    assert "\x1b" not in _run(capsys, ["try"], _operation("try", error=error))[2]


def test_unknown_words_are_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the finger should cost one second."""
    code, _out, err = _run(capsys, ["tyr"])
    assert code == 2
    assert "Did you mean 'try'?" in err


def test_bad_usage_is_json_when_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage errors come before the operation runs and are still part of the contract."""
    code, out, _err = _run(capsys, ["try", "--wait", "soon", "--format", "json"])
    assert code == 2
    assert json.loads(out)["error"]["code"] == "USAGE"


def test_help_shows_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer copies the example."""
    code, out, _err = _run(capsys, ["group", "two", "--help"])
    assert code == 0
    assert "rh group two HEAD" in out
    assert "3 unknown or waiting" in out


def test_a_nested_request_comes_in_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What options cannot express must still be possible from the command line."""
    document = tmp_path / "request.json"
    document.write_text('{"change": "B", "inner": {"size": 7}}')
    _code, out, _err = _run(capsys, ["try", "--input", str(document), "--format", "json"])
    assert json.loads(out)["request"]["inner"] == {"size": 7}


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "INPUT_NOT_JSON"), ('{"chnage": "B"}', "INPUT_MALFORMED"), ("[" * 100_000, "INPUT_NOT_JSON")],
)
def test_a_bad_request_document_is_refused_with_a_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, code: str
) -> None:
    """A misspelt key must never be ignored."""
    document = tmp_path / "request.json"
    document.write_text(content)
    found, out, _err = _run(capsys, ["try", "--input", str(document), "--format", "json"])
    assert found == 2
    assert json.loads(out)["error"]["code"] == code


def test_a_missing_folder_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`-C` decides where everything else is looked for."""
    code, _out, err = _run(capsys, ["-C", str(tmp_path / "no"), "try"])
    assert code == 2
    assert "FOLDER_MISSING" in err


def test_a_view_respects_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who cannot or will not see colours say so once, in the environment."""
    from release_harness.surfaces.cli.output import current_view

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert current_view({"TERM": "xterm"}).colour
    assert not current_view({"TERM": "xterm", "NO_COLOR": "1"}).colour
    assert not current_view({"TERM": "dumb"}).colour
    assert isinstance(current_view({}), View)
