"""The glossary against the public names of the program: one word for each thing."""

import ast
import itertools
import re
from pathlib import Path

import pytest

# Every public name of the package is read and parsed: two seconds.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/release_harness"
ROW = re.compile(r"^\| ([a-z][a-z -]*) \| (.+?) \| ([a-z, ]*)\|$", re.MULTILINE)


def _rows() -> list[tuple[str, str, list[str]]]:
    found = ROW.findall((ROOT / "docs/glossary.md").read_text())
    assert len(found) > 40
    return [
        (word, meaning, [each.strip() for each in unwanted.split(",") if each.strip()])
        for word, meaning, unwanted in found[1:]
    ]


def _public_names() -> set[str]:
    """Return public classes, functions, fields and modules."""
    names = set()
    for path in SOURCE.rglob("*.py"):
        names |= {part for part in path.relative_to(SOURCE).with_suffix("").parts if not part.startswith("_")}
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


def _words(name: str) -> set[str]:
    """Cut snake_case and CamelCase into words; two neighbours joined count too (`pull_request` has `pullrequest`)."""
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    joined = {first + second for first, second in itertools.pairwise(parts)}
    return {*parts, *(part.removesuffix("s") for part in parts), *joined}


def test_no_public_name_uses_a_second_word_for_the_same_thing() -> None:
    """Two words for one thing make a newcomer look for the difference."""
    instead = {unwanted: word for word, _, listed in _rows() for unwanted in listed}
    wrong = {name: instead[word] for name in _public_names() for word in _words(name) & set(instead)}
    assert wrong == {}


def test_every_word_of_the_glossary_is_used() -> None:
    """A word that nothing uses is a promise that nothing keeps."""
    named = {word for name in _public_names() for word in _words(name)}
    pages = " ".join(path.read_text().lower() for path in (ROOT / "docs/concepts").glob("*.md"))
    unused = [word for word, _, _ in _rows() if not _words(word.replace(" ", "_")) <= named and word not in pages]
    assert unused == []


def test_every_word_stands_once_and_in_order() -> None:
    """A page that is looked things up in is sorted."""
    words = [word for word, _, _ in _rows()]
    assert words == sorted(set(words), key=lambda word: word.replace("-", " "))
