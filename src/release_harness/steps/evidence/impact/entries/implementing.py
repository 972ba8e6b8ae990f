"""Which class implements an interface, where only one of the product does: whoever asks for the interface runs that one."""

from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.impact.lexical.reads import JVM, below_key
from release_harness.steps.evidence.model.impact import SymbolId

_MAKES = frozenset({"class", "object", "enum"})


class Implementing:
    """The classes below the interfaces of Java and Kotlin of one tree, tests left out."""

    def __init__(self, names: Names) -> None:
        """Take what names mean; the classes are read when the first one is asked for."""
        self.names = names
        self._below: dict[SymbolId, list[SymbolId]] | None = None
        self._only: dict[SymbolId, tuple[SymbolId, tuple[str, ...]]] = {}

    def only(self, owner: SymbolId) -> SymbolId:
        """Return the one class of the product that implements an interface; empty for none, for several and for a class."""
        known = self._only.get(owner)
        if known is None:
            known = self._only[owner] = self.names.noted(self._search, owner)
        else:
            self.names.read.update(known[1])
        return known[0]

    def runs(self, member: SymbolId) -> SymbolId:
        """Return what a call of a member runs: for a method of an interface, that of the one class that implements it."""
        owner, _, name = member.rpartition(".")
        below = self.only(owner) if owner else ""
        definer = self.names.find_member(below, name) if below else ""
        return f"{definer}.{name}" if definer and definer != owner else member

    def _search(self, owner: SymbolId) -> SymbolId:
        symbol = self.names.symbol(owner) if owner.partition(":")[0].endswith(JVM) else None
        if symbol is None or symbol.kind != "interface":
            return ""
        found: set[SymbolId] = set()
        seen, waiting = {owner}, [owner]
        while waiting:
            base = waiting.pop()
            self.names.read.add(below_key(base))
            for each in self._all().get(base, ()):
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
                    symbol = self.names.symbol(each)
                    if symbol is not None and symbol.kind in _MAKES:
                        found.add(each)
        return found.pop() if len(found) == 1 else ""

    def _all(self) -> dict[SymbolId, list[SymbolId]]:
        if self._below is None:
            self._below = self.names.unnoted(self._read)
        return self._below

    def _read(self) -> dict[SymbolId, list[SymbolId]]:
        below: dict[SymbolId, list[SymbolId]] = {}
        for path in self.names.paths:
            module = self.names.module(path) if path.endswith(JVM) and not is_test_path(path) else None
            for symbol in module.facts.symbols if module is not None else ():
                owner = f"{path}:{symbol.qualname}"
                for base in self.names.bases(owner) if symbol.bases else ():
                    below.setdefault(base, []).append(owner)
        return below


def implementing_of(names: Names) -> Implementing:
    """Return the classes below interfaces; asking again for the same names costs nothing."""
    if not _latest or _latest[0].names is not names:
        _latest[:] = [Implementing(names)]
    return _latest[0]


_latest: list[Implementing] = []
