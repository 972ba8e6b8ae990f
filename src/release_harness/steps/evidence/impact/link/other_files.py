"""Links one file of another language than Python: what its expressions name, as far as modules and lexical scopes tell."""

from collections.abc import Sequence

from release_harness.steps.evidence.impact.entries.contract import FileView, Framework
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import CLASSES, Names, OtherFile, outer_name
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.impact.link.record import FileLink, registrations_of
from release_harness.steps.evidence.impact.link.sink import Sink


def key_of(path: str) -> str:
    """Return the key that each file of a family of languages consumes: what is read elsewhere is not noted piece by piece here."""
    return f"?every file of {family_of(path)}"


def link_other_file(names: Names, path: str, facts: FileFacts, frameworks: Sequence[Framework]) -> FileLink:
    """Return the links of one file."""
    sink = Sink(path)
    view = OtherFile(names, path, facts)
    classes: dict[str, list[str]] = {}
    members: dict[str, dict[str, str]] = {}
    functions: list[str] = []
    for symbol in facts.symbols:
        try:
            _link_symbol(view, names, sink, symbol)
        except RecursionError:
            sink.drop("symbols nested too deep to read")
        owner = outer_name(symbol.qualname)
        if symbol.kind in CLASSES:
            classes[symbol.qualname] = [each for each in names.bases(view.id_of(symbol)) if each]
            members.setdefault(symbol.qualname, {})
        if owner in members and symbol.qualname:
            members[owner][symbol.qualname.rpartition(".")[2]] = "c" if symbol.kind in CLASSES else "f"
        elif symbol.kind in {"function", "async"}:
            functions.append(symbol.qualname)
    registrations = registrations_of(view, frameworks, sink.drop)
    return FileLink(
        sink.rows(), classes, members, functions, [key_of(path)],
        sink.calls_count, sink.unresolved_count, dict(sorted(sink.dropped.items())), registrations, [],
    )  # fmt: skip


def _link_symbol(view: FileView, names: Names, sink: Sink, symbol: Symbol) -> None:
    sink.enter(symbol.qualname)
    sink.line = symbol.line
    own = view.id_of(symbol)
    outer = outer_name(symbol.qualname)
    if symbol.qualname and outer and symbol.kind not in CLASSES:
        owner = names.symbol(f"{view.path}:{outer}")
        if owner is not None and owner.kind not in CLASSES and owner.kind != "module":
            sink.between(outer, reasons.DEFINES, f"S{own}")
    for base in symbol.bases:
        _read(view, names, sink, symbol, base, reasons.INHERITS)
    for decorator in symbol.decorators:
        _read(view, names, sink, symbol, decorator, reasons.DECORATED)
    for imported in symbol.imports:
        sink.line = imported.line
        module = names.module(view.path)
        value = None if module is None else names.imported(module, imported, 0)
        if value is not None and value.symbol:
            path = value.symbol.rpartition(":")[0]
            sink.symbol(f"{path}:", reasons.IMPORTS)
    for statement in symbol.body:
        sink.line = statement.line
        target = statement.target
        if not symbol.qualname and target is not None and target[0] == "n":
            sink.enter(target[1])
        for expr in (statement.value, statement.annotation):
            _read(view, names, sink, symbol, expr, reasons.REFERS)
        sink.enter(symbol.qualname)


def _found(view: FileView, names: Names, sink: Sink, symbol: str, reason: int) -> None:
    """Keep a reference: across files only the module is sure, and a member may be one that a subclass overrides."""
    path, _, qualname = symbol.rpartition(":")
    far = path != view.path
    outer, _, name = qualname.rpartition(".")
    if outer and not outer.endswith("<locals>") and names.is_class(f"{path}:{outer}"):
        sink.member(f"{path}:{outer}", name, reasons.MEMBER_OF_OTHER_FILE if far else reasons.MEMBER)
    else:
        sink.symbol(symbol, reasons.OTHER_FILE if far and reason == reasons.REFERS else reason)


def _read(view: FileView, names: Names, sink: Sink, symbol: Symbol, expr: Expr | None, reason: int) -> None:
    """Keep what every name and attribute inside an expression stands for."""
    for each in walk(expr):
        form = each[0]
        if form == "c":
            sink.line = each[4] or sink.line
            sink.calls_count += 1
            if not view.resolve(symbol, each[1]).known:
                sink.unresolved_count += 1
        elif form == "s":
            sink.text(each[1])
        elif form == "y":
            sink.symbol(f"{view.path}:{each[1]}", reasons.DEFINES)
        elif form in {"n", "a"}:
            if form == "a":
                sink.mentioned.add(each[2])
            value = view.resolve(symbol, each)
            if value.symbol and not (value.type and ".<locals>." in value.symbol):
                _found(view, names, sink, value.symbol, reason)
            elif form == "a" and not value.known:
                sink.unknown_member("", each[2], called=True)
