"""What a path is, as far as risk goes: documentation, test, configuration, code; and the area that it belongs to."""

from functools import lru_cache
from typing import NamedTuple

from release_harness.steps.changes.rules.kinds import CODE_LANGUAGES, kinds_of, language_of

_DOCS_LANGUAGES = frozenset({"Markdown", "reStructuredText", "AsciiDoc"})
_CONFIG_LANGUAGES = frozenset({"YAML", "TOML", "INI", "JSON", "XML"})
_DOCS_FOLDERS = frozenset({"doc", "docs", "documentation", "guides"})
_DOCS_NAMES = ("readme", "changelog", "changes", "news", "license", "contributing", "authors", "copying", "maintainers")
_AREA_DEPTH = 2


class PathFacts(NamedTuple):
    """What one path is."""

    kind: str
    """`tests`, `docs`, `code`, `config` or `other`: the first that holds."""
    is_ci: bool
    is_dependencies: bool
    is_migration: bool
    folder: str
    area: str
    """The first two folders, or fewer."""
    top: str


@lru_cache(maxsize=200_000)
def path_facts(path: str) -> PathFacts:
    """Tell what a path is by its name."""
    kinds = kinds_of(path)
    language = language_of(path)
    folder, _, name = path.rpartition("/")
    parts = folder.split("/") if folder else []
    if "tests" in kinds:
        kind = "tests"
    elif (
        language in _DOCS_LANGUAGES
        or any(each.lower() in _DOCS_FOLDERS for each in parts)
        or name.lower().startswith(_DOCS_NAMES)
    ):
        kind = "docs"
    elif language in CODE_LANGUAGES:
        kind = "code"
    else:
        kind = "config" if language in _CONFIG_LANGUAGES else "other"
    return PathFacts(
        kind=kind,
        is_ci="ci" in kinds,
        is_dependencies=bool(kinds & {"dependencies", "lock"}),
        is_migration="migrations" in kinds,
        folder=folder,
        area="/".join(parts[:_AREA_DEPTH]),
        top=parts[0] if parts else "",
    )
