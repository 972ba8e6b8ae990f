"""Classes: bases, method resolution order, members, and what an attribute of an instance is."""

from collections.abc import Iterator

from release_harness.steps.evidence.impact.link.bindings import Binding, FileIndex
from release_harness.steps.evidence.impact.link.core import union
from release_harness.steps.evidence.impact.link.hierarchy import merge
from release_harness.steps.evidence.impact.link.names import Names
from release_harness.steps.evidence.impact.link.rows import QUERIES, QUERY
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_TYPING_BASES = frozenset({"typing.Generic", "builtins.object", *_PROTOCOLS})


class Classes(Names):
    """Answers questions about classes."""

    def bases(self, owner: str) -> tuple[str, ...]:
        """Return the direct bases of a class: SymbolIds and dotted external names."""
        return tuple(each for each in self._all_bases(owner) if each not in _TYPING_BASES)

    def is_protocol(self, owner: str) -> bool:
        """Tell whether a class only says which methods others have."""
        return not _PROTOCOLS.isdisjoint(self._all_bases(owner))

    def _all_bases(self, owner: str) -> tuple[str, ...]:
        found: tuple[str, ...] = self.ask(self.answers, ("bases", owner), self._bases, owner, otherwise=())
        return found

    def _bases(self, owner: str) -> tuple[str, ...]:
        place = self.place(owner)
        if place is None:
            return ()
        self.read.append(owner)
        _, scope = place
        found = []
        for base in scope.symbol.bases:
            value = self.evaluate(scope.outer or scope, base)
            name = value.external or ("" if value.type else value.symbol)
            if not name and value.type and ":" not in value.type:
                name = value.type
            if name and name != owner:
                found.append(name)
            elif not name:
                found.append("?")
        return tuple(found)

    def mro(self, owner: str) -> tuple[str, ...]:
        """Return a class and its bases in method resolution order; a base that did not resolve is `?`."""
        found: tuple[str, ...] = self.ask(self.answers, ("mro", owner), self._mro, owner, otherwise=(owner,))
        return found

    def _mro(self, owner: str) -> tuple[str, ...]:
        bases = self.bases(owner)
        orders = [list(self.mro(each)) if ":" in each else [each] for each in bases]
        return (owner, *merge([*orders, list(bases)]))

    def find_member(self, owner: str, name: str, *, after: str = "") -> tuple[FileIndex, str, list[Binding]] | str:
        """Return (file, class, bindings) of the class that binds a name, by the resolution order; else the first outside base, or empty."""
        outside = ""
        waiting = bool(after)
        for each in self.mro(owner):
            if waiting:
                waiting = each != after
                continue
            if ":" not in each:
                outside = outside or each
                continue
            path, _, qualname = each.rpartition(":")
            file = self.file(path)
            if file is None:
                continue
            self.read.append(f"{each}.{name}")
            bindings = file.members(qualname).get(name)
            if bindings:
                return file, each, bindings
        return outside

    def member(self, owner: str, name: str, *, instance: bool, after: str = "") -> Value:
        """Return an attribute of a class or of an instance of it."""
        key = ("member", owner, name, instance, after)
        found: Value = self.ask(self.answers, key, self._member, owner, name, instance, after)
        return found

    def _member(self, owner: str, name: str, instance: bool, after: str) -> Value:  # noqa: FBT001 - asked through `ask`
        place = self.find_member(owner, name, after=after)
        if not isinstance(place, str):
            file, definer, bindings = place
            value = self._class_member(file, owner, definer, name, bindings, instance=instance)
            if value.type or not instance:
                return value
            set_later = self._assigned(owner, name)
            return union([value, set_later]) if set_later.type else value
        if instance and not after:
            set_later = self._assigned(owner, name)
            if set_later.known:
                return set_later
        if place and not instance and name in QUERIES:
            return Value(type=QUERY, item=owner)
        return Value(external=f"{place}.{name}", via="library") if place and place != "?" else UNKNOWN

    def _class_member(
        self, file: FileIndex, owner: str, definer: str, name: str, bindings: list[Binding], *, instance: bool
    ) -> Value:
        receiver = owner if owner != definer else ""
        symbol = bindings[-1].fact if bindings[-1].kind == "symbol" else None
        if symbol is not None:
            found = Value(symbol=f"{definer}.{name}", receiver=receiver if symbol.kind != "class" else "")
            if instance and "property" in symbol.flags:
                returned = self.rebound(self.returned(found.symbol), owner)
                return Value(
                    symbol=found.symbol,
                    receiver=receiver,
                    type=returned.type,
                    item=returned.item,
                    others=returned.others,
                )
            return found
        scope = file.scope(definer.rpartition(":")[2])
        value = UNKNOWN if scope is None else self.bound(scope, name)
        if value.symbol and not value.type and value.symbol != f"{definer}.{name}":
            return value._replace(through=f"{definer}.{name}")
        return value._replace(symbol=f"{definer}.{name}", receiver=receiver)

    def _assigned(self, owner: str, name: str) -> Value:
        """Return what the methods of a class, or of its bases, set on `self`."""
        for each in self.mro(owner):
            if ":" not in each:
                continue
            path, _, qualname = each.rpartition(":")
            file = self.file(path)
            if file is None:
                continue
            self.read.append(f"{each}.@{name}")
            found = []
            for method, binding in file.assigned(qualname).get(name, ()):
                self.read.append(f"{path}:{method.qualname}")
                found.append(self.binding(file.scope_of(method), binding))
            if found:
                value = union([_without_text(one) for one in found])
                return value._replace(symbol=f"{each}.{name}") if value.type else value
        return UNKNOWN

    def virtual(self, owner: str) -> Iterator[str]:
        """Yield the repository's own classes in the resolution order of a class."""
        for each in self.mro(owner):
            if ":" in each:
                yield each


def _without_text(value: Value) -> Value:
    return value._replace(text="") if value.text else value
