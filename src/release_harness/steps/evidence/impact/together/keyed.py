"""Keys that a change sets in files that are no code: settings, flags, environment files."""

from collections.abc import Iterator, Mapping

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.model.together import Keyed, Place

_ENDINGS = frozenset({"cfg", "conf", "env", "ini", "json", "properties", "toml", "yaml", "yml"})
_LOCKS = LazyPattern(r"(?i)(^|/)([^/]*lock[^/]*|package-lock\.json|composer\.lock)$")
_SECTION = LazyPattern(r"^\s*\[+([^\]]{1,200})\]+\s*(?:[#;].*)?$")
_KEY = LazyPattern(r"""^(\s*)(?:export\s+)?["']?([A-Za-z_][\w.-]{0,80})["']?\s*[:=]\s*(.*?),?\s*$""")
_VALUE_LIMIT = 60


def holds_keys(path: str) -> bool:
    """Tell whether a file of this name holds keys and values that people write."""
    name = path.rpartition("/")[2]
    return (name.rpartition(".")[2].lower() in _ENDINGS or name.startswith(".env")) and not _LOCKS.search(path)


def keys_of_text(path: str, text: str) -> Mapping[str, Keyed]:
    """Return every key of a file with its value, by its way from the top: sections of INI and TOML, depth of YAML and JSON.

    A file that is no such text gives what looks like keys; a key that stands in a list several times keeps its last value.
    """
    return dict(_keys(path, text))


def set_keys(path: str, before: str, after: str) -> Mapping[str, Keyed]:
    """Return the keys of a file that a change adds or gives another value; the name says the file too."""
    was = keys_of_text(path, before)
    return {
        f"{key} of {path}": keyed
        for key, keyed in keys_of_text(path, after).items()
        if key not in was or was[key].value != keyed.value
    }


def _keys(path: str, text: str) -> Iterator[tuple[str, Keyed]]:
    section = ""
    outer: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        head = _SECTION.match(line) if not outer else None
        if head is not None:
            section, outer = head.group(1).strip(), []
            continue
        found = _KEY.match(line)
        if found is None:
            continue
        depth, name, value = len(found.group(1)), found.group(2), found.group(3)
        while outer and outer[-1][0] >= depth:
            outer.pop()
        whole = ".".join([*([section] if section else []), *(each for _, each in outer), name])
        outer.append((depth, name))
        if value and value not in {"{", "[", "|", ">"}:
            yield whole, Keyed(Place(path, number), value[:_VALUE_LIMIT])
        # A section is told from a list only at the left edge.
        if depth == 0 and value and path.rpartition(".")[2].lower() not in {"yaml", "yml", "json"}:
            outer.clear()
