"""From the bytes of one source file to its facts, for every language that rh reads."""

from importlib import import_module

from release_harness.steps.evidence.impact.facts import FileFacts, Symbol

SIZE_LIMIT_BYTES = 4_000_000
"""Larger files are data or made by a program; they are left out and named."""

_HERE = "release_harness.steps.evidence.impact.extract"

READERS: dict[str, str] = {
    "python": f"{_HERE}.python",
    "notebook": f"{_HERE}.notebook",
    "typescript": f"{_HERE}.languages.typescript",
    "tsx": f"{_HERE}.languages.tsx",
    "javascript": f"{_HERE}.languages.javascript",
    "go": f"{_HERE}.languages.go",
    "java": f"{_HERE}.languages.java",
    "kotlin": f"{_HERE}.languages.kotlin",
    "ruby": f"{_HERE}.languages.ruby",
    "php": f"{_HERE}.languages.php",
}
"""Language -> module with `extract_source`, imported when the first file of that language is read."""

_ENDINGS = {
    "py": "python",
    "pyi": "python",
    "pyw": "python",
    "ipynb": "notebook",
    "ts": "typescript",
    "mts": "typescript",
    "cts": "typescript",
    "tsx": "tsx",
    "js": "javascript",
    "jsx": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "go": "go",
    "java": "java",
    "kt": "kotlin",
    "kts": "kotlin",
    "rb": "ruby",
    "rake": "ruby",
    "php": "php",
}


def language_of(path: str) -> str:
    """Return the language of a path by its name; empty when rh does not read it."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return _ENDINGS.get(ending.lower(), "") if dot and stem else ""


def extract(language: str, content: bytes) -> FileFacts:
    """Return the facts of one file; what cannot be read gives facts with a `problem`, never an exception."""
    if len(content) > SIZE_LIMIT_BYTES:
        return unread(language, f"larger than {SIZE_LIMIT_BYTES // 1_000_000} MB ({len(content)} bytes)")
    module = READERS.get(language)
    if module is None:
        return unread(language, f"no reader for {language!r}")
    try:
        reader = import_module(module)
    except ImportError as missing:
        return unread(language, f"{missing}; install release-harness[languages]")
    facts: FileFacts = reader.extract_source(content)
    return facts


def unread(language: str, problem: str, lines_count: int = 0) -> FileFacts:
    """Return the facts of a file that was not read, and why."""
    module = Symbol("", "module", 1, 1, lines_count, [], [], {}, [], None, [], [], [], [])
    return FileFacts(language, "", problem, False, lines_count, [module], None)
