"""Templates of Jinja and Django: which texts name a page, and what goes by which name inside of one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
    TextName,
    TextUse,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name, path_of
from release_harness.steps.evidence.impact.entries.registering import Use, call_uses, decorator_uses
from release_harness.steps.evidence.impact.entries.template_names import MACRO, NAME, TAG
from release_harness.steps.evidence.impact.expressions import argument, text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import SymbolId

TITLE = "templates"
FOLDERS = frozenset({"templates", "template", "jinja2", "jinja"})
ENDS_LIMIT = 3
"""The end of a path that more pages share says nothing."""
_ENDS_DEPTH = 4
_SIGNS = {"filter": "|", "test": "?", "global": ""}
_DECORATORS = {f"{app}template_{kind}": sign for app in ("", "app_") for kind, sign in _SIGNS.items()}
_ADDERS = {f"add_{app}template_{kind}": sign for app in ("", "app_") for kind, sign in _SIGNS.items()}
_TABLES = {f"{kind}s": sign for kind, sign in _SIGNS.items()}
"""`env.filters[…]`, `env.globals.update(…)`."""
_OF_LIBRARIES = frozenset({"filter", "simple_tag", "inclusion_tag", "tag", "simple_block_tag"})
_MACHINERY = tuple(
    f"{module}.{name}"
    for module in ("jinja2", "jinja2.environment", "jinja2.sandbox", "jinja2.loaders", "jinja2.ext", "flask.templating",
                   "django.template.loaders.base", "django.template.loaders.filesystem", "django.template.loaders.app_directories")
    for name in ("Environment", "SandboxedEnvironment", "ImmutableSandboxedEnvironment", "NativeEnvironment", "Extension",
                 "BaseLoader", "FileSystemLoader", "PackageLoader", "ChoiceLoader", "PrefixLoader", "DictLoader",
                 "FunctionLoader", "ModuleLoader", "DispatchingJinjaLoader", "Loader", "Undefined", "Template")
)  # fmt: skip
"""Classes of the engines; what overrides them runs for every page."""
_LIBRARIES = frozenset({"django.template.Library", "django.template.library.Library", "django.template.base.Library"})


class Templates:
    """The adapter of templates; it finds no entry points, but what stands between them and the functions that pages call."""

    name = TITLE
    languages = frozenset({"python", "template"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return a page with its macros, or what a file of Python gives to pages."""
        if file.facts.language == "template":
            macros = [each.qualname for each in file.facts.symbols if each.qualname]
            yield Registration(TITLE, "page", f"{file.path}:", 1, {"macros": macros})
            return
        if is_test_path(file.path):
            return
        yield from _decorated(file)
        yield from _added(file)
        yield from _into_tables(file)
        yield from _of_django(file)
        yield from _attached(file)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return by which texts pages and what they use are named."""
        pages = [each for each in found if each.kind == "page"]
        if not pages:
            return Discovery(framework=TITLE)
        names = [*_pages(pages), *_machinery(program)]
        attached: dict[SymbolId, list[tuple[str, Value]]] = {}
        for each in found:
            if each.kind == "attached":
                row = each.data["attribute"], Value(*each.data["value"])
                attached.setdefault(each.data["object"], []).append(row)
        for each in found:
            if each.kind == "given":
                value = Value(*each.data["value"])
                names.extend(_given(each.data["name"], value, program))
                for attribute, held in attached.get(value.symbol, ()):
                    names.extend(_given(f"{each.data['name']}.{attribute}", held, program))
        return Discovery(framework=TITLE, names=tuple(dict.fromkeys(names)))


def _decorated(file: FileView) -> Iterator[Registration]:
    for use in decorator_uses(file, _DECORATORS):
        if use.symbol is not None:
            named = text_of(argument(use.call, 0, "name")) if use.call else None
            yield _row(use, _DECORATORS[use.method] + (named or _own_name(use.symbol)), file.id_of(use.symbol), file)


def _added(file: FileView) -> Iterator[Registration]:
    for use in call_uses(file, _ADDERS):
        given = argument(use.call, 0, "f") if use.call else None
        value = file.resolve(use.scope, given)
        named = text_of(argument(use.call, 1, "name")) if use.call else None
        if value.symbol:
            yield _row(use, _ADDERS[use.method] + (named or last_name(given)), value.symbol, file)


def _into_tables(file: FileView) -> Iterator[Registration]:
    """Yield `env.globals["name"] = function` and `env.filters.update(name=function)`."""
    for use in call_uses(file, ("update",)):
        table = use.call[1][1] if use.call and use.call[1][0] == "a" else None
        if use.call is None or not _is_table(table):
            continue
        pairs = [([("s", name)], value) for name, value in use.call[3].items()]
        for given in use.call[2]:
            pairs.extend(([key], value) for key, value in (given[1] if given[0] == "d" else ()) if key is not None)
        for (key,), value in pairs:
            yield from _into_table(file, use.scope, table, list(key), value, use.line)
    for symbol in file.facts.symbols:
        for statement in symbol.body:
            target = statement.target
            if target is not None and target[0] == "i" and statement.value is not None and _is_table(target[1]):
                yield from _into_table(file, symbol, target[1], target[2], statement.value, statement.line)


def _is_table(expr: Expr | None) -> bool:
    """Tell whether something is a table of an environment: `app.jinja_env.globals`, `templates.env.filters`."""
    if not expr or expr[0] != "a" or expr[2] not in _TABLES:
        return False
    holder = last_name(expr[1]).lower()
    return "env" in holder or "jinja" in holder or "templates" in holder


def _into_table(
    file: FileView, scope: Symbol, table: Expr | None, key: Expr, value: Expr, line: int
) -> Iterator[Registration]:
    name = text_of(key)
    found = file.resolve(scope, value)
    if table is not None and name and (found.symbol or ":" in found.type):
        data = {"name": NAME + _TABLES[table[2]] + name, "value": list(found)}
        yield Registration(TITLE, "given", file.id_of(scope), line, data)


def _of_django(file: FileView) -> Iterator[Registration]:
    for use in (*decorator_uses(file, _OF_LIBRARIES), *call_uses(file, _OF_LIBRARIES)):
        if use.owner.type not in _LIBRARIES:
            continue
        sign = NAME + "|" if use.method == "filter" else TAG
        if use.symbol is not None:
            given = argument(use.call, -1, "name") if use.call else None
            if given is None and use.call and use.method in {"filter", "tag"}:
                given = argument(use.call, 0)
            yield _row(use, text_of(given) or _own_name(use.symbol), file.id_of(use.symbol), file, sign)
        elif use.call and len(use.call[2]) > 1:
            value = file.resolve(use.scope, use.call[2][1])
            named = text_of(use.call[2][0])
            if value.symbol and named:
                yield _row(use, named, value.symbol, file, sign)


def _attached(file: FileView) -> Iterator[Registration]:
    """Yield what a module sets on an object of its own, such as `Forms.auth = auth`, so that pages find it there."""
    module = file.facts.module
    for statement in module.body:
        target = statement.target
        if target is None or target[0] != "a" or target[1][0] != "n" or statement.value is None:
            continue
        holder, value = file.resolve(module, target[1]), file.resolve(module, statement.value)
        if holder.symbol and holder.type and (value.symbol or ":" in value.type):
            data = {"object": holder.symbol, "attribute": target[2], "value": list(value)}
            yield Registration(TITLE, "attached", file.id_of(module), statement.line, data)


def _own_name(symbol: Symbol) -> str:
    return symbol.qualname.rpartition(".")[2]


def _row(use: Use, name: str, symbol: SymbolId, file: FileView, sign: str = NAME) -> Registration:
    data: dict[str, Any] = {"name": sign + name, "value": list(Value(symbol=symbol))}
    return Registration(TITLE, "given", file.id_of(use.scope), use.line, data)


def _machinery(program: ProgramView) -> Iterator[TextName]:
    """Yield the methods of environments, loaders and extensions of the repository's own: every page goes through them."""
    for owner in program.subclasses(*_MACHINERY):
        view = program.class_of(owner)
        for method in view.methods.values() if view else ():
            yield TextName(method, NAME, TextUse.IN_TEMPLATE)


def _given(name: str, value: Value, program: ProgramView) -> Iterator[TextName]:
    """Yield what a name in a page runs: a function, or what is asked of a class, an object or a module."""
    owner = value.type if ":" in value.type else value.symbol
    yield TextName(owner, name, TextUse.IN_TEMPLATE)
    if value.symbol and value.symbol != owner:
        yield TextName(value.symbol, name, TextUse.IN_TEMPLATE)
    if owner.endswith(":"):
        view = program.view(path_of(owner))
        for each in view.facts.symbols if view else ():
            if each.qualname and "." not in each.qualname:
                yield TextName(f"{owner}{each.qualname}", f"{name}.{each.qualname}", TextUse.IN_TEMPLATE)
        return
    found = program.class_of(owner)
    seen: set[str] = set()
    for each in (owner, *(found.bases if found else ())):
        held = program.class_of(each) if found else None
        for method, symbol in held.methods.items() if held else ():
            if method not in seen:
                seen.add(method)
                yield TextName(symbol, f"{name}.{method}", TextUse.IN_TEMPLATE)


def _pages(found: Sequence[Registration]) -> Iterator[TextName]:
    ends = Counter(end for each in found for end in _names(path_of(each.scope))[1])
    for each in found:
        whole, parts = _names(path_of(each.scope))
        kept = [(text, TextUse.PAGE) for text in whole]
        kept += [(text, TextUse.END_OF_PAGE) for text in parts if ends[text] <= ENDS_LIMIT and text not in whole]
        for text, use in kept:
            yield TextName(each.scope, text, use)
            for macro in each.data["macros"]:
                yield TextName(each.scope + macro, f"{MACRO}{text}:{macro}", use)


def _names(path: str) -> tuple[list[str], list[str]]:
    """Return by which texts a page is named for sure, and which may be short for it."""
    parts = path.split("/")
    at = max((number for number, each in enumerate(parts[:-1]) if each in FOLDERS), default=-1)
    whole = ["/".join(parts[at + 1 :])] if at >= 0 else []
    if at > 0:  # a loader with prefixes names the folder that the folder of templates stands in
        whole.append("/".join([parts[at - 1], *parts[at + 1 :]]))
    below = parts[at + 1 :]
    ends = ["/".join(below[-count:]) for count in range(1, min(len(below), _ENDS_DEPTH) + 1)]
    return whole, [each for each in ends if each not in whole]
