"""Whether a change touches a feature flag, told from calls of well-known flag libraries and from files of flags.

The answer says how a change ships, so it must not be claimed lightly: a word that looks like a flag is none, tests and
documents ship nothing, and what was brought in whole from elsewhere is not behind the flags that it happens to hold.
"""

import re
from collections.abc import Iterator

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.paths import show_text
from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.changes.model import Change, FileChange, FileKind, FileStatus
from release_harness.steps.changes.rules.kinds import CODE_LANGUAGES, kinds_of, language_of

_IMPORTED_FILES_COUNT = 200
"""Whoever adds more files than this at once brings them in from elsewhere; nobody wrote them behind one flag."""
_LINE_CHARS = 500
_CONTENT = frozenset({FileKind.FILE, FileKind.EXECUTABLE})
_SHIPS_NOTHING = frozenset({"tests", "vendored", "generated", "lock"})
_DATA_LANGUAGES = frozenset({"JSON", "TOML", "YAML"})
_FLAG_FILE = LazyPattern(
    r"(^|/)(feature[-_]?(flags?|toggles?)\.\w+|feature[-_]?(flags|toggles)/([^/]+/)*[^/]+\.(json|ya?ml|toml)|"
    r"([^/]+\.)?flagd\.(json|ya?ml)|flipper\.(rb|ya?ml)|[^/]+\.goff\.(json|ya?ml|toml))$",
    re.IGNORECASE,
)
_HINT = LazyPattern(
    r"flag|toggle|variation|unleash|flipper|feature|statsig|growthbook|configcat|optimizely|(_active|switch)|client",
    re.IGNORECASE,
)
_HOLDER = (
    r"\b(?:ld|ldclient\.get|LD\w*|[cC]lient|\w*_client|\w*Client|\w*[fF]lags?|\w*[fF]lags?Service|launch_?[dD]arkly|[oO]pen_?[fF]eature)"
    r"(?:\(\))?\s*[?!]?\.\s*"
)
_KEY = r"\(\s*(?:ctx\s*,\s*)?[\"'`][^\"'`]+[\"'`]\s*,"
_CALL = LazyPattern(
    "|".join(
        (
            # OpenFeature and LaunchDarkly: a client, a key in quotes, and the value that holds without the flag.
            _HOLDER
            + r"(?:[gG]et_?)?(?:[bB]ool(?:ean)?|[sS]tring|[nN]umber|[iI]nt(?:eger)?|[fF]loat|[dD]ouble|[oO]bject)"
            + r"_?(?:[vV]alue|[dD]etails)(?:Async)?\s*"
            + _KEY,
            _HOLDER
            + r"(?:[bB]ool|[sS]tring|[iI]nt|[dD]ouble|[fF]loat64|[jJ]son|JSON)?_?[vV]ariation(?:_?[dD]etail)?\s*"
            + _KEY,
            r"\b(?:flag|switch|sample)_is_active\s*\(|@waffle_(?:flag|switch)\s*\(",
            r"\buse(?:Boolean|String|Number|Object)?(?:Feature)?Flag(?:Value|Details|Enabled|VariantKey|Payload)?\s*\(\s*[\"'`A-Z]",
            r"\buse(?:FeatureFlag\w*|FeatureIsOn|FeatureValue)\s*\(",
            r"(?i:\b(?:is|has)_?(?:feature|flag)(?:_?flag)?_?(?:enabled|active|on))\s*\(",
            r"\bfeature_(?:flag_)?(?:is_)?enabled\??\s*\(",
            r"(?i:\bfeature_?(?:flags?|toggles?))(?:\s*\??\.\s*[A-Za-z]\w+|\[|\(\s*[\"':])",
            r"\bFlipper(?:\[|\.(?:enabled\?|(?:enable|disable|add)\b))|\bFeature\.(?:enabled|disabled)\?",
            r"\bFeature::(?:active|inactive|value|when|define|for)\s*\(",
            r"(?i:\bunleash\w*)(?:\(\))?\.(?:is_?[eE]nabled|get_?[vV]ariant)\s*\(",
            r"(?i:\bstatsig\w*)\.(?:check_?[gG]ate|get_?[fF]eature_?[gG]ate|get_?[eE]xperiment)\s*\(",
            r"(?i:\b(?:gb|growthbook))\.(?:is_?[oO]n|is_?[oO]ff|get_?[fF]eature_?[vV]alue)\s*\(",
            r"(?i:\bconfigcat\w*)\.get_?[vV]alue(?:Async)?\s*\(|(?i:\boptimizely\w*)\.(?:is_?[fF]eature_?[eE]nabled|decide)\s*\(",
            r"(?i:\bfeature_?manager)\.IsEnabledAsync\s*\(|\[FeatureGate\s*\(",
        )
    )
)
_COMMENT = LazyPattern(r"\s*(?:#|//|/\*|\*|--|<!--|\"\"\"|''')")


def flags_fact(change: Change) -> Fact:
    """Return true with the first place where a flag is touched; what the diff does not show stays unknown."""
    added_count = sum(each.status is FileStatus.ADDED for each in change.files)
    imported = added_count > _IMPORTED_FILES_COUNT
    able = {each.path: each for each in change.files if _can_ship(each, imported=imported)}
    places = list(_places(change, able))
    if places:
        files_count = len({path for path, _number in places})
        path, number = places[0]
        where = f"{show_text(path)}:{number}" if number else show_text(path)
        return Known(value=True, source=f"computed here: {where}{_more(len(places), files_count)}")
    if imported:
        return Unknown(
            why=f"{added_count} files were added at once; a flag in files that come from elsewhere says nothing of this change"
        )
    return Unknown(why="no flag file and no well-known flag call is in the diff; calls of your own are not known to rh")


def _can_ship(file: FileChange, *, imported: bool) -> bool:
    if file.new_kind not in _CONTENT or file.vendored or file.generated or kinds_of(file.path) & _SHIPS_NOTHING:
        return False
    return not (imported and file.status is FileStatus.ADDED)


def _places(change: Change, able: dict[str, FileChange]) -> Iterator[tuple[str, int]]:
    """Yield path and line of everything that touches a flag; line 0 where only the file is known."""
    lines = {each.path: each for each in change.lines}
    for path in able:
        known = lines.get(path)
        language = language_of(path)
        if _FLAG_FILE.search(path) and (language in CODE_LANGUAGES or language in _DATA_LANGUAGES):
            numbers = [number for number, _text in known.added] if known else []
            yield from ((path, number) for number in numbers or [0])
        elif known is not None and language in CODE_LANGUAGES:
            yield from ((path, number) for number, text in known.added if _calls_flag(text[:_LINE_CHARS]))


def _calls_flag(text: str) -> bool:
    return _HINT.search(text) is not None and _COMMENT.match(text) is None and _CALL.search(text) is not None


def _more(lines_count: int, files_count: int) -> str:
    if lines_count == 1:
        return ""
    return f", {lines_count} lines in {files_count} {'file' if files_count == 1 else 'files'}"
