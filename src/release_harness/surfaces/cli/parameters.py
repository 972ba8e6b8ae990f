"""Turns the fields of an input record into Click parameters, and what Click parsed into the record."""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from enum import Enum
from typing import Any, get_args, get_origin

import click

from release_harness.kernel.errors import InputError
from release_harness.kernel.time import format_duration, parse_duration


class DurationType(click.ParamType[timedelta]):
    """A duration such as 90s, 15m, 24h or 7d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the text; Click shows the sentence of a bad one."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except InputError as error:
            self.fail(f"{error.says} {error.hint}", param, ctx)


def parameters_of(record: type) -> list[click.Parameter]:
    """Return one Click parameter for every described field of the record."""
    hints = typing.get_type_hints(record)
    return [_parameter(each, hints[each.name]) for each in fields(record) if each.metadata]


def build_input(record: type, values: Mapping[str, Any]) -> Any:
    """Build the input record from what Click parsed; lists become tuples and names become enum members."""
    hints = typing.get_type_hints(record)
    built = {}
    for each in fields(record):
        if each.name in values:
            built[each.name] = _from_click(hints[each.name], values[each.name])
    return record(**built)


def _parameter(each: Field[Any], hint: Any) -> click.Parameter:
    shape, many = _unwrap(hint)
    required = each.default is MISSING and each.default_factory is MISSING
    default = None if each.default is MISSING else each.default
    if each.metadata["positional"]:
        return click.Argument(
            [each.name],
            type=_click_type(shape),
            required=required,
            nargs=-1 if many else 1,
            default=None if many else default,
            metavar=each.metadata["metavar"] or None,
        )
    if shape is bool:
        return click.Option(_names(each), is_flag=True, default=bool(default), help=each.metadata["help"])
    return click.Option(
        _names(each),
        type=_click_type(shape),
        required=required and not many,
        multiple=many,
        default=None if many else _shown(default),
        show_default=default not in (None, "", ()),
        metavar=each.metadata["metavar"] or None,
        help=each.metadata["help"],
    )


def _names(each: Field[Any]) -> list[str]:
    # A name that Python keeps for itself is written with `_` behind it: `for_` is `--for`.
    long = "--" + each.name.rstrip("_").replace("_", "-")
    return [each.name, *([each.metadata["short"]] if each.metadata["short"] else []), long]


def _unwrap(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(option for option in get_args(hint) if option is not type(None))
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


def _click_type(shape: Any) -> click.ParamType[Any]:
    if shape is timedelta:
        return DurationType()
    if isinstance(shape, type) and issubclass(shape, Enum):
        return click.Choice([str(member.value) for member in shape])
    kinds: dict[Any, click.ParamType[Any]] = {int: click.INT, float: click.FLOAT}
    return kinds.get(shape, click.STRING)


def _shown(default: object) -> object:
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, timedelta):
        return format_duration(default).replace(" ", "")
    return default


def _from_click(hint: Any, value: Any) -> Any:
    shape, many = _unwrap(hint)
    if many:
        return tuple(_member(shape, item) for item in value or ())
    return _member(shape, value)


def _member(shape: Any, value: Any) -> Any:
    if isinstance(shape, type) and issubclass(shape, Enum) and value is not None:
        return next(member for member in shape if str(member.value) == value)
    return value
