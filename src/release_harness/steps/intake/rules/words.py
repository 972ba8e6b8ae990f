"""The words that the rules look for; English only, so a brief in another language is unknown and never guessed at."""

import re

_TOKEN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'\u2019-]*|\d+(?:[.,]\d+)*")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred thousand half "
    "halves halved double doubles twice third quarter dozen"
)
STOP_WORDS = _listed(
    "a an the this that these those it its is are was were be been being am do does did done has have had having will "
    "would can could should shall may might must of to in on at by for from with without into onto over under as and or "
    "but nor so if then than when while because since until we us our you your they them their he she his her i my me "
    "who whom whose which what where how why there here not no all any each every some more most less least very too "
    "also just only again up down out off about after before between during per via"
)
_GOAL_FILLERS = _listed(
    "goal aim purpose objective want wants need needs implement implementing add adding make making build building "
    "create creating support supporting work working project feature change changes task allow allows enable enables "
    "able let provide provides introduce use using get new things thing stuff it's"
)
VAGUE_WORDS = _listed(
    "better best good great nice improve improved improves improving improvement improvements enhance enhanced quality "
    "value deliver delivers delivery experience user users customer customers fast faster easy easier simple simpler "
    "modern robust reliable clean cleaner well properly proper correct correctly expected acceptable complete completed "
    "stable smooth smoothly intuitive friendly seamless efficient efficiently scalable happy performance performant "
    "ready excellent high graceful gracefully functional"
)
_ENGLISH = _listed(
    "the a an is are of to and in for no not with from by on when that this it as at or be does has have was if than "
    "who what their after without"
)
_MIN_TOKENS_TO_TELL = 20
_ENGLISH_RATIO = 0.12


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in lower case."""
    return tuple(match.lower() for match in _TOKEN.findall(text))


def stem(word: str) -> str:
    """Cut a common ending off, so that `export`, `exports` and `exporting` are one word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - keep a stem that can be read
            return word.removesuffix(ending)
    return word.removesuffix("e") if len(word) > 4 else word  # noqa: PLR2004 - as above


def content_words(text: str, *, goal: bool = False) -> tuple[str, ...]:
    """Return the words that carry meaning: no stop words, no praise, and for a goal no `we want to implement`."""
    dropped = STOP_WORDS | VAGUE_WORDS | (_GOAL_FILLERS if goal else frozenset())
    return tuple(token for token in tokens_of(text) if token not in dropped)


def has_number(text: str) -> bool:
    """Tell whether a text says a number, as digits that stand alone or as a word."""
    if re.search(r"(?<![A-Za-z_])\d", re.sub(r"`[^`]*`", " ", text)):
        return True
    return any(token in NUMBER_WORDS for token in tokens_of(text))


def reads_as_english(text: str) -> bool:
    """Tell whether the word lists may judge a text; a text too short to tell counts as English.

    It errs towards `not English`, which makes the answer unknown and never pass or fail.
    """
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char < "\u0250" for char in letters) < 0.8 * len(letters):
        return False
    tokens = tokens_of(text)
    if len(tokens) < _MIN_TOKENS_TO_TELL:
        return True
    return sum(token in _ENGLISH for token in tokens) >= _ENGLISH_RATIO * len(tokens)
