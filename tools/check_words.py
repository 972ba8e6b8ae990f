"""Refuses names that say nothing, addresses of package registries, and paths of somebody's machine.

Names: files, folders, public classes and functions are called by what they answer, so `utils`, `helpers`, `common`, `misc` and
`manager` have no place. Addresses: a pinned requirement names digests, never where it was downloaded. Paths: what works
only in one person's folder does not work.
"""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from source_files import ROOT, project_files

EMPTY_WORDS = frozenset({"util", "utils", "utilities", "helper", "helpers", "misc", "manager", "managers"})
EMPTY_FILE_NAMES = EMPTY_WORDS | {"common", "shared", "stuff", "base"}
# Kept as digests, so that this file does not name what nobody may name.
REGISTRY_DIGESTS = frozenset(
    {
        "00a7dc5a0cc388586b8665846e7d8ae94a6dd096f2aa1aa3b4aab4ac484f998a",
        "0dc11026ac75c015aaa1deafff4a7a54ef6d0cf6b3c7f9b1d2c8f3502929aa9e",
        "317d2d52829b78129d2c9e43d001899f0c8d30968bae00b848a47154df56b0ca",
        "3d01f3609be82d98eeedcd977fae947ee6da479acbfd5d19619bda2184977921",
        "43c04ed1dabe979b9c552549bf0ab023abd3e1cc6d5ff7f42cfa2296b0973a67",
        "70bb4000cd2fab03af01fed086c6bf3c2c970f8b8b8001c311028ec3b80e775a",
        "7117c828d2afa4e2b4703ed11564f81cb02a6ab6b7e6a758e881e68007ad5d35",
        "71741fe2460a615058687c4585f665af5e825968e51a512ffb14c6f2684a397d",
        "789e46d79514e28093cabe2bb4a0798266f584b0e508ef269ebabb6e57859290",
        "9495278a74715c7e246a36404b3589f0f2f0b564defdec00b228aa07ecb515e0",
        "9da5f32d964125123cc368f231b473bea59307f811c7b9b2e731601e586b82b5",
        "a4aa2ac280bb8d1a0ce7a1be5a7bfb10292b49fe9435ad5cff19f421f3c70e41",
        "c899567ee906851741bf7f3bde17a33777859ff9f53ff54d6f0ea54cf31ad636",
        "d6d7019ca9fcbf07c769e445342515ef0c92e4f18a96adbb3bf6460f5b0ba17f",
        "eb7e11c7f9ecbcf48099060ec1c8c593134ff031f587e07be17293b2a3a0ee36",
    }
)
_HOST = re.compile(rb"(?<![a-z0-9.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?![a-z0-9-])", re.IGNORECASE)
_INDEX_OPTION = re.compile(rb"^\s*(--(?:extra-)?index-url|--find-links|-i|-f)[ =]", re.MULTILINE)
_HOME = re.compile(rb"(?<![A-Za-z0-9_.~-])/(?:home|Users)/(?!USER|you\b|ana\b|bo\b|\$|<|\{)[A-Za-z][A-Za-z0-9_.-]*/")
_TEXT_LIMIT_BYTES = 4 * 1024 * 1024


def name_faults(path: Path) -> Iterator[str]:
    """Yield one line for every name in a path or a Python file that says nothing."""
    place = path.relative_to(ROOT)
    for part in (*place.parts[:-1], place.stem):
        if part.lower() in EMPTY_FILE_NAMES or _words(part) & EMPTY_WORDS:
            yield f"{place}: the name {part!r} says nothing. Which question does it answer?"
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith(("test_", "_")) and _words(node.name) & EMPTY_WORDS:
            yield f"{place}:{node.lineno}: the name {node.name!r} says nothing. What does it do?"


def text_faults(path: Path) -> Iterator[str]:
    """Yield one line for every registry address and every path of a machine in a text file."""
    content = path.read_bytes()[:_TEXT_LIMIT_BYTES]
    if b"\0" in content:
        return
    place = path.relative_to(ROOT)
    for found in _HOST.finditer(content):
        if hashlib.sha256(found.group().lower()).hexdigest() in REGISTRY_DIGESTS:
            yield f"{place}:{_line(content, found.start())}: names a package registry. Pin digests, not addresses."
    if place.parts[0] == "requirements" and (found_option := _INDEX_OPTION.search(content)):
        yield f"{place}:{_line(content, found_option.start())}: an option that says where to download from."
    for found in _HOME.finditer(content):
        yield f"{place}:{_line(content, found.start())}: {found.group().decode()!r} exists on one machine only."
    for folder in _own_folders():
        at = content.find(folder)
        if at >= 0:
            yield f"{place}:{_line(content, at)}: {folder.decode()!r} is the folder of this checkout."


def _own_folders() -> list[bytes]:
    above = {ROOT, ROOT.parent, Path.home()}
    too_general = {Path("/"), Path("/tmp"), Path("/home"), Path("/var/tmp"), Path("/srv"), Path("/opt")}  # noqa: S108
    return [f"{each}/".encode() for each in sorted(above - too_general) if len(each.parts) > 1]


def _words(name: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


def _line(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def main() -> int:
    """Print every fault; fail when there is one."""
    faults = [fault for path in project_files() for fault in (*name_faults(path), *text_faults(path))]
    print("\n".join(faults) or "no empty names, no registry, no path of a machine")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
