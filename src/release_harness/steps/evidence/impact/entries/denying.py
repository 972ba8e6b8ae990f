"""Whether a function turns requests away, whatever it is called: it names what is answered to whoever may not come in."""

import re

from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import SymbolId

_DENIED = re.compile(r"unauthori[sz]ed|forbidden|access_?denied|auth_?fail", re.IGNORECASE)
_CODES = frozenset({401, 403})


def denies(names: Names, symbol: SymbolId) -> bool:
    """Tell whether a function, or one that is written inside it, denies something."""
    path, _, qualname = symbol.rpartition(":")
    module = names.module(path) if path and qualname else None
    inner = f"{qualname}.<locals>."
    return module is not None and any(
        _says_so(each) for each in module.facts.symbols if each.qualname == qualname or each.qualname.startswith(inner)
    )


def _says_so(symbol: Symbol) -> bool:
    return any(_is_denial(each) for statement in symbol.body for each in walk(statement.value))


def _is_denial(expr: Expr) -> bool:
    if expr[0] in {"n", "a"}:
        return _DENIED.search(str(expr[-1])) is not None
    return expr[0] == "c" and any(each[0] == "k" and each[1] in _CODES for each in expr[2])
