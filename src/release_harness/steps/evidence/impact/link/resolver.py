"""What any expression stands for."""

from release_harness.steps.evidence.impact.facts import Expr, Statement
from release_harness.steps.evidence.impact.link.bindings import Binding, Scope
from release_harness.steps.evidence.impact.link.calls import Calls
from release_harness.steps.evidence.impact.link.core import instance_of, item_type, union
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

ITEMS_READ_COUNT = 3
_HELD_NOTHING = {each: Value(type=each) for each in ("builtins.list", "builtins.dict")}


class InnerScope(Scope):
    """The scope of a comprehension or a lambda."""

    __slots__ = ()

    def __init__(self, outer: Scope, bindings: dict[str, list[Binding]]) -> None:
        """Lay some names over a scope."""
        self.file = outer.file
        self.symbol = outer.symbol
        self.outer = outer
        self.is_class = False
        self.values = {}
        self.key = ""
        self.bindings = bindings

    def free(self) -> Scope | None:
        """Return the scope that it stands in, class or not."""
        return self.outer


def inner_scope(scope: Scope, expr: Expr) -> Scope:
    """Return the scope in which the parts of a comprehension or a lambda are read."""
    bindings: dict[str, list[Binding]] = {}
    if expr[0] == "m":
        for name in expr[2]:
            bindings[name] = [Binding("lambda", None)]
        return InnerScope(scope, bindings)
    found = InnerScope(scope, bindings)
    for target, iterated in expr[2]:
        statement = Statement("set", 0, iterated, target, None, -1, "for")
        names = [(target, -1)] if target[0] != "l" else list(zip(target[1], range(len(target[1])), strict=True))
        for name, index in names:
            if name[0] == "n":
                bindings[name[1]] = [Binding("set" if index < 0 else "item", statement, index)]
    return found


class Resolver(Calls):
    """Resolves expressions of one tree."""

    def evaluate(self, scope: Scope, expr: Expr | None) -> Value:
        """Return what an expression stands for in a scope."""
        if expr is None:
            return UNKNOWN
        form = expr[0]
        if form == "n":
            return self.name(scope, expr[1])
        if form == "a":
            return self.attribute(self.evaluate(scope, expr[1]), expr[2])
        if form == "c":
            return self.called(scope, self.evaluate(scope, expr[1]), expr)
        if form == "s":
            return Value(text=expr[1])
        return self._compound(scope, expr, form)

    def _compound(self, scope: Scope, expr: Expr, form: str) -> Value:
        if form == "b":
            return union([self.evaluate(scope, each) for each in expr[1]])
        if form == "l":
            return self.holding("builtins.list", [self.evaluate(scope, each) for each in expr[1][:ITEMS_READ_COUNT]])
        if form == "d":
            return self.holding("builtins.dict", [self.evaluate(scope, each[1]) for each in expr[1][:ITEMS_READ_COUNT]])
        if form == "i":
            return self.subscripted(self.evaluate(scope, expr[1]))
        if form == "g":
            inner = inner_scope(scope, expr)
            elements = [each[1][0][1] if each[0] == "d" and each[1] else each for each in expr[1]]
            return self.holding("builtins.list", [self.evaluate(inner, each) for each in elements])
        if form == "*":
            return self.evaluate(scope, expr[1])
        return UNKNOWN

    def holding(self, kind: str, items: list[Value]) -> Value:
        """Return something that holds some values, of the type of the first that is known."""
        for each in items[:ITEMS_READ_COUNT]:
            if not each.text:
                found = item_type(each)
                if found:
                    return Value(type=kind, item=found)
        return _HELD_NOTHING[kind]

    def subscripted(self, base: Value) -> Value:
        """Return an item of a value; of a generic class, the class."""
        if base is UNKNOWN:
            return base
        found = []
        for each in (base, *base.others):
            if each.type and each.item:
                found.append(instance_of(each.item))
            elif ":" in each.type:
                found.append(self.called_member(each, "__getitem__"))
            elif not each.type and (each.symbol or each.external):
                found.append(each._replace(others=()) if each.others else each)
        return union(found) if found else UNKNOWN

    def attribute(self, value: Value, name: str) -> Value:
        """Return an attribute of a value."""
        if not value.others:
            return self._attribute(value, name)
        return union([self._attribute(each, name) for each in (value._replace(others=()), *value.others)])

    def _attribute(self, value: Value, name: str) -> Value:
        kind = value.type
        if kind:
            if ":" not in kind:
                return Value(external=f"{kind}.{name}", item=value.item, via="library")
            if name == "__class__":
                return Value(symbol=kind, via=value.via)
            after = kind if value.via == "super" else ""
            found = self.member(kind, name, instance=True, after=after)
            # A manager of one's own has the methods of the library, which give rows of the same model.
            return found._replace(item=value.item) if value.item and found.external and not found.item else found
        symbol = value.symbol
        if symbol:
            if symbol.endswith(":"):
                return self.module_attribute(symbol[:-1], name)
            if self.kind(symbol) == "class":
                return self.member(symbol, name, instance=False)
            return Value(external=f"{value.external}.{name}") if value.external else UNKNOWN
        if value.external:
            return Value(external=f"{value.external}.{name}", via="library" if value.via == "library" else "")
        return UNKNOWN
