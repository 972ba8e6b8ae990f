"""What a framework adapter gets and gives.

An adapter works in two phases. `collect` sees one file at a time and returns plain registrations; they are cached
with the file, so it may look at nothing but the file and what its names resolve to. `assemble` sees all registrations of
the adapter and the class table, and puts prefixes, mounts and guards together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

from release_harness.kernel.records import record
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId


class Registration(NamedTuple):
    """One thing that a file registers with a framework; plain data, it is written to the cache."""

    framework: str
    kind: str
    """The adapter's own word: `route`, `mount`, `middleware`, `router`, …"""
    scope: SymbolId
    """Where it is written: the function, class or module."""
    line: int
    data: dict[str, Any]
    """Plain JSON values; Values are stored as the lists that `list(value)` gives and read back with `Value(*row)`."""


class FileView(Protocol):
    """One file, and what its names mean."""

    @property
    def path(self) -> str:
        """Path of the file in the tree."""
        ...

    @property
    def facts(self) -> FileFacts:
        """Its facts."""
        ...

    @property
    def module(self) -> str:
        """Dotted name it is imported by (`app.main`); for other languages the path without its ending."""
        ...

    @property
    def imports(self) -> frozenset[str]:
        """Top-level names of all libraries and packages that the file imports anywhere."""
        ...

    def resolve(self, scope: Symbol, expr: Expr | None) -> Value:
        """Return what an expression written in a scope of this file stands for; UNKNOWN when reading does not tell."""
        ...

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text such as `app.views.index` or `app.main:create_app` names in the tree or a library."""
        ...

    def id_of(self, symbol: Symbol) -> SymbolId:
        """Return the SymbolId of a symbol of this file."""
        ...


class ClassView(NamedTuple):
    """One class of the repository."""

    symbol: SymbolId
    bases: list[str]
    """Method resolution order after itself: SymbolIds and dotted external names; best effort, in order."""
    methods: dict[str, SymbolId]
    """Methods that it defines itself."""
    attributes: dict[str, Expr]
    """Class-level assignments that it defines itself."""
    decorators: list[Expr]


class ProgramView(Protocol):
    """The whole tree, linked."""

    @property
    def paths(self) -> Sequence[str]:
        """All paths with facts."""
        ...

    @property
    def all_paths(self) -> Sequence[str]:
        """All paths of the tree, sorted: those with facts and those without (pyproject.toml, Procfile, serverless.yml)."""
        ...

    def view(self, path: str) -> FileView | None:
        """Return one file; its facts are loaded when they are asked, so ask for few."""
        ...

    def symbol(self, symbol: SymbolId) -> Symbol | None:
        """Return the facts of a symbol."""
        ...

    def class_of(self, symbol: SymbolId) -> ClassView | None:
        """Return a class of the repository."""
        ...

    def is_a(self, name: str, *bases: str) -> bool:
        """Tell whether a class (SymbolId or dotted) is one of the bases or inherits from one, through the repository's own classes."""
        ...

    def method(self, owner: SymbolId, name: str) -> tuple[SymbolId, SymbolId] | None:
        """Return (method, class that defines it) by the method resolution order, repository classes only."""
        ...

    def attribute(self, owner: SymbolId, name: str) -> tuple[Expr, SymbolId] | None:
        """Return a class-level value by the method resolution order, and the class that defines it."""
        ...

    def resolve(self, scope: SymbolId, expr: Expr | None) -> Value:
        """Return what an expression written in a scope stands for."""
        ...

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text names."""
        ...

    def subclasses(self, *bases: str) -> Sequence[SymbolId]:
        """Return all classes of the repository that inherit from one of them, sorted."""
        ...

    def read_text(self, path: str) -> str | None:
        """Return the text of a file without facts (pyproject.toml, crontab, serverless.yml), or None."""
        ...

    def declared(self) -> Sequence[Mapping[str, Any]]:
        """Return the entry patterns that the project declares itself in `.rh/project.yaml`."""
        ...


class HookEdge(NamedTuple):
    """An edge of the graph that only a framework knows: `pm.hook.x()` to `@hookimpl def x`, a signal to its receivers."""

    source: SymbolId
    target: SymbolId
    confidence: Confidence
    reason: str
    line: int = 0
    asynchronous: bool = False
    receiver: SymbolId = ""
    """Class that the target is bound to, when it is a method."""


class TextUse(Enum):
    """What a text that stands in a file says about the symbol that it names."""

    PAGE = "page"
    """The name under which a template is loaded."""
    END_OF_PAGE = "end of page"
    """The end of a template's path."""
    IN_TEMPLATE = "in template"
    """A name, filter, test or tag inside of a template."""


class TextName(NamedTuple):
    """A text by which other files name a symbol: whoever holds exactly this text leads to the symbol."""

    symbol: SymbolId
    text: str
    use: TextUse


class Around(NamedTuple):
    """Code that runs before, after or around many entries: middleware, loaders, exception handlers, settings."""

    symbol: SymbolId
    reason: str
    entries: frozenset[str] | None = None
    """Keys of the entries it stands around; None for all of the framework."""
    places: frozenset[tuple[str, int]] = frozenset()
    """Path and line of every place where it is only handed to the framework: who does that does not run it."""


@record
class Discovery:
    """What one framework adapter found in a tree."""

    framework: str
    entries: tuple[EntryPoint, ...] = ()
    edges: tuple[HookEdge, ...] = ()
    around: tuple[Around, ...] = ()
    names: tuple[TextName, ...] = ()
    unknown: tuple[str, ...] = ()
    """Registrations that could not be read, one sentence each with path and line; they make the answer not whole."""
    handed: tuple[tuple[SymbolId, str, int], ...] = ()
    """Handlers, with path and line of each place beside their registration that only hands them on and runs nothing."""


class Framework(Protocol):
    """One framework adapter; instances are listed in `entries.registry`."""

    @property
    def name(self) -> str:
        """As people write it: `FastAPI`."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Languages of the files it wants to see."""
        ...

    @property
    def libraries(self) -> frozenset[str]:
        """Top-level import names; `collect` is called for files that import one of them. Empty: for every file of its languages."""
        ...

    # An adapter may say `whole_tree = True`: `assemble` is then called even when no file registers anything.

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return what one file registers."""
        ...

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put the registrations of all files together."""
        ...

    @property
    def runtime_dump(self) -> str:
        """Source of a function `dump(app) -> list[dict]` that asks the framework itself, run in the project's interpreter; empty when there is none."""
        ...


def scopes(facts: FileFacts) -> Iterator[Symbol]:
    """Yield every scope of a file, the module first."""
    yield from facts.symbols
