"""Looks for secrets in added lines with the detectors of detect-secrets, in memory and without any network.

The detectors can ask the service that a secret belongs to whether it is valid. That would send the secret out, so only
their search is used, and their HTTP client is not even loaded.
"""

import re
import sys
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

from release_harness.kernel.digests import digest_bytes
from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.changes.model import FileLines
from release_harness.steps.evidence.model import Finding

_LINE_CHARS = 10_000
"""A longer line is looked at in overlapping pieces of this length."""
_OVERLAP_CHARS = 500

_LEFT_OUT = frozenset({"IPPublicDetector"})
"""An address is no secret."""
_GUESSING = frozenset({"KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString", "BasicAuthDetector"})
"""Detectors that go by a name, by randomness or by a place; what they find is weighed, the others know a format."""

_LOCK_FILES = LazyPattern(
    r"(^|/)([^/]*[.-]lock([.-][^/]*)?|package-lock\.json|npm-shrinkwrap\.json|go\.(sum|mod)|pnpm-lock\.yaml|"
    r"yarn\.lock|[^/]*\.lock\.json|requirements[^/]*\.txt)$",
    re.IGNORECASE,
)
_TEST_PATHS = LazyPattern(
    r"(^|/)(tests?|testing|testdata|fixtures?|__tests__|specs?|examples?|docs?|mocks?|__snapshots__)/|"
    r"(^|/)(test_[^/]*|conftest\.py|[^/]*([._-](test|spec|mock)|_test)\.[^/]*|[^/]*\.(md|rst|adoc))$",
    re.IGNORECASE,
)
_SECRET_NAME = LazyPattern(
    r"(secret|passw|passwd|pwd|token|api[_-]?key|auth|credential|private[_-]?key|access[_-]?key|client[_-]?key)",
    re.IGNORECASE,
)
_DIGEST_NAME = LazyPattern(
    r"(sha-?\d|md5|digest|checksum|integrity|hash|commit|fingerprint|etag|revision|blob|tree)", re.IGNORECASE
)
_PLACEHOLDER = LazyPattern(
    r"^(x+|\*+|\.+|-+|_+|<.*>|\{.*\}|\[.*\]|%.*%|\$.*|your[_ -].*|my[_ -]?(secret|password|key|token).*|"
    r".*(example|changeme|change[_-]me|placeholder|dummy|redacted|sample|fake|not[_-]?a?[_-]?real|insert|todo).*|"
    r"(none|null|nil|true|false|undefined|test(ing|er)?\d*|foo(bar)?|bar|baz|qux|secret|password|passwd|pass|pwd|token|key|"
    r"string|str|text|admin|root|user(name)?|hunter2|abc\d*|1234\d*|optional|required|default|required\W.*))$",
    re.IGNORECASE,
)
_WORDS = LazyPattern(r"^[A-Za-z]+([ _./:-][A-Za-z]+)*[.!?:]?$")
_CODE_VALUE = LazyPattern(r"^[A-Za-z_$][\w$]*([.(\[]|::|->)")
_LOCAL_HOST = LazyPattern(
    r"@(localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|\[::1\]|[\w.-]*example\b|(some_?|my_?)?(host|hostname|server|dsn|db|database)\b|"
    r"(postgres|postgresql|mysql|mariadb|redis|rabbitmq|mongo|mongodb)\b|[\w-]+\.(test|invalid|local|internal)\b)",
    re.IGNORECASE,
)
"""Hosts that a password in an address cannot be stolen for: this machine, examples, names within a compose file."""
_MIN_GUESS_CHARS = {
    "KeywordDetector": 8,
    "Base64HighEntropyString": 20,
    "HexHighEntropyString": 32,
    "BasicAuthDetector": 1,
}


class SecretDetectors:
    """Implements the SecretScanner port."""

    def scan(self, lines: Sequence[FileLines]) -> tuple[Finding, ...]:
        """Return one finding for each secret in added lines; the secret itself is never part of it."""
        found: dict[str, Finding] = {}
        for file in lines:
            for number, text in file.added:
                if not _may_hold_secret(text):
                    continue
                for kind in self._search(file.path, text):
                    finding = _finding(file.path, number, kind)
                    found.setdefault(finding.fingerprint, finding)
        return tuple(sorted(found.values(), key=lambda each: (each.path, each.line, each.rule)))

    def _search(self, path: str, text: str) -> Iterator[str]:
        known: set[str] = set()
        guesses: list[tuple[str, str]] = []
        for piece in _pieces(text):
            for name, detector in self._detectors.items():
                for secret in self._matches(name, detector, path, piece):
                    if not secret or self._is_plain(secret):
                        continue
                    if name in _GUESSING:
                        guesses.append((name, secret))
                    elif secret not in known:
                        known.add(secret)
                        yield detector.secret_type
        for name, secret in guesses:
            if not any(secret in each or each in secret for each in known) and self._stands(name, path, text, secret):
                known.add(secret)
                yield self._detectors[name].secret_type

    def _matches(self, name: str, detector: Any, path: str, piece: str) -> Iterator[str]:
        if name == "KeywordDetector":
            # Its patterns take longer than all others together, and each begins or ends with one of its words.
            if _HAS_KEYWORD.search(piece):
                yield from detector.analyze_string(piece, denylist_regex_to_group=_keyword_patterns(path))
            return
        for secret in detector.analyze_string(piece):
            if (
                not name.endswith("HighEntropyString")
                or detector.calculate_shannon_entropy(secret) > detector.entropy_limit
            ):
                yield secret

    def _is_plain(self, secret: str) -> bool:
        """Tell whether a match is no secret by its form: counting up, a template, only signs, a UUID."""
        filters = self._filters
        return bool(
            _PLACEHOLDER.match(secret)
            or filters.is_sequential_string(secret)
            or filters.is_templated_secret(secret)
            or filters.is_not_alphanumeric_string(secret)
            or filters.is_potential_uuid(secret)
        )

    def _stands(self, name: str, path: str, line: str, secret: str) -> bool:
        """Weigh a guess; a marker in the line that asks to be let through is the author's word and changes nothing."""
        if _LOCK_FILES.search(path) or _TEST_PATHS.search(path) or len(secret) < _MIN_GUESS_CHARS[name]:
            return False
        if self._filters.is_indirect_reference(line[:_LINE_CHARS]) or self._filters.is_likely_id_string(secret, line):
            return False
        if name == "KeywordDetector":
            return _reads_as_value(secret)
        if name == "BasicAuthDetector":
            return not _LOCAL_HOST.search(line)
        before = line.partition(secret)[0]
        return bool(_SECRET_NAME.search(before)) and not _DIGEST_NAME.search(before)

    @cached_property
    def _detectors(self) -> Mapping[str, Any]:
        with _without_http_client():
            from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

            classes: Collection[Any] = get_mapping_from_secret_type_to_class().values()
        return {each.__name__: each() for each in classes if each.__name__ not in _LEFT_OUT}

    @cached_property
    def _filters(self) -> Any:
        with _without_http_client():
            from detect_secrets.filters import heuristic
        return heuristic


def _reads_as_value(secret: str) -> bool:
    """Tell whether what stands behind a telling name is a value, not words, code or a path to somewhere else."""
    if _WORDS.match(secret) or _CODE_VALUE.match(secret) or " " in secret.strip():
        return False
    return any(char.isdigit() for char in secret) or any(not char.isalnum() and char not in "_-./:" for char in secret)


def _finding(path: str, number: int, kind: str) -> Finding:
    # Nothing of the secret goes into the fingerprint: a short one could be guessed from its digest.
    digest = digest_bytes(f"{path}\0{kind}\0{number}".encode("utf-8", "surrogatepass"))
    return Finding(
        rule=f"secret:{kind.lower().replace(' ', '-')}",
        path=path,
        line=number,
        says=f"{kind} in an added line",
        level="error",
        fingerprint=digest,
    )


_KEYWORD = (
    r"(api|auth|service|account|db|database|priv|private|client)_?key|(db|database|key)_?pass|passw|pwd|secret|contrase"
)
_HAS_KEYWORD = LazyPattern(_KEYWORD, re.IGNORECASE)
_INTERESTING = LazyPattern(
    r"[A-Za-z0-9+/=_\-]{16}|AKC[A-Za-z0-9]{10}|AP[0-9A-F][A-Za-z0-9]{8}|://[^\s]*:[^\s]*@|eyJ|_authToken|PRIVATE KEY|PuTTY|"
    r"xox[abposr]-|hooks\.slack|[\"'][0-9a-fA-F]{9}|"
    rf"(?i:{_KEYWORD})"
)
"""Every detector needs one of these to find anything; `tests/adapters/test_secrets.py` holds it against all of them."""


def _may_hold_secret(text: str) -> bool:
    return _INTERESTING.search(text) is not None


def _pieces(text: str) -> Iterator[str]:
    if len(text) <= _LINE_CHARS:
        yield text
        return
    for start in range(0, len(text), _LINE_CHARS - _OVERLAP_CHARS):
        yield text[start : start + _LINE_CHARS]


@lru_cache(maxsize=256)
def _keyword_patterns(path: str) -> Any:
    """Choose the patterns for a kind of file, as the detector itself does for a file that it reads."""
    from detect_secrets.plugins import keyword
    from detect_secrets.util.filetype import determine_file_type

    return keyword.REGEX_BY_FILETYPE.get(determine_file_type(path), keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP)


class _NoHttp(types.ModuleType):
    """Stands in for the HTTP client while the detectors are loaded; annotations may name anything in it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


@contextmanager
def _without_http_client() -> Iterator[None]:
    loaded = "requests" in sys.modules
    if not loaded:
        sys.modules["requests"] = _NoHttp("requests")
    try:
        yield
    finally:
        if not loaded:
            del sys.modules["requests"]
