"""Reads what a commit message claims: that it reverts something, lands something again, or mends something."""

import re

from release_harness.steps.risk.model.landings import Claim

_TAG = r"(?:\[[^\]\n]{0,60}\]\s*)*"
_SENTENCE = re.compile(
    r"\bThis\s+(?:commit\s+)?(?:partially\s+|mostly\s+)?reverts\s+(?:commits?\s+)?"
    r"((?:[0-9a-f]{7,64}\b[\s,.]*(?:\([^)\n]*\)[\s,.]*)?(?:and\s+)?(?:commit\s+)?)+)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^[ \t]*(?:Reverts?|Reverted|Backs? out|Roll(?:s|ed|ing)? ?back|Automated rollback of)(?: of)?(?: commits?)?:?[ \t]+"
    r"((?:[0-9a-f]{7,64}\b[ \t,]*(?:and[ \t]+)?)+)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    r"^[ \t]*(?:This )?(?:Reverts?|Reverting|Backs? out|Roll(?:s|ing)? ?back)(?: of)?:?[ \t]+"
    r"(?:(?:the )?(?:pull request|pull|PR|merge request|MR)[ \t]+)?"
    r"((?:[\w.-]+/[\w.-]+)?)[#!](\d{1,9})\b",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = re.compile(
    rf"^{_TAG}Revert(?:s|ed|ing)?:?\s+[\"“'`](.+)[\"”'`]\.?(?:\s*\([^()]*\))*\s*$", re.IGNORECASE | re.DOTALL
)
_PLAIN_TITLE = re.compile(rf"^{_TAG}revert:\s+(\S.+?)(?:\s*\([#!]\d+\))*$", re.IGNORECASE)
_STARTS = re.compile(
    rf"^{_TAG}(?:[\w./ -]{{1,40}}:\s+)?(?:Revert(?:s|ing|ed)?\b|Back(?:s|ing|ed)? out\b|"
    r"Roll(?:s|ing|ed)? ?back\b|Rollback\b|Automated rollback\b)",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    rf"^{_TAG}(?:[\w./ -]{{1,40}}:\s+)?(?:Re-?land(?:s|ed|ing)?\b|Re-?appl(?:y|ies|ied|ying)\b|Re-?submit\b|Un-?revert\b|"
    r"Roll(?:s|ing|ed)? ?-?forward\b|Rollforward\b|Revert(?:s|ing)?:?\s+(?:of\s+)?[\"“'`]?Revert|Second (?:try|attempt)\b|"
    r"Try (?:again|\#?\d)|Automated rollback of.*rollback|Take (?:2|two|3|three)\b|Redo\b)",
    re.IGNORECASE,
)
_AGAIN_LATER = re.compile(
    r"[(\[,:-]\s*(?:take|attempt|try|round)\s*#?(?:[2-9]|two|three|ii)\b|[(\[]re-?(?:land|apply|submit)(?:ed)?[)\]]|"
    r"\b(?:second|2nd|third|3rd) (?:try|attempt)\b",
    re.IGNORECASE,
)
_AGAIN_BODY = re.compile(
    r"\A\s*(?:This\s+(?:commit\s+|change\s+|PR\s+)?)?(?:re-?lands?|re-?appl(?:y|ies)|rolls? ?forward|rolling ?forward)\b",
    re.IGNORECASE,
)
_FIXES = re.compile(
    r"^[ \t]*Fixes:[ \t]*(?:commit[ \t]+)?([0-9a-f]{7,64})\b[ \t]*[,:]?[ \t]*(?:\(?[\"“'](.*?)[\"”']\)?[ \t]*$)?",
    re.IGNORECASE | re.MULTILINE,
)
_OWN_NUMBER = re.compile(r"\((?:[\w.-]+/[\w.-]+)?[#!](\d{1,9})\)\s*$")
_MERGE_NUMBER = re.compile(r"^Merge (?:pull request|PR) (?:[\w.-]+/[\w.-]+)?#(\d{1,9})\b", re.IGNORECASE)
_MERGE_REQUEST = re.compile(r"^See merge request \S*!(\d{1,9})\s*$", re.MULTILINE)
_HEX = re.compile(r"\b[0-9a-f]{7,64}\b")
_BULLET = re.compile(r"^\s*[*•-]\s+\S", re.MULTILINE)
_TAIL = re.compile(r"(?:\s*\([#!]\d+\))+\s*$")
_BULLETS_OF_A_SQUASH_COUNT = 2


def read_claim(commit: str, author: str, subject: str, body: str, *, is_merge: bool) -> Claim:
    """Read the message of one commit; never raises, whatever it holds."""
    text = f"{subject}\n{body}"
    lowered = text.lower()
    fixes: tuple[tuple[str, str], ...] = ()
    if "fixes:" in lowered:
        fixes = tuple((name.lower(), (title or "").strip()) for name, title in _FIXES.findall(text))
    plain = Claim(
        id=commit,
        author=author,
        subject=subject,
        is_merge=is_merge,
        lands_again=_lands_again(subject, body, lowered),
        fixes=fixes,
        own_numbers=_own_numbers(subject, body),
    )
    if "revert" not in lowered and "roll" not in lowered and "back" not in lowered:
        return plain
    names = tuple(dict.fromkeys(_ids(text)))
    numbers = tuple(
        dict.fromkeys(
            f"{repository}#{number}" if repository else number for repository, number in _NUMBER.findall(text)
        )
    )
    title = _TITLE.match(subject) or _PLAIN_TITLE.match(subject)
    return plain._replace(
        takes_back=not plain.lands_again and _is_its_purpose(subject, body, named=bool(names or numbers)),
        reverts=names,
        numbers=numbers,
        title=title.group(1) if title else "",
    )


def bare_title(title: str) -> str:
    """Return a title without the numbers of pull requests at its end."""
    return _TAIL.sub("", title).strip()


def _lands_again(subject: str, body: str, lowered: str) -> bool:
    if _AGAIN.match(subject) or _AGAIN_LATER.search(subject):
        return True
    return ("land" in lowered or "appl" in lowered or "forward" in lowered) and _AGAIN_BODY.match(body) is not None


def _is_its_purpose(subject: str, body: str, *, named: bool) -> bool:
    """Tell a revert from a message that only quotes one.

    A squashed message lists the messages of its commits, and one of those may have reverted another one on the same
    branch; that never was in production.
    """
    if _STARTS.match(subject):
        return True
    if not named or len(_BULLET.findall(body)) >= _BULLETS_OF_A_SQUASH_COUNT:
        return False
    lines = [line for line in body.split("\n") if line.strip()]
    return any(_SENTENCE.match(line.strip()) or _BARE.match(line) or _NUMBER.match(line) for line in lines)


def _ids(text: str) -> list[str]:
    listed = [*_SENTENCE.findall(text), *_BARE.findall(text)]
    return [name for each in listed for name in _HEX.findall(each.lower())]


def _own_numbers(subject: str, body: str) -> tuple[str, ...]:
    found = [*_OWN_NUMBER.findall(subject)[:1], *_MERGE_NUMBER.findall(subject)]
    if "See merge request" in body:
        found += _MERGE_REQUEST.findall(body)
    return tuple(found)
