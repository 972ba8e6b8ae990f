"""Reads the expressions of one file and keeps what they refer to."""

from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link import known_names, reasons
from release_harness.steps.evidence.impact.link.bindings import Scope
from release_harness.steps.evidence.impact.link.core import instance_of, union
from release_harness.steps.evidence.impact.link.resolver import Resolver, inner_scope
from release_harness.steps.evidence.impact.link.sink import Sink
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

_SILENT = frozenset({"k", "o"})
_FILLING = frozenset({"append", "appendleft", "add", "insert", "extend", "update"})
"""Methods of tables that put something in and give nothing back; `setdefault` gives what is there."""
_TABLES = frozenset({"list", "dict", "set", "deque", "defaultdict", "OrderedDict", "List", "Dict", "Set", "Deque"})


class References:
    """Walks expressions; every walk returns what the expression stands for."""

    def __init__(self, resolver: Resolver, sink: Sink) -> None:
        """Write into a sink."""
        self.resolver = resolver
        self.sink = sink
        self.at: Scope | None = None
        self._known: dict[str, Value] = {}
        self._of_module: dict[str, Value] = {}

    def name(self, scope: Scope, name: str) -> Value:
        """Return what a name means in a scope; asked once for each scope."""
        if scope is not self.at:
            self.at = scope
            self._known = {}
        value = self._known.get(name)
        if value is None:
            self._known[name] = value = self._look_up(scope, name)
        return value

    def _look_up(self, scope: Scope, name: str) -> Value:
        """Return what a name means: bound in the scope or around it, else a name of the module, which is asked for once."""
        at: Scope | None = scope
        while at is not None and at.outer is not None:
            if name in at.bindings:
                return self.resolver.bound(at, name)
            at = at.free()
        value = self._of_module.get(name)
        if value is None:
            self._of_module[name] = value = self.resolver.free_name(scope.file, name)
        return value

    def walk(self, scope: Scope, expr: Expr | None) -> Value:
        """Keep everything that an expression refers to."""
        if expr is None:
            return UNKNOWN
        form = expr[0]
        if form in _SILENT:
            return UNKNOWN
        if form == "n":
            value = self.name(scope, expr[1])
            self.refer(value)
            return value
        if form == "a":
            return self._attribute(scope, expr, called=False)
        if form == "c":
            return self._call(scope, expr)
        if form == "s":
            self._text(scope, expr[1])
            return Value(text=expr[1])
        return self._compound(scope, expr, form)

    def _compound(self, scope: Scope, expr: Expr, form: str) -> Value:
        if form == "l":
            return self.resolver.holding("builtins.list", [self.walk(scope, each) for each in expr[1]])
        if form == "b":
            return union([self.walk(scope, each) for each in expr[1]])
        if form == "i":
            base = self.walk(scope, expr[1])
            self.walk(scope, expr[2])
            return self.resolver.subscripted(base)
        if form == "d":
            for key, _value in expr[1]:
                self.walk(scope, key)
            return self.resolver.holding("builtins.dict", [self.walk(scope, value) for _key, value in expr[1]])
        if form == "g":
            return self._comprehension(scope, expr)
        return self._rarely(scope, expr, form)

    def _rarely(self, scope: Scope, expr: Expr, form: str) -> Value:
        if form == "f":
            self._formatted(scope, expr[1])
        elif form == "*":
            return self.walk(scope, expr[1])
        elif form == "m":
            inner = inner_scope(scope, expr)
            for each in expr[1]:
                self.walk(inner, each)
        return UNKNOWN

    def _comprehension(self, scope: Scope, expr: Expr) -> Value:
        inner = inner_scope(scope, expr)
        for _target, iterated in expr[2]:
            self.walk(inner, iterated)
        values = [self.walk(inner, each) for each in expr[1]]
        for each in expr[3]:
            self.walk(inner, each)
        return self.resolver.holding(
            "builtins.list", [instance_of(each.item) if each.type == "builtins.dict" else each for each in values]
        )

    def annotated(self, scope: Scope, expr: Expr | None, *, runs: bool) -> None:
        """Keep what an annotation names: a library that reads it makes instances (`runs`), otherwise only aliases may run code."""
        if expr is None:
            return
        form = expr[0]
        if form in {"n", "a"}:
            value = self.resolver.evaluate(scope, expr)
            for each in (value, *value.others):
                alias = bool(each.type or each.external or each.through)
                self.target(each, reasons.ANNOTATED if runs or alias else reasons.ANNOTATED_ONLY)
        elif form in {"l", "b"}:
            for each in expr[1]:
                self.annotated(scope, each, runs=runs)
        elif form == "i":
            self.annotated(scope, expr[1], runs=runs)
            if expr[1][-1] != "Literal":
                self.annotated(scope, expr[2], runs=runs)
        elif form == "c":
            self.walk(scope, expr)

    def _formatted(self, scope: Scope, parts: list[Expr]) -> None:
        """Keep a text that is put together as a pattern, `{}` for what is not known."""
        pattern = []
        for each in parts:
            if each[0] == "s":
                pattern.append(each[1])
            else:
                value = self.walk(scope, each)
                pattern.append(value.text or "{}")
        whole = "".join(pattern)
        if "/" in whole or "." in whole:
            self.sink.text(whole)

    def _text(self, scope: Scope, text: str) -> None:
        self.sink.text(text)
        if "." in text and len(text) < 200 and " " not in text:  # noqa: PLR2004 - longer than any dotted name
            first = text.partition(".")[0]
            if first.isidentifier() and self.resolver.modules.has_name(first):
                value = self.resolver.dotted_text(text, scope.file.path)
                if value.symbol:
                    self.target(value, reasons.NAMED_IN_TEXT)

    def refer(self, value: Value, reason: int = reasons.REFERS) -> None:
        """Keep a reference to what a name or an attribute stands for."""
        self.target(value, reason)
        for each in value.others:
            self.target(each, reason)

    def target(self, value: Value, reason: int) -> None:
        """Keep a reference to one thing."""
        if value.through:
            self.sink.symbol(value.through, reason)
        symbol = value.symbol
        if not symbol:
            return
        if value.via == "self":
            if not value.type:
                self.sink.own_member(symbol, "")
        elif not value.type or ".<locals>." not in symbol:
            if value.receiver:
                name = symbol.rpartition(".")[2]
                self.sink.member(value.receiver, name, reason if reason != reasons.REFERS else reasons.MEMBER)
            else:
                self.sink.symbol(symbol, reason)

    def _attribute(self, scope: Scope, expr: Expr, *, called: bool) -> Value:
        base, name = expr[1], expr[2]
        value = self.filled(scope, base) if called and name in _FILLING else self._base(scope, base)
        self.sink.mentioned.add(name)
        found = self.resolver.attribute(value, name)
        for each in (value, *value.others):
            self._use_member(each, expr, found, called=called)
        if called and not found.known:
            self.sink.unresolved_count += 1
        return found

    def _base(self, scope: Scope, base: Expr) -> Value:
        """Walk the receiver of an attribute; modules and classes are named by the attribute itself."""
        if base[0] != "n":
            return self.walk(scope, base)
        value = self.name(scope, base[1])
        for each in (value, *value.others):
            if each.type or each.through or each.text:
                self.target(each, reasons.REFERS)
        return value

    def filled(self, scope: Scope, base: Expr) -> Value:
        """Walk what something is put into: who only fills a table of a module runs nothing of what others put there."""
        if base[0] != "n":
            return self.walk(scope, base)
        value = self.name(scope, base[1])
        if value.others or value.through or not _is_table(value.type):
            return self._base(scope, base)
        self.target(value, reasons.FILLS)
        return value

    def _use_member(self, value: Value, expr: Expr, found: Value, *, called: bool) -> None:
        """Keep what an attribute of one value refers to."""
        base, name = expr[1], expr[2]
        sink = self.sink
        kind = value.type or value.symbol
        if value.via == "self":
            sink.own_member(kind, name)
        elif value.via == "super":
            sink.super_member(kind, name)
            if called and not found.symbol and not name.startswith("__"):
                sink.super_of_library(kind)
        elif value.type:
            if ":" in kind:
                sink.member(kind, name)
            elif value.via == "library" or is_function_name(kind):
                self._use_unknown(base, name, called=called)
        elif kind.endswith(":"):
            self._use_module(kind, name, found)
        elif kind:
            self._use_symbol(kind, name, value, called=called)
        elif value.via == "library" or not (value.external or value.text):
            self._use_unknown(base, name, called=called)

    def _use_unknown(self, base: Expr, name: str, *, called: bool) -> None:
        """Keep an attribute of something that reading does not tell, or that came out of a library's function."""
        receiver = base[1] if base[0] == "n" else base[2] if base[0] == "a" else ""
        self.sink.unknown_member(receiver, name, called=called)

    def _use_module(self, module: str, name: str, found: Value) -> None:
        if found.known:
            self.refer(found)
        elif not name.startswith("__"):
            self.sink.symbol(f"{module}{name}")
            self.sink.missing.append([self.sink.source, f"{module}{name}", self.sink.line])

    def _use_symbol(self, symbol: str, name: str, value: Value, *, called: bool) -> None:
        kind = self.resolver.kind(symbol)
        if kind == "class":
            self.sink.member(symbol, name)
            return
        self.sink.symbol(symbol)
        if kind == "variable" and (value.via == "library" or not value.external):
            self.sink.unknown_member(symbol.rpartition(".")[2].rpartition(":")[2], name, called=called)

    def _call(self, scope: Scope, call: Expr) -> Value:
        sink = self.sink
        sink.line = call[4] or sink.line
        sink.calls_count += 1
        function = call[1]
        form = function[0]
        later: list[Expr] = []
        if form == "a":
            task = self._started_later(scope, function)
            later = self._given_later(scope, call)
            value = task or self._attribute(scope, function, called=True)
        elif form == "n":
            value = self.name(scope, function[1])
            self.refer(value)
            if not value.known:
                sink.unresolved_count += 1
        else:
            value = self.walk(scope, function)
            if not value.known and form != "m":
                sink.unresolved_count += 1
        for one in (value, *value.others):
            if ":" in one.type:
                sink.member(one.type, "__call__")
        line = sink.line
        for each in (*call[2], *call[3].values()):
            if not any(each is one for one in later):
                self.walk(scope, each)
        sink.line = line
        result = self.resolver.called(scope, value, call)
        if value.external and result.symbol and not value.type:
            self._through_library(value.external, result)
        return result

    def _through_library(self, name: str, result: Value) -> None:
        """Keep what `getattr(x, "name")`, `import_string("a.b")` and the like name."""
        if name == "builtins.getattr" or "import" in name:
            self.refer(result)

    def _started_later(self, scope: Scope, function: Expr) -> Value | None:
        """Keep `task.delay(…)` as an edge that runs later; None when it is no such call."""
        name = function[2]
        if name not in known_names.ENQUEUE_METHODS:
            return None
        task = self.resolver.evaluate(scope, function[1])
        if not self._is_task(task):
            return None
        self.target(task, reasons.ENQUEUES)
        return Value(external=f"task.{name}")

    def _given_later(self, scope: Scope, call: Expr) -> list[Expr]:
        """Keep the functions in `queue.enqueue(task, …)` as edges that run later, and return those arguments."""
        if call[1][2] not in known_names.ENQUEUE_CALLS:
            return []
        found = []
        for each in (*call[2], *call[3].values()):
            if each[0] in {"n", "a"}:
                value = self.resolver.evaluate(scope, each)
                if self._is_task(value):
                    self.target(value, reasons.ENQUEUES)
                    found.append(each)
        return found

    def _is_task(self, value: Value) -> bool:
        if not value.symbol or value.type or value.symbol.endswith(":"):
            return False
        kind = self.resolver.kind(value.symbol)
        return kind in {"function", "async"} or (kind == "class" and not value.via)


def is_function_name(name: str) -> bool:
    """Tell whether a dotted name of a library looks like a function: what it returns may be anything, even something of ours."""
    last = name.rpartition(".")[2].lstrip("_")
    return (last[:1].islower() and not name.startswith("builtins.")) or name.startswith("builtins.dict.")


def _is_table(kind: str) -> bool:
    """Tell whether a type is one of Python's own that hold what is put into them."""
    module, _, name = kind.rpartition(".")
    return name in _TABLES and module in {"builtins", "collections", "typing"}
