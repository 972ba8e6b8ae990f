"""What adapters of commands, jobs and consumers share: methods of objects used as decorators or called, and entries made of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import CallSite, Decoration, index_of, is_test_path, path_of
from release_harness.steps.evidence.impact.expressions import dotted, is_call, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr, Statement, Symbol
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

Data = dict[str, Any]


class Use(NamedTuple):
    """One decorator or call of `owner.method(…)` or of a plain function."""

    scope: Symbol
    """Scope in which it is written."""
    symbol: Symbol | None
    """What it decorates; None for a call."""
    callee: Value
    """What is called or used as the decorator."""
    owner: Value
    """What stands before the last dot; UNKNOWN for a plain name."""
    owner_text: str
    """What stands before the last dot as it is written, when it is a plain chain of names."""
    method: str
    call: Expr | None
    """None for a decorator without brackets."""
    line: int
    statement: Statement | None = None


def decorator_uses(file: FileView, names: Collection[str]) -> Iterator[Use]:
    """Yield the decorators of a file whose last name is one of the names."""
    decorations = index_of(file.facts).decorations
    for name in names:
        for each in decorations.get(name, ()):
            yield _decorator_use(file, each, name)


def call_uses(file: FileView, names: Collection[str]) -> Iterator[Use]:
    """Yield the calls of a file whose last name is one of the names."""
    calls = index_of(file.facts).calls
    for name in names:
        for each in calls.get(name, ()):
            yield _call_use(file, each, name)


def _decorator_use(file: FileView, decoration: Decoration, name: str) -> Use:
    expr = decoration.expr
    call = expr if is_call(expr) else None
    function = call[1] if call else expr
    return _use(file, decoration.around, decoration.symbol, function, name, call, decoration.symbol.line, None)


def _call_use(file: FileView, site: CallSite, name: str) -> Use:
    line = int(site.call[4] or site.statement.line)
    return _use(file, site.scope, None, site.call[1], name, site.call, line, site.statement)


def _use(
    file: FileView,
    scope: Symbol,
    symbol: Symbol | None,
    function: Expr,
    name: str,
    call: Expr | None,
    line: int,
    statement: Statement | None,
) -> Use:
    owner, text = Value(), ""
    if function[0] == "a":
        owner, text = file.resolve(scope, function[1]), dotted(function[1])
    return Use(scope, symbol, file.resolve(scope, function), owner, text, name, call, line, statement)


def owner_data(use: Use) -> Data:
    """Return the owner of a use as plain data."""
    return {"on": use.owner.symbol, "on_type": use.owner.type or use.owner.external, "on_text": use.owner_text}


def kind_of(value: Value) -> str:
    """Return the class of an instance or the dotted name of a library's own thing."""
    return value.type or value.external


def target_of(file: FileView, scope: Symbol, expr: Expr | None) -> SymbolId:
    """Return the function or class that an argument names, also inside `partial(f, …)`; empty when it is none of this repository."""
    if expr is None:
        return ""
    if expr[0] == "c" and dotted(expr[1]).rpartition(".")[2] in {"partial", "wraps", "coro", "sync", "async_to_sync"}:
        return target_of(file, scope, expr[2][0]) if expr[2] else ""
    if expr[0] == "s":
        found = file.resolve_dotted(str(expr[1]))
        return found.symbol if not found.symbol.endswith(":") else ""
    return file.resolve(scope, expr).symbol


def spread(scope: Symbol, expr: Expr) -> list[Expr]:
    """Return the items that a loop variable takes in `for x in (a, b): …`, else the expression itself."""
    if expr[0] != "n":
        return [expr]
    for each in scope.body:
        if each.kind == "set" and each.how == "for" and each.target == expr:
            return items_of(each.value) or [expr]
    return [expr]


def texts_in(expr: Expr | None) -> tuple[str, ...]:
    """Return the texts of a list or a single text; what is no constant is left out."""
    single = text_of(expr)
    if single is not None:
        return (single,)
    return tuple(text for each in items_of(expr) or () if (text := text_of(each)) is not None)


def plain(value: Expr | None) -> Any:
    """Return the text, number or truth that a constant holds; None for anything else."""
    return value[1] if value and value[0] in {"s", "k"} else None


class Maker:
    """Makes entries of handlers: place, guards, and what is said of tests."""

    def __init__(self, framework: str, program: ProgramView) -> None:
        """Keep the program."""
        self.framework = framework
        self.program = program
        self._guards = GuardReader(Objects(program))

    def entry(self, kind: str, name: str, handler: SymbolId, line: int, **more: Any) -> EntryPoint:
        """Return an entry; the place is that of the handler when it is known."""
        symbol = self.program.symbol(handler)
        more.setdefault("guards", self._guards.of_decorators(handler) if symbol and symbol.decorators else ())
        return EntryPoint(
            kind=kind,
            name=name,
            framework=self.framework,
            handler=handler,
            path=path_of(handler),
            line=symbol.line if symbol else line,
            **more,
        )


def registration(framework: str, kind: str, file: FileView, use: Use, data: Mapping[str, Any]) -> Registration:
    """Return a registration for a use."""
    return Registration(framework, kind, file.id_of(use.scope), use.line, dict(data))


def is_product(path: str) -> bool:
    """Tell whether a file belongs to the product: no test, and in no hidden folder such as `.semgrep`."""
    return not is_test_path(path) and not any(each.startswith(".") for each in path.split("/")[:-1])


def product(found: Sequence[Registration], *kinds: str) -> Iterator[Registration]:
    """Yield registrations of some kinds that are not written in tests."""
    for each in found:
        if each.kind in kinds and is_product(path_of(each.scope)):
            yield each


def module_of(program: ProgramView, path: str) -> str:
    """Return the dotted name of the module in a file."""
    view = program.view(path)
    return view.module if view else path


def dotted_name(program: ProgramView, symbol: SymbolId) -> str:
    """Return `package.module.function` for a symbol."""
    path, _, qualname = symbol.rpartition(":")
    return f"{module_of(program, path)}.{qualname}".rstrip(".")


def sure(*, known: bool) -> Confidence:
    """Return HIGH for what resolved and MEDIUM for what was told by its name alone."""
    return Confidence.HIGH if known else Confidence.MEDIUM
