"""What the adapters of Spring read of expressions: texts behind constants, classes, orders of beans."""

from release_harness.steps.evidence.impact.entries.reading import last_name, shown
from release_harness.steps.evidence.impact.expressions import items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

LOWEST = 2**31 - 1
"""Order of a bean that says none."""
_ORDERS = {"HIGHEST_PRECEDENCE": -(2**31), "LOWEST_PRECEDENCE": LOWEST}


def element(decorator: Expr, key: str) -> Expr | None:
    """Return one element of an annotation; the only one without a name is its value."""
    if decorator[0] != "c":
        return None
    if key in decorator[3]:
        found: Expr = decorator[3][key]
        return found
    if key == "value" and decorator[2]:
        return decorator[2][0] if len(decorator[2]) == 1 else ["l", decorator[2]]
    return None


def texts(names: Names, scope: SymbolId, expr: Expr | None) -> list[str]:
    """Return the texts of an element; constants of classes are followed."""
    several = items_of(expr)
    if several is not None:
        return [text for each in several for text in texts(names, scope, each)]
    if expr is None:
        return []
    return [text(names, scope, expr)]


def text(names: Names, scope: SymbolId, expr: Expr) -> str:
    """Return one text; `{…}` stands for what is not told."""
    plain = text_of(expr)
    if plain is not None:
        return plain
    if expr[0] == "f":
        return "".join(text(names, scope, each) for each in expr[1])
    if expr[0] == "k":
        return str(expr[1])
    if expr[0] == "a" and expr[2] == "class":
        return last_name(expr[1])
    found = names.resolve(scope, expr).text
    return found or ("{…}" if expr[0] not in {"n", "a"} else "{" + shown(expr) + "}")


def order_of(names: Names, symbol: Symbol | None, scope: SymbolId = "") -> int:
    """Return the number that `@Order` gives a bean; what is added to the highest or lowest order is not read."""
    for each in symbol.decorators if symbol is not None else ():
        if last_name(each) == "Order":
            given = element(each, "value")
            while given is not None and given[0] == "b" and given[1]:
                given = given[1][0]
            if given is None:
                return LOWEST
            said = text(names, scope, given)
            return int(said) if said.removeprefix("-").isdecimal() else _ORDERS.get(last_name(given), 0)
    return LOWEST
