"""What stands around the actions of Rails: filters with `only` and `except`, handlers of errors, settings, inherited ones too."""

from collections.abc import Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.conditions import conditions_of
from release_harness.steps.evidence.impact.entries.rails_words import block_of
from release_harness.steps.evidence.impact.entries.reading import shown
from release_harness.steps.evidence.impact.expressions import dotted, text_of, texts_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names, outer_name
from release_harness.steps.evidence.model.impact import SymbolId

BEFORE = frozenset({"before_action", "prepend_before_action", "append_before_action", "before_filter"})
SKIPPED = frozenset({"skip_before_action", "skip_before_filter", "skip_after_action", "skip_around_action"})
_OPENS = "skip_forgery_protection"
_REASONS = {
    **dict.fromkeys(BEFORE, "filter before actions"),
    "after_action": "filter after actions",
    "prepend_after_action": "filter after actions",
    "around_action": "filter around actions",
    "rescue_from": "handler of errors",
}
_LISTS_ACTIONS = frozenset({"caches_page", "caches_action", "protect_from_forgery", "wrap_parameters", "allow_browser"})
"""Settings whose own names are actions or nothing, not methods that they run."""


class Setting(NamedTuple):
    """One line of a class such as `before_action :authenticate, only: [:show]`."""

    source: SymbolId
    """Class or module in which it is written."""
    symbol: SymbolId
    """The line as a symbol."""
    call: Expr
    under: str = ""
    """The condition that the line stands under, in words; empty for none."""

    @property
    def word(self) -> str:
        """What is called."""
        return str(self.call[1][1])

    @property
    def reason(self) -> str:
        """What it is, for people."""
        return _REASONS.get(self.word, "setting of the controller")


def settings_of(names: Names, owner: SymbolId) -> Iterator[Setting]:
    """Yield the settings of a class, those of its bases and modules first."""
    for each in reversed([one for one in names.lineage(owner) if ":" in one]):
        yield from own_settings(names, each)


def own_settings(names: Names, owner: SymbolId) -> Iterator[Setting]:
    """Yield the settings that one class or module writes itself, in order."""
    path = owner.rpartition(":")[0]
    symbol = names.symbol(owner)
    for statement in symbol.body if symbol is not None else ():
        if statement.value == ["n", _OPENS]:
            under = conditions_of(symbol, statement.under) if symbol is not None else ""
            yield Setting(owner, owner, ["c", statement.value, [], {}, statement.line], under)
        for each in walk(statement.value):
            if each[0] == "y" and outer_name(each[1]) == owner.rpartition(":")[2]:
                inner = names.symbol(f"{path}:{each[1]}")
                call = inner.body[-1].value if inner is not None and inner.body else None
                if call is not None and call[0] == "c" and call[1][0] == "n":
                    under = conditions_of(symbol, statement.under) if symbol is not None else ""
                    yield Setting(owner, f"{path}:{each[1]}", call, under)


def applies(setting: Setting, action: str) -> bool:
    """Tell whether a setting concerns an action."""
    options = setting.call[3]
    only, without = texts_of(options.get("only")), texts_of(options.get("except"))
    if only is not None and action not in only:
        return False
    if without is not None and action in without:
        return False
    named = [text_of(each) for each in setting.call[2]] if setting.word in _LISTS_ACTIONS else []
    return not any(named) or action in named


def filters_of(setting: Setting) -> list[str]:
    """Return the methods that a filter names, `inline block` for one that is written there."""
    named = [text_of(each) or (dotted(each) if each[0] in {"n", "a"} else "") for each in setting.call[2]]
    return [each for each in named if each] or (["inline block"] if block_of(setting.call) is not None else [])


def condition_of(setting: Setting) -> str:
    """Return the condition under which alone a line counts, in words; empty for none."""
    options = setting.call[3]
    said = [f"{word} {shown(options[word])}" for word in ("if", "unless") if word in options]
    return " and ".join(text for text in (setting.under, *said) if text)


def opens(setting: Setting) -> bool:
    """Tell whether a line turns the check for forged requests off."""
    if setting.word == _OPENS:
        return True
    return setting.word in SKIPPED and "verify_authenticity_token" in filters_of(setting)
