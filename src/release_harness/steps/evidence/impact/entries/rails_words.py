"""Words of Rails: singular and plural, names under modules, plain paths, the actions that options leave, blocks."""

import re

from release_harness.steps.evidence.impact.expressions import items_of, texts_of
from release_harness.steps.evidence.impact.facts import Expr

DEPTH_LIMIT = 30
VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head"})
MANY = {
    "index": (("GET", ""),),
    "new": (("GET", "/new"),),
    "create": (("POST", ""),),
    "show": (("GET", "/:id"),),
    "edit": (("GET", "/:id/edit"),),
    "update": (("PATCH", "/:id"), ("PUT", "/:id")),
    "destroy": (("DELETE", "/:id"),),
}
ONE = {
    "new": (("GET", "/new"),),
    "create": (("POST", ""),),
    "show": (("GET", ""),),
    "edit": (("GET", "/edit"),),
    "update": (("PATCH", ""), ("PUT", "")),
    "destroy": (("DELETE", ""),),
}
_OPTIONAL = re.compile(r"\(\.:?\w+\)|[()]")


def block_of(call: Expr) -> Expr | None:
    """Return the block of a call."""
    return call[2][-1] if call[2] and call[2][-1][0] == "m" else None


def replaced(expr: Expr, name: str, text: str, depth: int = 0) -> Expr:
    """Return an expression with a block's variable replaced by a text."""
    if depth > DEPTH_LIMIT or not name:
        return expr
    if expr == ["n", name]:
        return ["s", text]
    found: Expr = [replaced_part(each, name, text, depth) for each in expr]
    if found and found[0] == "f":
        parts = found[1]
        if all(each[0] == "s" for each in parts):
            return ["s", "".join(each[1] for each in parts)]
    return found


def replaced_part(part: object, name: str, text: str, depth: int) -> object:
    """Return one part of an expression with a variable replaced."""
    if isinstance(part, list):
        if part and isinstance(part[0], str):
            return replaced(part, name, text, depth + 1)
        return [replaced_part(each, name, text, depth + 1) for each in part]
    if isinstance(part, dict):
        return {key: replaced_part(value, name, text, depth + 1) for key, value in part.items()}
    return part


def chosen_actions(options: dict[str, Expr], table: dict[str, tuple[tuple[str, str], ...]]) -> list[str]:
    """Return the actions that `only` and `except` leave."""
    only, without = options.get("only"), options.get("except")
    if only is not None:
        wanted = texts_of(only) or []
        return [each for each in table if each in wanted] if items_of(only) is not None or wanted else list(table)
    return [each for each in table if each not in (texts_of(without) or [])]


def under(module: str, name: str) -> str:
    """Return a controller's or module's name below a module."""
    return "/".join(each.strip("/") for each in (module, name) if each and each.strip("/"))


def plain_path(path: str) -> str:
    """Return a path without the marks of its optional parts."""
    return _OPTIONAL.sub("", path)


def singular(name: str) -> str:
    """Return the singular of an English noun as Rails makes it in the common cases."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "shes", "ches", "xes", "uses")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def plural(name: str) -> str:
    """Return the plural of an English noun as Rails makes it in the common cases."""
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "es" if name.endswith(("s", "sh", "ch", "x")) else name + "s"
