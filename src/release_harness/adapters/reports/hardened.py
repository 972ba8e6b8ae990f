"""What every report parser shares: refusals with a place, XML without entities, and bounded nesting."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from release_harness.kernel.errors import Fault, InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEPTH_LIMIT = 64
"""Real reports nest some ten levels deep; far deeper ones are made to exhaust a parser."""


def refuse(name: str, says: str, *, line: int | None = None, column: int | None = None) -> InputError:
    """Return the error for a report that cannot be read; nothing of it is recorded."""
    return InputError(
        code="REPORT_MALFORMED",
        says=f"{show_text(name)} cannot be read as a report; nothing was recorded.",
        hint="Let the tool write the report again; a run that was cut off leaves a report that ends early.",
        subject=show_text(name),
        faults=(Fault(says=says, file=show_text(name), line=line, column=column),),
    )


def walk_xml(name: str, content: bytes, units: frozenset[str] = frozenset()) -> Iterator[tuple[str, "Element", int]]:
    """Yield (`start` or `end`, element, depth); raises InputError for DTDs, entities, bad encoding and broken ends.

    Elements named in `units` are emptied after their `end` was yielded, with all that they hold.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    depth = 0
    try:
        for event, element in iterparse(
            BytesIO(content), events=("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
        ):
            depth += 1 if event == "start" else 0
            if depth > DEPTH_LIMIT:
                raise refuse(name, f"elements are nested more than {DEPTH_LIMIT} levels deep")
            yield event, element, depth
            if event == "end":
                depth -= 1
                if local_name(element.tag) in units:
                    element.clear()
    except ParseError as error:
        line, column = error.position
        raise refuse(name, _explain(str(error)), line=line, column=column + 1) from error
    except DefusedXmlException as error:
        raise refuse(
            name, f"it declares a document type or entities ({type(error).__name__}), which rh never expands"
        ) from error
    except (ValueError, LookupError) as error:
        raise refuse(name, f"its encoding cannot be read: {error}") from error


def _explain(said: str) -> str:
    if "no element found" in said or "unclosed" in said:
        return f"it ends early ({said})"
    if "invalid token" in said:
        return f"a character is not valid in the declared encoding, or the XML is broken ({said})"
    return said


def local_name(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def read_json(name: str, content: bytes) -> Any:
    """Read JSON; raises InputError with line and column."""
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        says = f"{error.msg}; it ends early" if error.pos >= len(error.doc.rstrip()) else error.msg
        raise refuse(name, says, line=error.lineno, column=error.colno) from error
    except UnicodeDecodeError as error:
        raise refuse(name, f"byte {error.start} is not valid in the encoding {error.encoding}") from error
    except RecursionError as error:
        raise refuse(name, "its values are nested too deep") from error
    except ValueError as error:
        raise refuse(name, str(error)) from error


def as_object(value: Plain, name: str, path: str) -> dict[str, Plain]:
    """Return the value when it is an object; raises InputError with the path otherwise."""
    if not isinstance(value, dict):
        raise refuse(name, f"{path}: expected an object")
    return value


def as_list(value: Plain, name: str, path: str) -> list[Plain]:
    """Return the value when it is a list; raises InputError with the path otherwise."""
    if not isinstance(value, list):
        raise refuse(name, f"{path}: expected a list")
    return value


def as_line_numbers(value: Plain, name: str, path: str) -> frozenset[int]:
    """Return the numbers of a list of lines; raises InputError with the path otherwise."""
    numbers = as_list(value, name, path)
    for number in numbers:
        if type(number) is not int:
            raise refuse(name, f"{path}: expected line numbers, found {show_text(repr(number)[:40])}")
    return frozenset(number for number in numbers if isinstance(number, int) and number > 0)
