"""What a framework's adapter looked at while it put its entry points together: where none of that moved, they stand.

What cannot be told piece by piece is noted as a whole, such as all files of other languages: one note too many costs time, one
too few would be wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import ClassView, FileView
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.impact.link.modules import is_module
from release_harness.steps.evidence.impact.link.program import Program
from release_harness.steps.evidence.impact.values import Value


class Rests(NamedTuple):
    """What the entry points of one framework rest on; plain data."""

    files: dict[str, str]
    """Path -> blob id of each file that was looked at; empty for one that was not there."""
    keys: list[str]
    """Keys of what was read in other files, as a linked file consumes them; sorted."""
    bases: dict[str, list[str] | None]
    """Class -> its bases, for all classes whose orders were asked for; None for what is no class of the tree."""
    below: list[list[list[str]]]
    """`[bases, classes]` for each question for subclasses."""
    listing: str
    """Digest of all paths when they were asked for."""
    others: str
    """Digest of all files that are no Python when one of them was asked for."""


class TreeDigests:
    """Digests over the files of one tree, made when they are asked for."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        """Take path -> blob id of every file."""
        self._rows = sorted(paths.items())

    @cached_property
    def whole(self) -> str:
        """All paths with their contents."""
        return digest_of(each for row in self._rows for each in row)

    @cached_property
    def listing(self) -> str:
        """All paths."""
        return digest_of(path for path, _ in self._rows)

    @cached_property
    def others(self) -> str:
        """All files that are no Python."""
        return digest_of(each for row in self._rows if not is_module(row[0]) for each in row)


def digest_of(texts: Iterable[str]) -> str:
    """Return a digest of some texts in their order."""
    return sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


class Noting:
    """A linked tree that notes what is asked of it; see `ProgramView`."""

    def __init__(self, program: Program, paths: Mapping[str, str], digests: TreeDigests) -> None:
        """Look at a tree; `paths` has the blob id of every file."""
        self._program = program
        self._all = paths
        self._digests = digests
        self.begin(others=False)

    def begin(self, *, others: bool) -> None:
        """Note for another framework; `others` when files of other languages are its matter."""
        self._files: set[str] = set()
        self._classes: set[str] = set()
        self._below: dict[tuple[str, ...], list[str]] = {}
        self._listed = False
        self._others = others
        self._program.resolver.read = []

    def rests(self) -> Rests:
        """Return what was looked at since `begin`."""
        files, bases = self._files, self._program.hierarchy.bases
        keys = {each for each in self._program.resolver.read if each.partition(":")[0] not in files}
        return Rests(
            {path: self._all.get(path, "") for path in sorted(files)},
            sorted(keys),
            {each: None if (row := bases.get(each)) is None else list(row) for each in sorted(self._classes)},
            [[list(asked), found] for asked, found in sorted(self._below.items())],
            self._digests.listing if self._listed else "",
            self._digests.others if self._others else "",
        )

    def _look_at(self, path: str) -> None:
        self._files.add(path)
        self._others = self._others or not is_module(path)

    def _look_at_order(self, name: str) -> None:
        if name not in self._classes:
            self._classes.update(self._program.hierarchy.mro(name))

    @property
    def paths(self) -> Sequence[str]:
        """All paths with facts."""
        self._listed = True
        return self._program.paths

    @property
    def all_paths(self) -> Sequence[str]:
        """All paths of the tree, whatever their language."""
        self._listed = True
        return self._program.all_paths

    def view(self, path: str) -> FileView | None:
        """Return one file."""
        self._look_at(path)
        return self._program.view(path)

    @property
    def others(self) -> Names:
        """What names mean in files of other languages."""
        self._others = True
        return self._program.others

    def symbol(self, symbol: str) -> Symbol | None:
        """Return the facts of a symbol."""
        self._look_at(symbol.rpartition(":")[0])
        return self._program.symbol(symbol)

    def class_of(self, symbol: str) -> ClassView | None:
        """Return a class of the repository."""
        self._look_at(symbol.rpartition(":")[0])
        self._look_at_order(symbol)
        return self._program.class_of(symbol)

    def is_a(self, name: str, *bases: str) -> bool:
        """Tell whether a class is one of the bases or inherits from one."""
        if ":" in name:
            self._look_at_order(name)
        return self._program.is_a(name, *bases)

    def method(self, owner: str, name: str) -> tuple[str, str] | None:
        """Return (method, class that defines it)."""
        return self._program.method(owner, name)

    def attribute(self, owner: str, name: str) -> tuple[Expr, str] | None:
        """Return a class-level value, and the class that defines it; the value has lines in it."""
        found = self._program.attribute(owner, name)
        if found is not None:
            self._look_at(found[1].rpartition(":")[0])
        return found

    def resolve(self, scope: str, expr: Expr | None) -> Value:
        """Return what an expression written in a scope stands for."""
        self._others = self._others or not is_module(scope.rpartition(":")[0])
        return self._program.resolve(scope, expr)

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text names."""
        return self._program.resolve_dotted(name)

    def subclasses(self, *bases: str) -> Sequence[str]:
        """Return all classes of the repository that inherit from one of them."""
        found = self._program.subclasses(*bases)
        self._below[bases] = list(found)
        return found

    def read_text(self, path: str) -> str | None:
        """Return the text of a file without facts."""
        self._files.add(path)
        return self._program.read_text(path)

    def declared(self) -> Sequence[Mapping[str, Any]]:
        """Return the entry patterns that the project declares itself."""
        return self._program.declared()


def still_holds(
    rests: Rests,
    program: Program,
    paths: Mapping[str, str],
    digests: TreeDigests,
    moved: tuple[frozenset[str], tuple[str, ...]],
) -> bool:
    """Tell whether nothing that entry points rest on is another thing in a tree.

    `moved` are the keys of what reads otherwise there than where the entry points were found, and beginnings of such keys.
    """
    keys, starts = moved
    if any(paths.get(path, "") != blob for path, blob in rests.files.items()):
        return False
    if not keys.isdisjoint(rests.keys) or (starts and any(each.startswith(starts) for each in rests.keys)):
        return False
    bases = program.hierarchy.bases
    for owner, row in rests.bases.items():
        now = bases.get(owner)
        if (None if now is None else list(now)) != row:
            return False
    if any(list(program.subclasses(*asked)) != found for asked, found in rests.below):
        return False
    return rests.listing in {"", digests.listing} and rests.others in {"", digests.others}
