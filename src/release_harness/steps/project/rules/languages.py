"""Which languages is a repository written in, judged by the names of its files?"""

from collections import Counter
from collections.abc import Iterable

from release_harness.steps.project.model.init import LanguageShare

_BY_ENDING = {
    "py": "Python",
    "pyi": "Python",
    "js": "JavaScript",
    "jsx": "JavaScript",
    "mjs": "JavaScript",
    "cjs": "JavaScript",
    "ts": "TypeScript",
    "tsx": "TypeScript",
    "vue": "Vue",
    "svelte": "Svelte",
    "go": "Go",
    "rs": "Rust",
    "java": "Java",
    "kt": "Kotlin",
    "kts": "Kotlin",
    "scala": "Scala",
    "groovy": "Groovy",
    "rb": "Ruby",
    "php": "PHP",
    "cs": "C#",
    "fs": "F#",
    "swift": "Swift",
    "m": "Objective-C",
    "c": "C",
    "h": "C",
    "cc": "C++",
    "cpp": "C++",
    "cxx": "C++",
    "hpp": "C++",
    "hh": "C++",
    "ex": "Elixir",
    "exs": "Elixir",
    "erl": "Erlang",
    "hs": "Haskell",
    "ml": "OCaml",
    "clj": "Clojure",
    "dart": "Dart",
    "lua": "Lua",
    "pl": "Perl",
    "pm": "Perl",
    "r": "R",
    "jl": "Julia",
    "zig": "Zig",
    "sh": "Shell",
    "bash": "Shell",
    "ps1": "PowerShell",
    "sql": "SQL",
    "tf": "Terraform",
    "proto": "Protocol Buffers",
}
_FOREIGN_FOLDERS = frozenset(
    {"node_modules", "vendor", "third_party", "thirdparty", "external", "dist", ".venv", "site-packages"}
)


def own_paths(paths: Iterable[str]) -> list[str]:
    """Return the paths that are not copied from elsewhere or built."""
    return [path for path in paths if _FOREIGN_FOLDERS.isdisjoint(path.split("/")[:-1])]


def languages_of(paths: Iterable[str]) -> tuple[LanguageShare, ...]:
    """Return the languages, the one with the most files first."""
    counted = Counter(
        name
        for path in own_paths(paths)
        if (name := _BY_ENDING.get(path.rpartition("/")[2].rpartition(".")[2].lower()))
    )
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(LanguageShare(name=name, files_count=count) for name, count in ordered)
