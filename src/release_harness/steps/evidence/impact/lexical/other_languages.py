"""What names mean in files of other languages than Python, as far as modules and lexical scopes tell."""

from collections.abc import Callable, Iterable, Sequence

from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Import, Parameter, Statement, Symbol
from release_harness.steps.evidence.impact.lexical.built_in import ARRAY, ECMASCRIPT_NAMES, GO_NAMES, SLICE
from release_harness.steps.evidence.impact.lexical.instances import DEPTH_LIMIT, Instances
from release_harness.steps.evidence.impact.lexical.modules_ecmascript import EcmaScriptModules
from release_harness.steps.evidence.impact.lexical.packages import Packages
from release_harness.steps.evidence.impact.lexical.reads import bound_key
from release_harness.steps.evidence.impact.lexical.ruby_values import RubyValues
from release_harness.steps.evidence.impact.lexical.scopes import (
    CLASSES,
    ECMASCRIPT,
    RUBY,
    Bound,
    OneModule,
    OneScope,
    outer_name,
    sees_members,
)
from release_harness.steps.evidence.impact.values import UNKNOWN, Value
from release_harness.steps.evidence.model.impact import SymbolId

OTHER_LANGUAGES = ECMASCRIPT | RUBY | {"go", "java", "kotlin", "php", "template"}
_BARE_MEMBERS = frozenset({"java", "kotlin"}) | RUBY
_SHALLOW_DEPTH = 3
"""An answer that is found so near to the question was not cut short by the limit."""
_ECMASCRIPT_THIS = frozenset({"this", "super"})
THIS = {
    "php": frozenset({"$this", "self", "static", "parent"}),
    **dict.fromkeys(RUBY, frozenset({"self", "super"})),
    "go": frozenset[str](),
}


class Names(Instances):
    """Every file of other languages of one tree, ready to be asked what a name means."""

    def __init__(
        self,
        paths: Iterable[str],
        facts: Callable[[str], FileFacts | None],
        read_text: Callable[[str], str | None],
        all_paths: Iterable[str] = (),
    ) -> None:
        """Take the paths that have facts, a way to their facts, and all paths of the tree."""
        self.paths = tuple(paths)
        everything = frozenset(all_paths) | frozenset(self.paths)
        self._facts = facts
        self._modules: dict[str, OneModule | None] = {}
        self.ecmascript = EcmaScriptModules(everything, read_text)
        super().__init__()
        self.packages = Packages(self.paths, everything, read_text, self)
        self.ruby = RubyValues(self)
        self._chains: dict[tuple[str, str, int], tuple[Expr, Value, tuple[str, ...]]] = {}
        """(path, scope, id of an expression) -> (the expression, which is thereby kept, what it stands for, what was read)."""
        self._lineages: dict[SymbolId, tuple[list[str], tuple[str, ...]]] = {}
        self._members: dict[tuple[str, str], tuple[SymbolId, tuple[str, ...]]] = {}

    def module(self, path: str) -> OneModule | None:
        """Return one file, or None when it has no facts."""
        if path not in self._modules:
            facts = self._facts(path)
            usable = facts is not None and facts.symbols and facts.language in OTHER_LANGUAGES
            self._modules[path] = OneModule(path, facts) if usable and facts is not None else None
        return self._modules[path]

    def symbol(self, symbol: SymbolId) -> Symbol | None:
        """Return the facts of a symbol."""
        scope = self.scope(symbol)
        return None if scope is None else scope.symbol

    def scope(self, symbol: SymbolId) -> OneScope | None:
        """Return the scope of a symbol."""
        path, _, qualname = symbol.rpartition(":")
        self.read.add(symbol)
        module = self.module(path)
        return None if module is None else module.scopes.get(qualname)

    def _bound_in(self, scope: OneScope, name: str) -> Bound | None:
        """Return what a scope itself binds a name to."""
        self.read.add(bound_key(scope.key, name))
        return scope.bound.get(name)

    def resolve(self, scope: SymbolId, expr: Expr | None) -> Value:
        """Return what an expression written in a scope stands for; UNKNOWN when reading does not tell."""
        path, _, qualname = scope.rpartition(":")
        module = self.module(path)
        if module is None or expr is None or qualname not in module.scopes:
            return UNKNOWN
        return self._resolve(module, module.scopes[qualname], expr, 0)

    def _resolve(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        form = expr[0]
        if depth > DEPTH_LIMIT:
            return UNKNOWN
        if form == "n":
            return self._name(module, scope, str(expr[1]), depth)
        if form in {"a", "c"}:
            return self._chained(module, scope, expr, depth)
        if form == "s":
            return Value(text=expr[1])
        if form == "y":
            return Value(symbol=f"{module.path}:{expr[1]}")
        if form == "i":
            return self._subscript(module, scope, expr, depth)
        if form in {"l", "f"} and module.facts.language in ECMASCRIPT:
            return Value(type=ARRAY if form == "l" else "String")
        if form == "b" and len(expr[1]) == 1:
            return self._resolve(module, scope, expr[1][0], depth + 1)
        return UNKNOWN

    def _chained(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        """Return what an attribute or a call stands for: each part of `a.b().c().d()` is asked for again by the next one."""
        key = (module.path, scope.symbol.qualname, id(expr))
        held = self._chains.get(key)
        if held is not None and held[0] is expr:
            self.read.update(held[2])
            return held[1]
        found, read = self.noted(self._one_more, module, scope, expr, depth)
        if found.known or (depth <= _SHALLOW_DEPTH and not self._waiting):
            self._chains[key] = (expr, found, read)
        return found

    def _one_more(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        """Return what the last part of a chain stands for."""
        if expr[0] == "a":
            return self._attribute(module, scope, expr, depth)
        if module.facts.language in RUBY:
            return self.ruby.called(f"{module.path}:{scope.symbol.qualname}", expr, depth)
        return self._called(module, scope, expr, depth)

    def _attribute(self, module: OneModule, scope: OneScope, expr: Expr, depth: int) -> Value:
        if module.facts.language in RUBY:
            constant = self.packages.constant(scope, expr)
            if constant.symbol:
                return constant
        found = self._shadowed(module, expr, depth)
        if found.symbol:
            return found
        return self.member(self._resolve(module, scope, expr[1], depth + 1), str(expr[2]), depth)

    def _shadowed(self, module: OneModule, expr: Expr, depth: int) -> Value:
        """Return a member of a Go package, also where a variable of an inner block has the name of the package."""
        if module.facts.language != "go" or expr[1][0] != "n":
            return UNKNOWN
        bound = module.scopes[""].bound.get(expr[1][1])
        if bound is None or bound.imported is None:
            return UNKNOWN
        return self.member(self.imported(module, bound.imported, depth), str(expr[2]), depth)

    def _name(self, module: OneModule, scope: OneScope, name: str, depth: int) -> Value:
        key = (module.path, scope.symbol.qualname, name)
        known = self._known.get(key)
        if known is not None:
            self.read.update(known[1])
            return known[0]
        if key in self._waiting:
            outer = scope.outer if name in scope.bound and module.facts.language == "go" else None
            return self._name(module, outer, name, depth + 1) if outer is not None else UNKNOWN
        self._waiting.add(key)
        try:
            found, read = self.noted(self._lookup, module, scope, name, depth)
        finally:
            self._waiting.discard(key)
        if not self._waiting or found.known:
            self._known[key] = found, read
        return found

    def _lookup(self, module: OneModule, scope: OneScope, name: str, depth: int) -> Value:
        if name in THIS.get(module.facts.language, _ECMASCRIPT_THIS):
            return self._this(scope, name)
        place: OneScope | None = scope
        while place is not None:
            bound = self._bound_in(place, name)
            if bound is not None and (place is scope or sees_members(module, place, bound)):
                return self._bound(module, place, name, bound, depth)
            inherited = self._inherited(module, place, name, depth)
            if inherited.known:
                return inherited
            place = place.outer
        if module.facts.language in ECMASCRIPT:
            return Value(external=name) if name in ECMASCRIPT_NAMES else UNKNOWN
        if module.facts.language in RUBY and not name[:1].isupper():
            return self.ruby.name(f"{module.path}:{scope.symbol.qualname}", name, depth)
        found = self.packages.name(self, module, scope, name)
        return Value(external=name) if not found.known and name in GO_NAMES and module.facts.language == "go" else found

    def _inherited(self, module: OneModule, place: OneScope, name: str, depth: int) -> Value:
        """Return a member that a class inherits, in languages where its name alone says it."""
        if module.facts.language not in _BARE_MEMBERS or place.symbol.kind not in CLASSES or not place.symbol.qualname:
            return UNKNOWN
        found = self.find_member(f"{module.path}:{place.symbol.qualname}", name)
        return self._member_value(found, name, depth) if found else UNKNOWN

    def _this(self, scope: OneScope, name: str) -> Value:
        place: OneScope | None = scope
        while place is not None:
            if place.symbol.kind in {"class", "object", "interface", "enum"}:
                owner = place.key
                self.read.add(owner)
                if name in {"super", "parent"}:
                    bases = self.bases(owner)
                    return Value(type=bases[0]) if bases else UNKNOWN
                return Value(type=owner, via="self")
            place = place.outer
        return UNKNOWN

    def _bound(self, module: OneModule, scope: OneScope, name: str, bound: Bound, depth: int) -> Value:
        owner = f"{module.path}:{scope.symbol.qualname}"
        if bound.symbol is not None:
            return Value(symbol=f"{module.path}:{bound.symbol.qualname}")
        if bound.imported is not None:
            return self.imported(module, bound.imported, depth)
        if bound.parameter is not None:
            return self._parameter(module, owner, bound.parameter, depth)
        statement = bound.statement
        if statement is None:
            return UNKNOWN
        separator = ".<locals>." if scope.symbol.kind in {"function", "async"} else "." if scope.symbol.qualname else ""
        here = f"{owner}{separator}{name}"
        if statement.annotation is not None:
            found = self.instance(owner, statement.annotation, depth)
            if found.type:
                return Value(symbol=here, type=found.type, item=found.item)
        if statement.value is None:
            return Value(symbol=here)
        found = self._resolve(module, scope, statement.value, depth + 1)
        if statement.how.startswith("for"):
            return Value(symbol=here, type=self.item_of(found, statement.how, depth))
        if found.symbol and not found.type and statement.value[0] in {"n", "a", "y"}:
            return found
        return Value(symbol=here, type=found.type, text=found.text, item=found.item)

    def _parameter(self, module: OneModule, owner: SymbolId, parameter: Parameter, depth: int) -> Value:
        found = self.instance(owner, parameter.annotation, depth)
        if parameter.kind == "args" and module.facts.language == "go":
            found = Value(type=SLICE, item=found.type)
        return Value(symbol=f"{owner}.<locals>.{parameter.name}", type=found.type, item=found.item)

    def imported(self, module: OneModule, imported: Import, depth: int) -> Value:
        """Return what an imported name stands for."""
        if module.facts.language not in ECMASCRIPT:
            return self.packages.imported(module, imported)
        target = self.ecmascript.find(imported.module, module.path)
        if not target:
            library = imported.module
            return Value(external=f"{library}.{imported.name}" if imported.name not in {"", "default"} else library)
        if not imported.name:
            return self._imported_module(module, imported.module, depth)
        return self.exported(target, imported.name, depth + 1)

    def _imported_module(self, module: OneModule, source: str, depth: int) -> Value:
        target = self.ecmascript.find(source, module.path)
        if not target:
            return Value(external=source)
        there = self.module(target)
        statement = there.exports("default") if there is not None else None
        if there is not None and statement is not None and statement.target == ["a", ["n", "module"], "exports"]:
            found = self._value_of(there, statement, depth)
            if found.known:
                return found
        return Value(symbol=f"{target}:")

    def _value_of(self, module: OneModule, statement: Statement, depth: int) -> Value:
        scope = module.scopes[""]
        if statement.value is None or depth > DEPTH_LIMIT:
            return UNKNOWN
        if statement.value[0] == "d":
            return Value(symbol=f"{module.path}:")
        found = self._resolve(module, scope, statement.value, depth + 1)
        if found.symbol:
            return found
        return Value(symbol=f"{module.path}:exports", type=found.type) if found.type else found

    def exported(self, path: str, name: str, depth: int = 0) -> Value:
        """Return what an exported name of a module stands for; the module itself when that cannot be told."""
        module = self.module(path)
        if module is None or depth > DEPTH_LIMIT:
            return Value(symbol=f"{path}:")
        for each in (self._exported_here, self._exported_whole, self._handed_on):
            found = each(module, name, depth)
            if found.known:
                return found
        return Value(symbol=f"{path}:")

    def _exported_here(self, module: OneModule, name: str, depth: int) -> Value:
        statement = module.exports(name)
        found = self._value_of(module, statement, depth) if statement is not None else UNKNOWN
        scope = module.scopes[""]
        if not found.known and name in scope.bound and name != "default":
            found = self._bound(module, scope, name, scope.bound[name], depth + 1)
        return found

    def _exported_whole(self, module: OneModule, name: str, depth: int) -> Value:
        """Return a part of what a module exports as a whole: `module.exports = { name }`."""
        whole = module.exports("default")
        if whole is None or whole.value is None or name == "default":
            return UNKNOWN
        if whole.value[0] != "d":
            found = self.member(self._value_of(module, whole, depth), name, depth + 1)
            return found if found.symbol and not found.symbol.endswith(":") else UNKNOWN
        given = next((value for key, value in whole.value[1] if key == ["s", name]), None)
        return self._resolve(module, module.scopes[""], given, depth + 1) if given is not None else UNKNOWN

    def _handed_on(self, module: OneModule, name: str, depth: int) -> Value:
        """Return what a module hands on with `export * from`."""
        for each in module.scopes[""].symbol.imports:
            target = self.ecmascript.find(each.module, module.path) if each.name == "*" and not each.bound else ""
            there = self.module(target) if target and target != module.path else None
            if there is not None and (name in (there.facts.exports or ()) or _hands_on(there)):
                found = self.exported(target, name, depth + 1)
                if found.symbol != f"{target}:":
                    return found
        return UNKNOWN

    def member(self, base: Value, name: str, depth: int = 0) -> Value:
        """Return an attribute of a value."""
        if depth > DEPTH_LIMIT:
            return UNKNOWN
        if base.external:
            return Value(external=f"{base.external}.{name}")
        symbol = base.symbol
        if symbol.endswith(":") and not base.type:
            return self.packages.member(self, symbol[:-1], name) or self.exported(symbol[:-1], name, depth + 1)
        owner = base.type or (symbol if self.is_class(symbol) else "String" if base.text else "")
        if not owner:
            return self._part_of_table(symbol, name)
        if ":" not in owner:
            return Value(external=f"{owner}.{name}")
        found = self.find_member(owner, name)
        if not found:
            outside = next((each for each in self.lineage(owner) if ":" not in each), "")
            return Value(external=f"{outside}.{name}") if outside else UNKNOWN
        return self._member_value(found, name, depth)

    def _part_of_table(self, symbol: SymbolId, name: str) -> Value:
        """Return a part of a plain object that is written out in a module: `{ a: "x", b: { c: "y" } }`."""
        path, _, qualname = symbol.rpartition(":")
        first, *rest = qualname.split(".") if qualname and "<" not in qualname else ("",)
        module = self.module(path) if first else None
        bound = self._bound_in(module.scopes[""], first) if module is not None else None
        value = bound.statement.value if bound is not None and bound.statement is not None else None
        for each in (*rest, name):
            pairs = value[1] if value is not None and value[0] == "d" else ()
            value = next((held for key, held in pairs if key == ["s", each]), None)
        return Value(symbol=f"{symbol}.{name}", text=text_of(value) or "") if value is not None else UNKNOWN

    def _member_value(self, owner: SymbolId, name: str, depth: int) -> Value:
        path, _, _ = owner.rpartition(":")
        module, scope = self.module(path), self.scope(owner)
        bound = self._bound_in(scope, name) if scope is not None else None
        if module is None or scope is None or bound is None:
            return Value(symbol=f"{owner}.{name}") if module is not None else UNKNOWN
        return self._bound(module, scope, name, bound, depth + 1)

    def variable(self, path: str, name: str) -> Value:
        """Return what a name of a module's own scope stands for."""
        module = self.module(path)
        bound = module.scopes[""].bound.get(name) if module is not None else None
        if module is None or bound is None:
            return UNKNOWN
        return self._name(module, module.scopes[""], name, 1)

    def siblings(self, path: str) -> Sequence[str]:
        """Return the files that may add to a class of this file: those of the same package in Go, else the file alone."""
        return self.packages.siblings(path) if path.endswith(".go") else (path,)

    def find_member(self, owner: SymbolId, name: str) -> SymbolId:
        """Return the class that defines a member, through the repository's own bases; empty when none does."""
        key = (owner, name)
        known = self._members.get(key)
        if known is None:
            known = self._members[key] = self.noted(self._definer, owner, name)
        else:
            self.read.update(known[1])
        return known[0]

    def _definer(self, owner: SymbolId, name: str) -> SymbolId:
        for each in self.lineage(owner):
            scope = self.scope(each) if ":" in each else None
            if scope is not None and self._bound_in(scope, name) is not None:
                return each
            found = self.packages.method_owner(each, name)
            if found:
                return found
        return ""

    def is_class(self, symbol: SymbolId) -> bool:
        """Tell whether a SymbolId is a class, interface, enum or object."""
        found = self.symbol(symbol) if symbol else None
        return found is not None and found.kind in CLASSES

    def bases(self, owner: SymbolId) -> list[str]:
        """Return the direct bases of a class: SymbolIds and dotted external names."""
        symbol = self.symbol(owner)
        path, _, qualname = owner.rpartition(":")
        outer = f"{path}:{outer_name(qualname)}"
        outer = outer if self.scope(outer) is not None else f"{path}:"  # `class A::B` stands in no module of its file
        found = []
        for each in symbol.bases if symbol is not None else ():
            value = self.resolve(outer, each[1] if each[0] == "i" else each)
            name = value.symbol or value.external or value.type
            if name and name != owner:
                found.append(name)
        return found if symbol is None or not path.endswith(".rb") else [*self.ruby.included(owner, symbol), *found]

    def lineage(self, owner: SymbolId) -> list[str]:
        """Return a class and everything that it inherits from, the nearest first."""
        known = self._lineages.get(owner)
        if known is not None:
            self.read.update(known[1])
            return known[0]
        found, read = self.noted(self._climb, owner)
        if not self._waiting:
            self._lineages[owner] = found, read
        return found

    def _climb(self, owner: SymbolId) -> list[str]:
        found = [owner]
        for each in found:
            if len(found) > 60:  # noqa: PLR2004 - deeper than any real class
                break
            if ":" in each:
                found.extend(base for base in self.bases(each) if base not in found)
        return found


def _hands_on(module: OneModule) -> bool:
    return "export-star" in module.facts.symbols[0].flags


def names_of(program: object) -> Names:
    """Return the names of a linked program; asking again for the same program costs nothing."""
    own = getattr(program, "others", None)
    if isinstance(own, Names):
        return own
    if _latest and _latest[0][0] is program:
        return _latest[0][1]
    view = getattr(program, "view")  # noqa: B009 - any ProgramView
    found = Names(
        getattr(program, "paths"),  # noqa: B009 - any ProgramView
        lambda path: None if (file := view(path)) is None else file.facts,
        getattr(program, "read_text"),  # noqa: B009 - any ProgramView
        getattr(program, "all_paths"),  # noqa: B009 - any ProgramView
    )
    _latest[:] = [(program, found)]
    return found


_latest: list[tuple[object, Names]] = []


class OtherFile:
    """One file of another language, as `FileView` says it."""

    def __init__(self, names: Names, path: str, facts: FileFacts) -> None:
        """Look at a file."""
        self._names = names
        self.path = path
        self.facts = facts

    @property
    def module(self) -> str:
        """The path without its ending."""
        return self.path.rpartition(".")[0] or self.path

    @property
    def imports(self) -> frozenset[str]:
        """Names of all modules that the file imports."""
        return frozenset(each.module for symbol in self.facts.symbols for each in symbol.imports)

    def resolve(self, scope: Symbol, expr: Expr | None) -> Value:
        """Return what an expression written in a scope of this file stands for."""
        return self._names.resolve(self.id_of(scope), expr)

    def resolve_dotted(self, name: str) -> Value:
        """Return what a dotted text names; other languages have none."""
        return Value(external=name)

    def id_of(self, symbol: Symbol) -> SymbolId:
        """Return the SymbolId of a symbol of this file."""
        return f"{self.path}:{symbol.qualname}"


__all__ = [
    "CLASSES",
    "ECMASCRIPT",
    "OTHER_LANGUAGES",
    "RUBY",
    "Names",
    "OneModule",
    "OneScope",
    "names_of",
    "outer_name",
]
