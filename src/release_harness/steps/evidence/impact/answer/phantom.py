"""What is named and does not exist: imports, attributes of modules, targets of mocks. Only what can be proven is told.

A name is a phantom when the module that should have it is a file of this tree that was read whole and computes none of
its names. What was already missing at base is not told again.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from release_harness.steps.evidence.impact.answer.named_targets import missing_target
from release_harness.steps.evidence.impact.answer.names import NameTable, is_builtin
from release_harness.steps.evidence.impact.answer.removed_names import files_to_search
from release_harness.steps.evidence.impact.difference.outline import names_in
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff
from release_harness.steps.evidence.impact.entries.reading import qualname_of
from release_harness.steps.evidence.impact.expressions import argument, dotted, own_names_around, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Import, Symbol
from release_harness.steps.evidence.model.impact import WiredSymbol, Wiring

_SIDES_WITHOUT_PROOF = frozenset(
    {"_version", "version", "_build", "_generated", "__version__", "local_settings", "settings_local", "local"}
)


class Broken(NamedTuple):
    """One name that does not exist."""

    key: str
    """What must not be there at base for it to be new."""
    symbol: str
    line: int
    because: str


def find_phantoms(diff: SymbolDiff, base: SideView, head: SideView) -> tuple[tuple[WiredSymbol, ...], tuple[str, ...]]:
    """Return what the change made name something that is not there, and why not everything was looked at."""
    now, before = NameTable(head.tree), NameTable(base.tree)
    paths, unknown = files_to_search(diff, head, now)
    moved = diff.moved
    found = []
    for path in paths:
        facts = head.tree.facts(path)
        if facts.language != "python" or not facts.parser:
            continue
        broken = list(_broken(path, facts, now))
        if not broken:
            continue
        old = {each.key for each in _broken(path, base.tree.facts(path), before)} if path in base.tree.blobs else set()
        was = _same_file_before(path, diff, base)
        if was:
            old |= {each.key for each in _broken(was, base.tree.facts(was), before)}
        for each in broken:
            if each.key in old:
                continue
            hint = _where_to(each.symbol, moved)
            found.append(
                WiredSymbol(
                    symbol=each.symbol, path=path, line=each.line, state=Wiring.PHANTOM, because=each.because + hint
                )
            )
    unique = {(each.path, each.symbol): each for each in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda each: (each.path, each.line))), unknown


def _same_file_before(path: str, diff: SymbolDiff, base: SideView) -> str:
    """Return where a moved file stood at base, so that what was missing there is not told as new."""
    for each in diff.changed:
        if each.path == path and each.was:
            was = each.was.rpartition(":")[0]
            return was if was != path and was in base.tree.blobs else ""
    return ""


def _where_to(symbol: str, moved: Mapping[str, str]) -> str:
    last = symbol.rpartition(".")[2].rpartition(":")[2]
    found = [new for old, new in moved.items() if qualname_of(old).rpartition(".")[2] == last]
    return f"; it is {qualname_of(found[0])} of {found[0].rpartition(':')[0]} now" if len(found) == 1 else ""


def _broken(path: str, facts: FileFacts, names: NameTable) -> Iterator[Broken]:
    for symbol in facts.symbols:
        for each in symbol.imports:
            if not each.optional and not each.typing_only:
                yield from _of_import(path, each, names)
    if path.endswith(".pyi"):
        return
    yield from _of_attributes(path, facts, names)
    yield from _of_mocks(path, facts, names)


def _said(each: Import) -> str:
    module = "." * each.level + each.module
    return f"{module}.{each.name}" if each.name else module


def _of_import(path: str, each: Import, names: NameTable) -> Iterator[Broken]:
    targets = names.resolve(each, path)
    if not targets:
        missing = _missing_module(path, each, names)
        if missing:
            because = f"imports {_said(each)}, and there is no module {missing}"
            yield Broken(f"import {_said(each)}", missing, each.line, because)
        return
    if not each.name or each.name == "*" or each.name in _SIDES_WITHOUT_PROOF:
        return
    answers = [names.has(target, each.name) for target in targets]
    if answers and all(answer is False for answer in answers):
        because = f"imports {each.name}, and {targets[0]} has no such name"
        yield Broken(f"import {_said(each)}", f"{targets[0]}:{each.name}", each.line, because)


def _missing_module(path: str, each: Import, names: NameTable) -> str:
    """Return the module that is proven not to be there: its package is one of this tree and read from files alone."""
    parts = each.module.split(".") if each.module else []
    last = parts[-1] if parts else ""
    if not parts or last in _SIDES_WITHOUT_PROOF or last.endswith(("_pb2", "_pb2_grpc")) or last.startswith("_"):
        return ""
    if each.level:
        parent = names.modules.relative(path, each.level, ".".join(parts[:-1]))
    else:
        parent = names.modules.find(".".join(parts[:-1]), path) if len(parts) > 1 else ()
    files = [found for found in parent if found.endswith(("/__init__.py",)) or found == "__init__.py"]
    if not files or len(files) != len(parent):
        return ""
    if any(names.submodule(found, last) or names.has(found, last) is not False for found in files):
        return ""
    return "." * each.level + each.module


def _modules_bound(path: str, symbol: Symbol, module: Symbol, names: NameTable) -> dict[str, str]:
    """Return the names that stand for modules of this tree in a scope."""
    found: dict[str, str] = {}
    for each in (*module.imports, *symbol.imports):
        if not each.bound or each.optional or each.typing_only:
            found.pop(each.bound, None)
            continue
        target = ""
        if each.name and each.name != "*":
            for parent in names.resolve(each, path)[:1]:
                if parent.endswith("/") or each.name not in names.of(parent).bound:
                    inner = names.submodule(parent, each.name)
                    target = inner[0] if len(inner) == 1 and inner[0].endswith(".py") else ""
        elif not each.name and ("." not in each.module or each.bound != each.module.partition(".")[0]):
            files = names.resolve(each, path)
            target = files[0] if len(files) == 1 and files[0].endswith(".py") else ""
        if target:
            found[each.bound] = target
        else:
            found.pop(each.bound, None)
    return found


def _rebound(symbol: Symbol, module: Symbol) -> set[str]:
    found = {each.name for each in symbol.parameters}
    for statement in (*symbol.body, *module.body):
        found.update(names_in(statement.target))
    return found


def _of_attributes(path: str, facts: FileFacts, names: NameTable) -> Iterator[Broken]:
    module = facts.module
    imported = {each.bound for symbol in facts.symbols for each in symbol.imports}
    if not imported:
        return
    for symbol in facts.symbols:
        bound = _modules_bound(path, symbol, module, names)
        if not bound:
            continue
        hidden = _rebound(symbol, module) | _outer_names(facts, symbol)
        guarded = _guarded_names(symbol)
        for statement in symbol.body:
            for expr in (statement.value, statement.annotation):
                for each in walk(expr):
                    if each[0] != "a" or each[1][0] != "n" or each[1][1] not in bound or each[1][1] in hidden:
                        continue
                    target, name = bound[each[1][1]], str(each[2])
                    if name in guarded or names.has(target, name) is not False or _is_set_elsewhere(facts, each):
                        continue
                    if each[1][1] in own_names_around(expr, each):
                        continue
                    because = f"uses {each[1][1]}.{name}, and {target} has no such name"
                    yield Broken(f"attribute {target}:{name}", f"{target}:{name}", statement.line, because)


def _outer_names(facts: FileFacts, symbol: Symbol) -> set[str]:
    """Return the names that enclosing functions bind: they hide those of the module."""
    found: set[str] = set()
    for other in facts.symbols:
        if other.kind in {"function", "async"} and symbol.qualname.startswith(f"{other.qualname}.<locals>."):
            found |= _rebound(other, other) | {each.bound for each in other.imports}
    return found


def _guarded_names(symbol: Symbol) -> set[str]:
    """Return names that are asked for with `hasattr` or `getattr`: then the code knows that they may be missing."""
    return {
        text
        for statement in symbol.body
        for each in walk(statement.value)
        if each[0] == "c" and each[1][0] == "n" and each[1][1] in {"hasattr", "getattr", "setattr", "delattr"}
        for given in each[2][1:2]
        if (text := text_of(given)) is not None
    }


def _is_set_elsewhere(facts: FileFacts, attribute: Expr) -> bool:
    """Tell whether the file sets the attribute itself: `module.x = 1`."""
    return any(statement.target == attribute for symbol in facts.symbols for statement in symbol.body)


def _of_mocks(path: str, facts: FileFacts, names: NameTable) -> Iterator[Broken]:
    for symbol in facts.symbols:
        held: list[tuple[Expr | None, int]] = [(each, symbol.first_line) for each in symbol.decorators]
        held += [(each.value, each.line) for each in symbol.body]
        for expr, line in held:
            for call in walk(expr):
                if call[0] != "c":
                    continue
                for missing, said in _of_call(call, path, symbol, facts, names):
                    at = int(call[4]) if len(call) > 4 and call[4] else line  # noqa: PLR2004 - the line of a call
                    because = f"mocks {said}, and {missing}"
                    yield Broken(f"mock {said}", said, at, because)


def _of_call(call: Expr, path: str, symbol: Symbol, facts: FileFacts, names: NameTable) -> Iterator[tuple[str, str]]:
    name = dotted(call[1])
    if not name or {"create", "raising"} & call[3].keys():
        return
    parts = name.split(".")
    patches = parts[-1] == "patch" and (
        len(parts) == 1 or parts[-2] in {"mock", "mocker", "unittest"} or parts[0] in {"mock", "mocker"}
    )
    sets = parts[-1] in {"setattr", "delattr"} and parts[0] in {"monkeypatch", "mp", "m", "monkeysession"}
    objects = parts[-1] == "object" and len(parts) > 1 and parts[-2] == "patch"
    if patches or sets:
        target = text_of(argument(call, 0, "target"))
        if target is not None and "." in target:
            missing = missing_target(target, path, names)
            if missing:
                yield missing, target
            return
    if objects or (sets and len(call[2]) > 1):
        holder, attribute = argument(call, 0, "target"), text_of(argument(call, 1, "attribute" if objects else "name"))
        if holder is None or attribute is None or holder[0] != "n":
            return
        file = _modules_bound(path, symbol, facts.module, names).get(holder[1], "")
        hidden = _rebound(symbol, facts.module) | _outer_names(facts, symbol)
        if file and holder[1] not in hidden and names.has(file, attribute) is False and not is_builtin(attribute):
            yield f"{file} has no {attribute}", f"{holder[1]}.{attribute}"
