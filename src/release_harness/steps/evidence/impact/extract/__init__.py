"""From the bytes of one source file to its facts, for every language that rh reads."""

from importlib import import_module

from release_harness.steps.evidence.impact.facts import FileFacts, Symbol

SIZE_LIMIT_BYTES = 4_000_000
"""Larger files are data or made by a program; they are left out and named."""

_MINIFIED_LANGUAGES = frozenset({"javascript", "typescript", "tsx"})
_SMALL_BYTES = 10_000
_MINIFIED_LINE_BYTES = 400

TEMPLATE = "template"
"""Language of the pages of Jinja and Django."""

_HERE = "release_harness.steps.evidence.impact.extract"

READERS: dict[str, str] = {
    "python": f"{_HERE}.python",
    "notebook": f"{_HERE}.notebook",
    "typescript": f"{_HERE}.languages.typescript",
    "tsx": f"{_HERE}.languages.tsx",
    "javascript": f"{_HERE}.languages.javascript",
    "vue": f"{_HERE}.languages.vue",
    "go": f"{_HERE}.languages.go",
    "java": f"{_HERE}.languages.java",
    "kotlin": f"{_HERE}.languages.kotlin",
    "ruby": f"{_HERE}.languages.ruby",
    "erb": f"{_HERE}.languages.erb",
    "builder": f"{_HERE}.languages.builder",
    "php": f"{_HERE}.languages.php",
    TEMPLATE: f"{_HERE}.templates.pages",
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
    "vue": "vue",
    "svelte": "vue",
    "go": "go",
    "java": "java",
    "kt": "kotlin",
    "kts": "kotlin",
    "rb": "ruby",
    "rake": "ruby",
    "erb": "erb",
    "builder": "builder",
    "jbuilder": "builder",
    "php": "php",
    **dict.fromkeys(("html", "htm", "jinja", "jinja2", "j2", "djhtml"), TEMPLATE),
}
_PAGES = frozenset({"txt", "xml", "md", "eml", "mjml"})
"""Endings of what is a template below a folder of templates, and else is not."""


def language_of(path: str) -> str:
    """Return the language of a path by its name; empty when rh does not read it."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    if not (dot and stem) or name.endswith(".component.html"):
        return ""
    found = _ENDINGS.get(ending.lower(), "")
    return found or (TEMPLATE if ending in _PAGES and "/templates/" in f"/{path}" else "")


def extract(language: str, content: bytes) -> FileFacts:
    """Return the facts of one file; what cannot be read gives facts with a `problem`, never an exception."""
    if len(content) > SIZE_LIMIT_BYTES:
        return too_large(language, len(content))
    if language in _MINIFIED_LANGUAGES and _is_minified(content):
        return unread(language, "minified")
    module = READERS.get(language)
    if module is None:
        return unread(language, f"no reader for {language!r}")
    try:
        reader = import_module(module)
    except ImportError as missing:
        return unread(language, f"{missing}; install release-harness[languages]")
    try:
        facts: FileFacts = reader.extract_source(content)
    except Exception as fault:  # noqa: BLE001 - one odd file must not end the reading of a million lines; it is named and counted
        return unread(language, f"rh could not read it: {type(fault).__name__}: {fault}")
    return facts


def too_large(language: str, size_bytes: int) -> FileFacts:
    """Return the facts of a file above the limit."""
    return unread(language, f"larger than {SIZE_LIMIT_BYTES // 1_000_000} MB ({size_bytes} bytes)")


def _is_minified(content: bytes) -> bool:
    """Tell by the length of its lines; a person does not write lines of hundreds of characters throughout."""
    return len(content) > _SMALL_BYTES and len(content) // (content.count(b"\n") + 1) > _MINIFIED_LINE_BYTES


def unread(language: str, problem: str, lines_count: int = 0) -> FileFacts:
    """Return the facts of a file that was not read, and why."""
    module = Symbol("", "module", 1, 1, lines_count, [], [], {}, [], None, [], [], [], [])
    return FileFacts(language, "", problem, partial=False, lines_count=lines_count, symbols=[module], exports=None)
