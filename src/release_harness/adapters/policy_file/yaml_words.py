"""Which value does a word of a YAML file stand for?"""

import re

from release_harness.kernel.records import Plain

_NUMBER_LENGTH_LIMIT = 30

_INTEGER = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Plain] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)


def plain_value(word: str) -> Plain:
    """Resolve a word without quotes as YAML 1.2 does: `yes`, `on`, `24h`, `1:30` and dates stay text."""
    if word in _WORDS:
        return _WORDS[word]
    if len(word) > _NUMBER_LENGTH_LIMIT:
        return word
    if _INTEGER.fullmatch(word):
        return int(word, 0) if word.startswith("0x") else int(word)
    if _FLOAT.fullmatch(word):
        number = float(word)
        return number if abs(number) != float("inf") else word
    return word


def is_text(value: str) -> bool:
    """Tell whether a text holds whole characters only."""
    return not any("\ud800" <= char <= "\udfff" for char in value)
