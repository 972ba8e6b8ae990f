"""Tells whether what a text names, such as the target of a mock, exists in a tree."""

from release_harness.steps.evidence.impact.answer.names import NameTable, is_builtin
from release_harness.steps.evidence.impact.difference.outline import names_in
from release_harness.steps.evidence.impact.facts import FileFacts


def missing_target(target: str, path: str, names: NameTable) -> str:
    """Say what of a dotted target is proven not to be there, or return an empty text."""
    parts = target.split(".")
    if not all(each.isidentifier() for each in parts):
        return ""
    files: tuple[str, ...] = ()
    depth = 0
    for count in range(1, len(parts) + 1):
        found = names.modules.find(".".join(parts[:count]), path)
        if not found:
            break
        files, depth = found, count
    if not files or depth == len(parts) or len(files) > 1 or not files[0].endswith(".py"):
        return ""
    file, name = files[0], parts[depth]
    if is_builtin(name) and depth == len(parts) - 1:
        return ""
    has = names.has(file, name)
    if has is False:
        return f"{file} has no {name}"
    if has is None or depth + 1 >= len(parts):
        return ""
    return _missing_member(file, name, parts[depth + 1], names)


def _missing_member(file: str, name: str, member: str, names: NameTable) -> str:
    """Look into a class of the same file that has no base and computes nothing; anything else proves nothing."""
    if names.of(file).bound.get(name) is not None or file not in names.tree.blobs:
        return ""
    facts = names.tree.facts(file)
    found = [each for each in facts.symbols if each.qualname == name]
    if len(found) != 1 or found[0].kind != "class" or found[0].bases or found[0].keywords or found[0].decorators:
        return ""
    if member.startswith("__") or names_of_class(facts, name) is None:
        return ""
    return "" if member in (names_of_class(facts, name) or ()) else f"{name} of {file} has no {member}"


def names_of_class(facts: FileFacts, name: str) -> set[str] | None:
    """Return the names that a class and its methods set, or None when it may compute some."""
    found: set[str] = set()
    for each in facts.symbols:
        if each.qualname == name:
            for statement in each.body:
                found.update(names_in(statement.target))
            found.update(imported.bound for imported in each.imports)
        elif each.qualname.startswith(f"{name}.") and "." not in each.qualname[len(name) + 1 :]:
            last = each.qualname[len(name) + 1 :]
            found.add(last)
            if last in {"__getattr__", "__getattribute__", "__new__"}:
                return None
            for statement in each.body:
                if statement.target is not None and statement.target[0] == "a":
                    found.add(str(statement.target[2]))
    return found
