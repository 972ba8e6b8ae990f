"""Which values does a YAML file hold, and where does each stand?

A file from a repository is hostile: it is read event by event with an own stack, so that neither aliases nor depth nor
size can cost more than the limits below. Anchors, aliases, merge keys, tags and further documents are refused, since a
rule that is assembled from pieces elsewhere in the file cannot be read by an auditor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from release_harness.adapters.policy_file.yaml_words import is_text, plain_value
from release_harness.kernel.errors import Fault, InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain, record

SIZE_LIMIT_BYTES = 1_000_000
DEPTH_LIMIT_COUNT = 40
VALUES_LIMIT_COUNT = 100_000
FAULTS_LIMIT_COUNT = 50

Step = str | int
Trail = tuple[Step, ...]
"""The keys and list indices that lead to a value."""


@record
class Place:
    """Where something stands in the file, both counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class YamlTree:
    """The plain values of one file and the place of every value and key."""

    source: str
    value: Plain = None
    values_at: dict[Trail, Place] = field(default_factory=dict)
    keys_at: dict[Trail, Place] = field(default_factory=dict)

    def place(self, trail: Trail, *, key: bool = False) -> Place | None:
        """Return the place of a value, or of its key, or of the nearest thing around it."""
        if key and trail in self.keys_at:
            return self.keys_at[trail]
        while trail and trail not in self.values_at:
            trail = trail[:-1]
        return self.values_at.get(trail)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet."""

    trail: Trail
    items: dict[str, Plain] | list[Plain]
    key: str | None = None
    skipped: bool = False
    """True below a key that is refused: what stands there is read over."""


def read_yaml(text: bytes, source: str) -> YamlTree:
    """Read one YAML document of plain values; raises InputError with every fault of its form."""
    decoded = _decode(text, source)
    builder = _Builder(source)
    import yaml

    try:
        for event in _events(decoded):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        says = " ".join(part for part in (error.context, error.problem) if part) or "not YAML"
        builder.fault(f"The file is not well-formed YAML: {show_text(says)}.", mark)
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        column = error.position - decoded.rfind("\n", 0, error.position)
        says = f"The character {show_text(chr(_code_point(error.character)))!r} may not stand in YAML."
        builder.faults.append(Fault(says=says, file=source, line=line, column=column))
    if not builder.faults and not builder.documents_count:
        builder.faults.append(
            Fault(
                says="The file is empty.",
                file=source,
                line=1,
                column=1,
                expected="a mapping that starts with `version: 1`",
            )
        )
    if builder.faults:
        raise refuse(source, builder.faults)
    return builder.tree


def refuse(source: str, faults: list[Fault]) -> InputError:
    """Make the one error that carries every fault of a file, first things first."""
    ordered = sorted(faults, key=lambda each: (each.line or 0, each.column or 0))
    shown = ordered[:FAULTS_LIMIT_COUNT]
    counted = "1 fault" if len(ordered) == 1 else f"{len(ordered)} faults"
    more = f" The first {len(shown)} are shown." if len(shown) < len(ordered) else ""
    return InputError(
        code="FILE_FAULTY",
        says=f"{show_text(source)} has {counted}.{more}",
        hint="Mend the file; `rh policy check` reads it again without judging anything.",
        subject=source,
        faults=shown,
    )


def _code_point(character: str | int | bytes) -> int:
    if isinstance(character, int):
        return character
    return ord(character[:1] or " ")


def _decode(text: bytes, source: str) -> str:
    if len(text) > SIZE_LIMIT_BYTES:
        says = f"The file is {len(text):,} bytes long."
        fault = Fault(says=says, file=source, expected=f"at most {SIZE_LIMIT_BYTES:,} bytes")
        raise refuse(source, [fault])
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        fault = Fault(
            says=f"Byte {error.start + 1} (0x{text[error.start]:02x}) is no UTF-8.",
            expected="a file saved as UTF-8",
            file=source,
            line=before.count(b"\n") + 1,
            column=error.start - before.rfind(b"\n"),
        )
        raise refuse(source, [fault]) from None


def _events(decoded: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(decoded, Loader=loader))


class _Builder:
    """Builds the tree from the events of the parser; its stack is a list, so depth costs no recursion."""

    def __init__(self, source: str) -> None:
        self.tree = YamlTree(source=source)
        self.faults: list[Fault] = []
        self.documents_count = 0
        self._stack: list[_Open] = []
        self._values_count = 0

    def take(self, event: Any) -> None:
        name = type(event).__name__
        if name == "DocumentStartEvent":
            self.documents_count += 1
            if self.documents_count > 1:
                self.fault(
                    "The file holds a second YAML document.", event.start_mark, "one document, without `---` lines"
                )
                self._give_up()
        elif name == "AliasEvent":
            says = f"An alias (`*{show_text(event.anchor)}`) may not be used here."
            self.fault(says, event.start_mark, "the value written out where it is used")
            self._value(None, event)
        elif name == "ScalarEvent":
            self._refuse_extras(event)
            self._scalar(event)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self._refuse_extras(event)
            self._open(event, {} if name == "MappingStartEvent" else [])
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()

    def fault(self, says: str, mark: Any, expected: str = "") -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        fault = Fault(says=says, path=self._path(), expected=expected, file=self.tree.source, line=line, column=column)
        self.faults.append(fault)
        if len(self.faults) >= FAULTS_LIMIT_COUNT:
            self._give_up()

    def _give_up(self) -> None:
        raise refuse(self.tree.source, self.faults)

    def _path(self) -> str:
        return write_trail(self._trail()) if self._stack else ""

    def _trail(self) -> Trail:
        parent = self._stack[-1]
        if isinstance(parent.items, list):
            return (*parent.trail, len(parent.items))
        return (*parent.trail, parent.key) if parent.key is not None else parent.trail

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            says = f"An anchor (`&{show_text(event.anchor)}`) may not be used here."
            self.fault(says, event.start_mark, "the value written out where it is used")
        if event.tag is not None:
            says = f"A tag (`{show_text(event.tag)}`) may not be used here."
            self.fault(says, event.start_mark, "a plain value; put text in quotes")

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].items, dict) and self._stack[-1].key is None

    def _scalar(self, event: Any) -> None:
        if self._wants_key():
            self._key(event)
            return
        value = plain_value(event.value) if event.style is None or event.style == "" else event.value
        if isinstance(value, str) and not is_text(value):
            self.fault("The text holds half of a surrogate pair.", event.start_mark, "whole characters")
        self._value(value, event)

    def _key(self, event: Any) -> None:
        parent = self._stack[-1]
        assert isinstance(parent.items, dict)  # noqa: S101 - told by _wants_key
        parent.key = event.value
        parent.skipped = False
        trail = self._trail()
        if event.value == "<<":
            self.fault("A merge key (`<<`) may not be used here.", event.start_mark, "the keys written out")
            parent.skipped = True
        elif event.value in parent.items:
            first = self.tree.keys_at[trail]
            says = f"The key {show_text(event.value)!r} stands twice; the first is on line {first.line}."
            self.fault(says, event.start_mark, "every key once")
            parent.skipped = True
        else:
            self.tree.keys_at[trail] = Place(line=event.start_mark.line + 1, column=event.start_mark.column + 1)

    def _open(self, event: Any, items: dict[str, Plain] | list[Plain]) -> None:
        if self._wants_key():
            self.fault("A key is a list or a mapping.", event.start_mark, "a word as key")
            self._give_up()
        if len(self._stack) >= DEPTH_LIMIT_COUNT:
            self.fault("The file is nested too deeply.", event.start_mark, f"at most {DEPTH_LIMIT_COUNT} levels")
            self._give_up()
        trail = self._value(items, event)
        self._stack.append(_Open(trail=trail, items=items))

    def _value(self, value: Plain, event: Any) -> Trail:
        self._values_count += 1
        if self._values_count > VALUES_LIMIT_COUNT:
            self.fault("The file holds too many values.", event.start_mark, f"at most {VALUES_LIMIT_COUNT:,}")
            self._give_up()
        place = Place(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
        if not self._stack:
            self.tree.value = value
            self.tree.values_at[()] = place
            return ()
        parent, trail = self._stack[-1], self._trail()
        if isinstance(parent.items, list):
            parent.items.append(value)
        else:
            if parent.key is None:
                self.fault("An alias stands as a key.", event.start_mark, "a word as key")
                self._give_up()
            elif not parent.skipped:
                parent.items[parent.key] = value
            parent.key = None
        self.tree.values_at.setdefault(trail, place)
        return trail


def write_trail(trail: Trail) -> str:
    """Write a trail as people do: `raise[0].when.any[1].fact`."""
    written = ""
    for step in trail:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            shown = show_text(step)
            written += f".{shown}" if written else shown
    return written


def name_places(tree: YamlTree) -> dict[str, tuple[int, int]]:
    """Return line and column of every value by its written trail; `raise.big-diff` stands for the rule with that id."""
    found = {write_trail(trail): (place.line, place.column) for trail, place in tree.values_at.items() if trail}
    whole = tree.value if isinstance(tree.value, dict) else {}
    for key, listed in whole.items():
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(item, dict) or not isinstance(item.get("id"), str):
                continue
            prefix = f"{key}[{index}]"
            below = [(path, place) for path, place in found.items() if path.startswith(prefix)]
            found |= {f"{key}.{show_text(item['id'])}{path.removeprefix(prefix)}": place for path, place in below}
    return found
