"""Which templates Rails renders: by the name of the action, as the code says, and the layout around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from release_harness.steps.evidence.impact.entries.contract import HookEdge
from release_harness.steps.evidence.impact.entries.rails_controllers import settings_of
from release_harness.steps.evidence.impact.entries.rails_words import singular
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.extract.languages.erb import VIEW
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Confidence, SymbolId

FOLDER = "app/views/"
RENDERS = frozenset({"render", "render_to_string", "render_to_body"})
_ENDINGS = (".erb", ".builder", ".jbuilder")


class Views:
    """The templates of one tree."""

    def __init__(self, names: Names) -> None:
        """Take the names; templates are found by their folder and their name before the first dot."""
        self.names = names
        self._found: dict[str, list[str]] = {}
        for path in names.paths:
            if path.startswith(FOLDER) and path.endswith(_ENDINGS):
                folder, _, file = path[len(FOLDER) :].rpartition("/")
                self._found.setdefault(f"{folder}/{file.partition('.')[0]}", []).append(f"{path}:{VIEW}")

    def named(self, name: str) -> Sequence[SymbolId]:
        """Return the templates of a name such as `stories/show` or `stories/_form`, one for each format."""
        return self._found.get(name.strip("/"), ())

    def of_action(self, owner: SymbolId, action: str) -> Sequence[SymbolId]:
        """Return the templates of an action, of the nearest class that has some."""
        for each in self.names.lineage(owner):
            found = self.named(f"{folder_of(each)}/{action}") if ":" in each else ()
            if found:
                return found
        return ()

    def rendered(self, scope: SymbolId, call: Expr) -> Iterator[tuple[SymbolId, Confidence]]:
        """Yield the templates that one `render` names."""
        options: Mapping[str, Expr] = call[3]
        first = call[2][0] if call[2] else None
        template = text_of(options.get("template")) or text_of(options.get("action"))
        partial = text_of(options.get("partial"))
        plain = text_of(first)
        in_view = scope.endswith(f":{VIEW}") or "/helpers/" in scope
        if plain and in_view:
            partial = partial or plain
        elif plain:
            template = template or plain
        wanted = [template] if template else []
        if partial:
            folder, _, name = partial.rpartition("/")
            wanted.append(f"{folder}/_{name}" if folder else f"_{name}")
        for name in wanted:
            for each in self._looked_up(scope, name):
                yield each, Confidence.HIGH
        collection = first if first is not None else options.get("partial") or options.get("collection")
        if not wanted and collection is not None and collection[0] == "n":
            word = singular(str(collection[1]).lstrip("@"))
            for each in self.named(f"{word}s/_{word}"):
                yield each, Confidence.MEDIUM

    def _looked_up(self, scope: SymbolId, name: str) -> Sequence[SymbolId]:
        """Return the templates of a name as Rails looks it up: in the folder of who renders, then as a whole path."""
        if "/" in name:
            return self.named(name)
        path = scope.partition(":")[0]
        if path.startswith(FOLDER):
            folders = [path[len(FOLDER) :].rpartition("/")[0], "application"]
        else:
            owner = self.names.ruby.owner_of(scope)
            folders = [folder_of(each) for each in self.names.lineage(owner) if ":" in each] if owner else []
        return next((found for folder in folders if (found := self.named(f"{folder}/{name}"))), ())

    def layouts(self, owner: SymbolId) -> Sequence[SymbolId]:
        """Return the layout around the templates of a controller."""
        said = [each for each in settings_of(self.names, owner) if each.word == "layout"]
        if said:
            name = text_of(said[-1].call[2][0]) if said[-1].call[2] else None
            return self.named(f"layouts/{name}") if name else ()
        for each in self.names.lineage(owner):
            found = self.named(f"layouts/{folder_of(each)}") if ":" in each else ()
            if found:
                return found
        return ()

    def edges(self, rendering: Iterable[tuple[SymbolId, int, Expr]]) -> Iterator[HookEdge]:
        """Yield an edge from whoever renders to what is rendered."""
        for scope, line, call in rendering:
            for view, confidence in self.rendered(scope, call):
                yield HookEdge(scope, view, confidence, "renders", line)


def folder_of(owner: SymbolId) -> str:
    """Return the folder of the templates of a controller or a mailer: `mod/comments` for `Mod::CommentsController`."""
    qualname = owner.rpartition(":")[2].removesuffix("Controller")
    return "/".join(_underscored(each) for each in qualname.split("."))


def _underscored(name: str) -> str:
    found = ""
    for at, letter in enumerate(name):
        if letter.isupper() and at and (name[at - 1].islower() or (at + 1 < len(name) and name[at + 1].islower())):
            found += "_"
        found += letter.lower()
    return found
