"""Links one file of another language than Python: what its expressions name, as far as modules and lexical scopes tell."""

import re
from collections.abc import Sequence

from release_harness.steps.evidence.impact.entries.contract import FileView, Framework
from release_harness.steps.evidence.impact.entries.implementing import implementing_of
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.extract import TEMPLATE
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Symbol
from release_harness.steps.evidence.impact.lexical.built_in import JAVA_NAMES, RUBY_NAMES
from release_harness.steps.evidence.impact.lexical.go_interfaces import SATISFYING_LIMIT, go_interfaces_of
from release_harness.steps.evidence.impact.lexical.other_languages import (
    CLASSES,
    ECMASCRIPT,
    RUBY,
    Names,
    OtherFile,
    outer_name,
)
from release_harness.steps.evidence.impact.link import reasons
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.impact.link.record import FileLink, registrations_of
from release_harness.steps.evidence.impact.link.sink import Sink
from release_harness.steps.evidence.impact.link.template_files import link_template

_MAKERS = ("constructor", "__construct", "initialize")
"""What languages call the function that makes an instance."""
_MEMBERS_BARE = RUBY | {"java", "kotlin"}
"""Languages in which a bare name can be a member of the class around or of its bases."""
_NO_CALLBACK = frozenset({"Nullable", "NonNull", "Deprecated", "SuppressWarnings", "SafeVarargs", "VisibleForTesting"})
"""Annotations of Java that let nobody call a method; what has no annotation at all is called by its name."""
_CALLED_BY_RUBY = frozenset({
    "initialize", "call", "perform", "process", "to_s", "to_str", "to_param", "to_partial_path", "inspect", "each", "hash", "eql?",
    "validate", "validate_each", "matches?", "method_missing", "respond_to_missing?", "inherited", "included", "extended", "prepended",
    "subscribed", "unsubscribed", "receive", "resolve", "authorized?", "ready?", "load_object", "change", "up", "down",
})  # fmt: skip
"""Methods that the language or a library calls without anybody saying their name."""
_BROUGHT_ALONG = {**dict.fromkeys(RUBY, RUBY_NAMES), "java": JAVA_NAMES}
"""Language -> methods that say nothing when the receiver is not known."""
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


_IMPORTS = "?import "


def key_of(path: str) -> str:
    """Return the key that each file of a family of languages consumes: what is read elsewhere is not noted piece by piece here."""
    return f"?every file of {family_of(path)}"


def import_key(module: str, target: str) -> str:
    """Return the key under which a file of JavaScript or TypeScript notes what an import means; empty for a library."""
    return f"{_IMPORTS}{target}\0{module}"


def import_of(key: str) -> tuple[str, str] | None:
    """Return (module, target) of an import key; None for every other key."""
    if not key.startswith(_IMPORTS):
        return None
    target, _, module = key.removeprefix(_IMPORTS).partition("\0")
    return module, target


def _consumed(names: Names, path: str) -> list[str]:
    """Return the keys of what a file reads elsewhere; what an ECMAScript module means rests on its imports alone."""
    family = family_of(path)
    if family == "jvm":
        own = f"{path}:"
        return sorted(each for each in names.read if not each.startswith(own))
    if family != "js":
        return [key_of(path)]
    return sorted(import_key(module, target) for module, target in names.ecmascript.found_by(path).items())


def link_other_file(names: Names, path: str, facts: FileFacts, frameworks: Sequence[Framework]) -> FileLink:
    """Return the links of one file."""
    if facts.language == TEMPLATE:
        return link_template(names, path, facts, frameworks)
    names.read.clear()
    sink = Sink(path)
    view = OtherFile(names, path, facts)
    members: dict[str, dict[str, str]] = {}
    functions: list[str] = []
    for symbol in facts.symbols:
        try:
            _link_symbol(view, names, sink, symbol)
        except RecursionError:
            sink.drop("symbols nested too deep to read")
        owner = outer_name(symbol.qualname)
        if symbol.kind in CLASSES:
            members.setdefault(symbol.qualname, {})
        if owner in members and symbol.qualname:
            members[owner][symbol.qualname.rpartition(".")[2]] = _letter(facts.language, symbol)
        elif symbol.kind in {"function", "async"}:
            functions.append(symbol.qualname)
    registrations = registrations_of(view, frameworks, sink.drop)
    classes = classes_of(names, path, facts)
    return FileLink(
        sink.rows(), classes, members, functions, _consumed(names, path),
        sink.calls_count, sink.unresolved_count, dict(sorted(sink.dropped.items())), registrations, [],
    )  # fmt: skip


def classes_of(names: Names, path: str, facts: FileFacts) -> dict[str, list[str]]:
    """Return the bases of each class of a file, as they are resolved."""
    return {
        each.qualname: [base for base in names.bases(f"{path}:{each.qualname}") if base]
        for each in facts.symbols
        if each.kind in CLASSES
    }


def _letter(language: str, symbol: Symbol) -> str:
    """Return what a member is: `f` for a method that a library may call, `m` for one that only code of the tree does."""
    if symbol.kind in CLASSES:
        return "c"
    if language == "java":
        return "f" if any(last_name(each) not in _NO_CALLBACK for each in symbol.decorators) else "m"
    return "m" if language == "ruby" and symbol.qualname.rpartition(".")[2] not in _CALLED_BY_RUBY else "f"


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
        if not _is_type_alone(view, names, view.resolve(symbol, base).symbol):
            _read(view, names, sink, symbol, base, reasons.INHERITS)
    for decorator in symbol.decorators:
        _read(view, names, sink, symbol, decorator, reasons.DECORATED)
    _link_parameters(view, names, sink, symbol)
    _link_imports(view, names, sink, symbol)
    for statement in symbol.body:
        sink.line = statement.line
        target = statement.target
        if not symbol.qualname and target is not None and target[0] == "n":
            sink.enter(target[1])
        _read(view, names, sink, symbol, statement.value, reasons.REFERS)
        if view.facts.language == "ruby" and symbol.qualname.endswith(">"):
            _read_named(view, names, sink, symbol, statement.value)
        if view.facts.language not in RUBY:  # there it is the class of an association, which is used by its name
            _read_type(view, names, sink, symbol, statement.annotation, reasons.ANNOTATED_ONLY)
        sink.enter(symbol.qualname)


def _read_named(view: FileView, names: Names, sink: Sink, symbol: Symbol, expr: Expr | None) -> None:
    """Keep the methods that a setting of a class of Ruby names: `before_action :check`, `validate :size, if: :full?`."""
    owner = f"{view.path}:{outer_name(symbol.qualname)}"
    if expr is None or expr[0] != "c" or not names.is_class(owner):
        return
    options = [value for key, value in expr[3].items() if key not in {"only", "except", "on"}]
    for each in (one for part in [*expr[2], *options] if part[0] in {"s", "l"} for one in walk(part)):
        definer = names.find_member(owner, each[1]) if each[0] == "s" else ""
        if definer:
            sink.member(definer, each[1], reasons.NAMED_IN_TEXT)


def _link_parameters(view: FileView, names: Names, sink: Sink, symbol: Symbol) -> None:
    """Keep defaults, which are run, and types: a decorator leaves those behind for whoever looks at run time."""
    reason = reasons.ANNOTATED if symbol.decorators else reasons.ANNOTATED_ONLY
    for each in symbol.parameters:
        _read(view, names, sink, symbol, each.default, reasons.DEFAULTS)
        if each.kind != "receiver":
            _read_type(view, names, sink, symbol, each.annotation, reason)


def _link_imports(view: FileView, names: Names, sink: Sink, symbol: Symbol) -> None:
    module = names.module(view.path)
    for imported in symbol.imports:
        sink.line = imported.line
        value = None if module is None else names.imported(module, imported, 0)
        if value is not None and value.symbol:
            path = value.symbol.rpartition(":")[0]
            sink.symbol(f"{path}:", reasons.IMPORTS)


def _is_type_alone(view: FileView, names: Names, symbol: str) -> bool:
    """Tell whether it is an interface or a type of TypeScript, which nothing runs."""
    found = names.symbol(symbol) if symbol and view.facts.language in ECMASCRIPT else None
    return found is not None and found.kind in {"interface", "type"}


def _read_type(view: FileView, names: Names, sink: Sink, symbol: Symbol, expr: Expr | None, reason: int) -> None:
    """Keep the classes that an annotation names."""
    for each in walk(expr):
        if each[0] in {"n", "a"}:
            found = view.resolve(symbol, each).symbol
            if found and names.is_class(found) and not _is_type_alone(view, names, found):
                sink.symbol(found, reason)


def _constructed(view: FileView, names: Names, sink: Sink, symbol: Symbol, function: Expr) -> None:
    """Keep the constructor that a call runs: of a class, by `new` of it, or of the base by `super(…)`."""
    is_new = function[0] == "a" and function[2] == "new"
    value = view.resolve(symbol, function[1] if is_new else function)
    owner = value.type if function == ["n", "super"] else value.symbol
    for name in _MAKERS if owner and names.is_class(owner) else ():
        if names.find_member(owner, name):
            sink.member(owner, name)


def _found(view: FileView, names: Names, sink: Sink, symbol: str, reason: int) -> None:
    """Keep a reference; a name that its module is not seen to define may be anything of that module."""
    path, _, qualname = symbol.rpartition(":")
    outer, _, name = qualname.rpartition(".")
    if outer and not outer.endswith("<locals>") and names.is_class(f"{path}:{outer}"):
        sink.member(f"{path}:{outer}", name)
        runs = implementing_of(names).runs(symbol)
        if runs != symbol:
            owner, _, name = runs.rpartition(".")
            sink.member(owner, name, reasons.ONLY_IMPLEMENTATION)
        _through_interface(names, sink, symbol)
    else:
        sink.symbol(symbol, reasons.OTHER_FILE if not qualname and path != view.path else reason)


def _through_interface(names: Names, sink: Sink, method: str) -> None:
    """Keep what a call of a method of an interface of Go may run."""
    found = go_interfaces_of(names).runs(method)
    if len(found) > SATISFYING_LIMIT:
        sink.drop(f"calls through an interface that more than {SATISFYING_LIMIT} types satisfy")
        return
    for each in found:
        sink.symbol(each, reasons.SATISFIES)


def _read(view: FileView, names: Names, sink: Sink, symbol: Symbol, expr: Expr | None, reason: int) -> None:
    """Keep what every name and attribute inside an expression stands for."""
    is_script = view.facts.language in ECMASCRIPT
    handed = {id(part) for each in walk(expr) for part in _handed_on(each)} if is_script else frozenset[int]()
    for each in walk(expr):
        form = each[0]
        if form == "c":
            sink.line = each[4] or sink.line
            sink.calls_count += 1
            if not view.resolve(symbol, each[1]).known:
                sink.unresolved_count += 1
            _constructed(view, names, sink, symbol, each[1])
        elif form == "s":
            sink.text(each[1])
        elif form == "y":
            sink.symbol(f"{view.path}:{each[1]}", reasons.DEFINES)
        elif form in {"n", "a"}:
            called = id(each) in handed or not is_script
            _read_name(view, names, sink, symbol, each, reason, called=called)


def _read_name(
    view: FileView, names: Names, sink: Sink, symbol: Symbol, expr: Expr, reason: int, *, called: bool
) -> None:
    """Keep what one name or attribute stands for."""
    language = view.facts.language
    if expr[0] == "a" or language in _MEMBERS_BARE:
        sink.mentioned.add(expr[-1])
    value = view.resolve(symbol, expr)
    if value.symbol and not (value.type and ".<locals>." in value.symbol):
        _found(view, names, sink, value.symbol, reason)
    elif expr[0] == "a" and expr[2] in _BROUGHT_ALONG.get(language, ()):
        sink.drop("names of the language")
    elif expr[0] == "a" and not value.known:
        sink.unknown_member(_named_after(expr[1]), expr[2], called=called)


def _handed_on(expr: Expr) -> Sequence[Expr]:
    """Return the parts of an expression that are called, or that somebody else may call: arguments and what is kept in tables."""
    if expr[0] == "c":
        return [expr[1], *expr[2], *expr[3].values()]
    if expr[0] == "d":
        return [value for _, value in expr[1]]
    return list(expr[1]) if expr[0] == "l" else []


def _named_after(expr: Expr) -> str:
    """Return the name of a variable or a field as classes are named after it: `post_service` for `this.postService`."""
    own = expr[0] == "a" and expr[1] in (["n", "this"], ["n", "self"])
    name = str(expr[2]) if own else str(expr[1]) if expr[0] == "n" else ""
    return _CAPITALS.sub("_", name.lstrip("@$_")).lower()
