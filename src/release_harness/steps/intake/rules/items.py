"""What one goal, signal, risk or acceptance point lacks; an empty answer means that it has substance."""

import re

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.intake.rules.words import VAGUE_WORDS, content_words, has_number, stem, tokens_of

_CODE = LazyPattern(r"`[^`]+`")
_QUOTED = LazyPattern(r"[\"“«][^\"”»]{2,300}[\"”»]")
_PLACEHOLDER = LazyPattern(
    r"\b(?:TODO(?! (?:list|app|item))|FIXME|XXX|TBD|TBA|tbd|tba)\b"
    r"|\blorem ipsum\b|\bto be (?:defined|decided|determined|written|confirmed|done)\b"
    r"|\bfill (?:this |me |it )?in\b|\bcoming soon\b|<[a-z][^<>`]{1,60}>",
)
_NOTHING = LazyPattern(
    r"(?:none|nothing|no(?: known| real| major)? risks?|n/?a|not applicable|no|same as above|see (?:above|ticket|jira)"
    r"|[-\u2013\u2014.\u2026?!\s]+)(?:[.\s]|yet|so far|known|for now|at the moment)*",
    re.IGNORECASE,
)
_REASONED_NONE = LazyPattern(
    r"(?:none|nothing|no(?: known| real)? risks?|n/?a|not applicable)\b[\s.,:;\u2013\u2014-]*(?:(?:because|since|as)\b)?(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TEMPLATE_TAIL = 4
"""A reason, or a goal that adds to its title, has at least this many words that carry meaning."""

_LOOK_AT = LazyPattern(
    r"\b(?:rates?|ratio|counts?|numbers? of|share|percent(?:age)?|latenc\w+|p\d{2,3}|durations?|runtimes?|times?"
    r"|seconds?|minutes?|hours?|ms|errors?|failures?|fails?|tickets?|incidents?|outages?|alerts?|alarms?|requests?"
    r"|conversions?|uptime|availability|coverage|logs?|events?|quer(?:y|ies)|rows?|metrics?|dashboards?|surveys?|scores?"
    r"|nps|satisfaction|revenue|churn|users?|people|teams?|customers?|accounts?|shops?|developers?|visitors?|usage"
    r"|memory|cpu|disk|costs?|sessions?|crash(?:es)?|reports?|sign-?ups?|attempts?|orders?|payments?|refunds?"
    r"|complaints?|calls?|mails?|messages?|exports?|imports?|downloads?|jobs?|builds?|deploy\w*|commits?|reverts?"
    r"|throughput|queue|backlog|lag|bytes|[kmg]b|vulnerabilit\w+|bugs?|defects?|violations?|duplicates?|warnings?)\b",
    re.IGNORECASE,
)
_UNIT = LazyPattern(r"\d\s*(?:%|‰|ms\b|s\b|min\b|h\b|[kMG]i?B\b|/s\b|req\b|€|\$)|[€$£]\s*\d")
_NONE_OF = LazyPattern(r"\b(?:no|zero|never|none|nobody|without|not|every|all|each)\b", re.IGNORECASE)
_SEEN = LazyPattern(
    r"\b(?:appears?|is seen|are seen|logged|arrives?|fires?|recorded|emitted|returns?|answers?|reports?|shows?)\b",
    re.IGNORECASE,
)
_OWNER_FIELD = LazyPattern(r"\bowners?\s*[:=\u2013\u2014-]\s*(?P<who>[^.;)\]]*)", re.IGNORECASE)
_NOBODY = LazyPattern(
    r"\s*(?:tbd|tba|todo|unknown|nobody|no one|none|someone|somebody|everybody|everyone|all|n/?a|\?+|-|<)\b|\s*\?*\s*$",
    re.IGNORECASE,
)
_OWNER = LazyPattern(
    r"(?<![\w.])@[A-Za-z0-9]"
    r"|[\w.+-]{1,64}@[\w-]{1,63}\.\w"
    r"|\b(?!(?:[Tt]he|[Oo]ur|[Mm]y|[Ww]hole|[Ee]ntire|[Ee]very|[Aa]|[Ww]hich|[Ee]ach)\b)[\w&-]{1,40} (?:team|squad|guild)\b"
    r"|\bon[- ]?call\b|\bon duty\b|\b(?:DBAs?|DPO|CISO|SREs?|CTO)\b|\b(?:[Ll]egal|[Cc]ompliance)\b"
    r"|\b(?:[Oo]wned|[Dd]ecided|[Hh]andled|[Ww]atched|[Aa]pproved|[Ss]igned off|[Ll]ed) by (?:the )?(?!nobody|no one)\w+"
    r"|\b[Ss]ign-?[- ]?off (?:from|by|of) (?:the )?\w+|\b[Aa]pproval (?:from|by|of) (?:the )?\w+"
    r"|\b[Ww]ithout (?:[Aa]sking )?[A-Z]\w+"
    r"|\b[A-Z]\w+(?: [A-Z]\w+)? (?:owns|decides|signs|watches|approves|handles|takes|checks|confirms)\b"
    r"|[\u2013\u2014-] [A-Z]\w+(?: [A-Z]\w+)?\.?\s*$|\([A-Z]\w+(?: [A-Z]\w+)?\)",
)
_CHECKABLE = LazyPattern(
    r"\b(?:returns?|answers?|responds?|shows?|shown|displays?|prints?|printed|exits?|refuses?|refused|rejects?|rejected"
    r"|logs?|logged|records?|recorded|stores?|stored|saves?|saved|sends?|sent|receives?|received|appears?|redirects?"
    r"|writes?|written|creates?|created|deletes?|deleted|removes?|removed|keeps?|kept|pass(?:es)?|raises?|sees?|seen"
    r"|blocks?|blocked|lists?|listed|names?|contains?|equals?|matches|match|agrees?|opens?|emits?|visible|hidden|absent"
    r"|disabled|enabled|served|stops?|starts?|asks?|accepts?|accepted|denied|locked|unchanged|identical|sorted)\b",
    re.IGNORECASE,
)
_ABLE = LazyPattern(r"\bcan(?:not|'t)?\b", re.IGNORECASE)


def placeholder_in(text: str) -> str:
    """Return the placeholder that was left in a text (`TBD`, `<who>`, `...`), or an empty string."""
    found = _PLACEHOLDER.search(_CODE.sub(" ", text))
    return found[0] if found is not None else ""


def is_nothing(text: str) -> bool:
    """Tell whether a text only says that there is nothing: `None.`, `n/a`, `no known risks`, `...`."""
    return _NOTHING.fullmatch(text.strip()) is not None


def lacks_of_goal(goal: str, title: str) -> str:
    """Say what a goal lacks: more than its title, and more than good intentions."""
    words = [stem(word) for word in content_words(goal, goal=True)]
    known = {stem(word) for word in tokens_of(title)}
    added = {word for word in words if word not in known}
    enough = 2 if has_number(goal) else _TEMPLATE_TAIL
    if len(added) >= enough:
        return ""
    if words and not added:
        return "it only repeats the title"
    if len(words) < enough:
        return (
            "it says no more than a good intention"
            if not set(words) & known
            else "it adds next to nothing to the title"
        )
    return "it adds next to nothing to the title"


def lacks_of_signal(text: str) -> tuple[str, ...]:
    """Say what keeps a success signal from being observed: something to look at, something to tell by, or both."""
    looked = bool(_CODE.search(text) or _LOOK_AT.search(text) or _UNIT.search(text))
    told = has_number(text) or bool(_NONE_OF.search(text)) or bool(_CODE.search(text) and _SEEN.search(text))
    lacks = []
    if not looked:
        lacks.append("something to look at: a metric, an event, a log line or a query")
    if not told:
        lacks.append("something to tell by: a number, a threshold or a time window")
    return tuple(lacks)


def lacks_of_risk(text: str) -> str:
    """Say what a risk lacks: an owner, or the reason why there is no risk."""
    if is_nothing(text):
        return "`none` without a reason"
    none = _REASONED_NONE.fullmatch(text.strip())
    if none is not None and len(content_words(none["why"])) >= _TEMPLATE_TAIL:
        return ""
    field = _OWNER_FIELD.search(text)
    if field is not None:
        return "" if field["who"].strip() and _NOBODY.match(field["who"]) is None else "an owner that is somebody"
    return "" if _OWNER.search(_CODE.sub(" ", text)) else "an owner"


def lacks_of_acceptance(text: str) -> str:
    """Say why an acceptance point cannot be checked, or nothing when it can."""
    lowered = text.lower()
    steps = sum(re.search(rf"\b{word}\b", lowered) is not None for word in ("given", "when", "then"))
    if has_number(text) or _CODE.search(text) or _QUOTED.search(text) or steps > 1:
        return ""
    vague = [word for word in tokens_of(text) if word in VAGUE_WORDS]
    verb = _CHECKABLE.search(text) is not None
    substance = len(set(content_words(text)))
    if verb and (not vague or substance >= _TEMPLATE_TAIL):
        return ""
    if _ABLE.search(text) and substance >= _TEMPLATE_TAIL and not vague:
        return ""
    shown = f" ({', '.join(dict.fromkeys(vague))})" if vague else ""
    return f"it is an opinion{shown}" if vague else "it names no result that can be seen"
