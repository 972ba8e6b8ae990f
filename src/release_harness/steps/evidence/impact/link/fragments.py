"""What others can read of a file, piece by piece, without line numbers: two versions of it differ in the pieces that matter."""

from typing import Any

from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Statement, Symbol
from release_harness.steps.evidence.impact.link.bindings import Binding, FileIndex
from release_harness.steps.evidence.impact.link.registries import puts


def changed_keys(old: FileIndex | None, new: FileIndex | None) -> set[str]:
    """Return the keys whose piece differs between two versions of one path; either may be absent."""
    before = {} if old is None else fragments(old)
    after = {} if new is None else fragments(new)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def fragments(file: FileIndex) -> dict[str, Any]:
    """Return every piece of a file under the key by which the resolver notes that it read it."""
    path = file.path
    found: dict[str, Any] = {f"{path}:*": _stars(file.facts)}
    for symbol in file.symbols.values():
        name = f"{path}:{symbol.qualname}"
        scope = file.scope_of(symbol)
        inner = {each: [_binding(one) for one in bindings] for each, bindings in scope.bindings.items()}
        if symbol.qualname:
            found.update({f"{scope.key}{each}": row for each, row in inner.items()})
        if symbol.kind == "class":
            for each, sets in file.assigned(symbol.qualname).items():
                found[f"{name}.@{each}"] = [[method.qualname, _binding(binding)] for method, binding in sets]
        elif symbol.qualname:
            found[f"{name}="] = [_statement(each) for each in symbol.body if each.kind == "return"]
            found[f"{name}^"] = [[bare(table), stored] for table, stored in puts(symbol)]
        else:
            found.update({f"{path}:{each}": row for each, row in inner.items()})
    for symbol in file.symbols.values():
        if symbol.qualname:
            key = f"{path}:{symbol.qualname}"
            found[key] = [found.get(key), _header(symbol)]
    return found


def _stars(facts: FileFacts) -> Any:
    return [[[each.module, each.level] for each in facts.module.imports if each.name == "*"], facts.exports]


def _binding(binding: Binding) -> Any:
    fact = binding.fact
    if binding.kind == "symbol":
        return _header(fact)
    if binding.kind == "import":
        return [fact.module, fact.level, fact.name, fact.bound]
    if binding.kind == "global":
        return [fact[0].qualname, _statement(fact[1])]
    if isinstance(fact, Statement):
        return [binding.kind, binding.position, _statement(fact)]
    return [binding.kind, binding.position, bare(list(fact))]


def _header(symbol: Symbol) -> Any:
    return [
        symbol.qualname,
        symbol.kind,
        bare(symbol.decorators),
        bare(symbol.bases),
        bare(symbol.keywords),
        bare([list(each) for each in symbol.parameters]),
        bare(symbol.returns),
        symbol.flags,
    ]


def _statement(statement: Statement) -> Any:
    return [statement.kind, statement.how, bare(statement.target), bare(statement.annotation), bare(statement.value)]


def bare(value: Expr | Any) -> Any:
    """Return an expression, or a list of them, without the lines of its calls."""
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) == 5 and value[0] == "c":  # noqa: PLR2004 - the form of a call
        return ["c", bare(value[1]), bare(value[2]), bare(value[3])]
    return [bare(each) for each in value]
