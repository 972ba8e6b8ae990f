"""What a landing says of itself, as numbers: track B. A claim may draw attention, and never decides."""

import re

CLAIMS = ("says_fix", "says_bump", "says_fast", "says_switch", "says_refactor", "says_add")
_PATTERNS = (
    re.compile(r"\b(?:bug ?)?fix(?:e[sd]|ing)?\b|\bbug\b|\bcorrect(?:s|ed)?\b", re.IGNORECASE),
    re.compile(r"\bbump(?:s|ed)?\b|\bupgrade[sd]?\b|\bupdate[sd]? .* (?:to|from) v?\d", re.IGNORECASE),
    re.compile(r"\bperf(?:ormance)?\b|\bcach(?:e[sd]?|ing)\b|\bfaster\b|\bspeed|\boptimi[sz]", re.IGNORECASE),
    re.compile(
        r"\benabl(?:e[sd]?|ing)\b|\bdefault(?:s|ed)?\b|\bswitch(?:e[sd]|ing)?\b|\bmigrat(?:e[sd]?|ing)\b", re.IGNORECASE
    ),
    re.compile(r"\brefactor|\bclean(?: ?up)?\b|\brename|\bmove[sd]?\b|\bsimplif", re.IGNORECASE),
    re.compile(r"\badd(?:s|ed|ing)?\b|\bimplement|\bsupport|\bnew\b|\bintroduc", re.IGNORECASE),
)


def measure_claims(title: str) -> tuple[float, ...]:
    """Return one number for each of CLAIMS."""
    return tuple(float(pattern.search(title) is not None) for pattern in _PATTERNS)
