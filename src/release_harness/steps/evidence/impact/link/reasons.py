"""Why an edge is believed: one small number for each rule, with its confidence and the words for people."""

from typing import NamedTuple

from release_harness.steps.evidence.model.impact import Confidence

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
RANK = {HIGH: 0, MEDIUM: 1, LOW: 2}


class Reason(NamedTuple):
    """One rule."""

    words: str
    confidence: Confidence
    asynchronous: bool = False
    weak: bool = False
    """True for edges that are kept but never walked, such as imports."""


REFERS = 0
DEFINES = 1
DECORATED = 2
INHERITS = 3
ANNOTATED = 4
DEFAULTS = 5
DECLARES = 6
REGISTERS = 7
ASSIGNED = 8
NAMED_IN_TEXT = 9
LISTENS = 10
ENQUEUES = 11
FIXTURE = 12
MEMBER = 13
OWN_MEMBER = 14
SUPER_MEMBER = 15
BY_NAME = 16
BY_GUESS = 17
TEXT = 18
IMPORTS = 19
MENTIONS = 20
MODULE_RUNS = 21
ENQUEUES_MEMBER = 22
DECORATOR_ARGUMENT = 23
OVERRIDES = 24
SPECIAL = 25
HOOK = 26
CALLBACK = 27
HOLDS_REGISTRY = 28
TEXT_MENTION = 29
TEXT_REGISTERED = 30
URL = 31
HANDLER_CLASS = 32
IMPORTS_NAME = 33
ANNOTATED_ONLY = 34
DECLARED_FAR = 35
LOADED_BY_NAME = 36
OTHER_FILE = 37
FILLS = 38
ONLY_IMPLEMENTATION = 39
SUPER_LIBRARY = 40
RENDERS = 41
RENDERS_PERHAPS = 42
IN_TEMPLATE = 43
SATISFIES = 44
HELD = 45
BY_COMMON_NAME = 46
HOOK_BY_NAME = 47

REASONS: tuple[Reason, ...] = (
    Reason("refers to", HIGH),
    Reason("defines inside", HIGH),
    Reason("is decorated by", HIGH),
    Reason("inherits from", HIGH),
    Reason("is annotated with", HIGH),
    Reason("has as default", HIGH),
    Reason("declares", HIGH),
    Reason("registers", HIGH),
    Reason("was assigned", HIGH),
    Reason("names it in a string", MEDIUM),
    Reason("is listened to by", MEDIUM),
    Reason("enqueues", HIGH, asynchronous=True),
    Reason("uses the fixture", HIGH),
    Reason("uses the member", HIGH),
    Reason("uses its own member", HIGH),
    Reason("uses the member of its base", HIGH),
    Reason("uses a member of this name, of a receiver that reading does not tell", LOW),
    Reason("uses the member of the only class that its receiver is named after", HIGH),
    Reason("holds the text", LOW, weak=True),
    Reason("imports", LOW, weak=True),
    Reason("mentions the attribute", LOW, weak=True),
    Reason("runs when it is imported", HIGH),
    Reason("enqueues", HIGH, asynchronous=True),
    Reason("has in a decorator", HIGH),
    Reason("uses the member of a base that this one overrides", MEDIUM),
    Reason("runs as a special method of the class", HIGH),
    Reason("is called by the library as one of its hooks", HIGH),
    Reason("may be called by the library that the class inherits from", MEDIUM),
    Reason("holds the registry it is registered on", LOW),
    Reason("mentions its name in a string", LOW),
    Reason("names what it is registered as", MEDIUM),
    Reason("has a URL of the route", MEDIUM),
    Reason("has the member", HIGH),
    Reason("imports the name", LOW, weak=True),
    Reason("is annotated with, which alone runs nothing", LOW),
    Reason("declares a field of a class that declares a field of it", MEDIUM),
    Reason("reads an attribute of this name, of a receiver that reading does not tell", LOW),
    Reason("refers to, by its module", MEDIUM),
    Reason("puts something into, which runs nothing of what it holds", LOW, weak=True),
    Reason("uses the member, which one class alone implements", HIGH),
    Reason("goes on in a library, which uses", HIGH),
    Reason("names the template", HIGH),
    Reason("names the end of the template's path", MEDIUM),
    Reason("uses it in a template", HIGH),
    Reason("calls it through an interface that its type satisfies", MEDIUM),
    Reason("holds among others", MEDIUM),
    Reason("uses a member, of a name that many have, of the only class that its receiver is named after", MEDIUM),
    Reason("is called by libraries where they look for a method of this name", MEDIUM),
)
