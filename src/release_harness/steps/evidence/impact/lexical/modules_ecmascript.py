"""Which file an `import` or `require` of JavaScript or TypeScript means: relative paths, `tsconfig.json`, `package.json`."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts")
_WRITTEN = re.compile(r"\.(?:[cm]?jsx?)$")
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_CONFIGS = ("tsconfig.json", "jsconfig.json", "tsconfig.base.json")
_CONDITIONS = ("source", "development", "types", "import", "module", "require", "node", "default")
EXTENDS_LIMIT = 8
SETTINGS_LIMIT = 1_000_000


class EcmaScriptModules:
    """The modules of one tree."""

    def __init__(self, paths: Iterable[str], read_text: Callable[[str], str | None]) -> None:
        """Take all paths of a tree, settings files with them."""
        self._paths = frozenset(paths)
        self._read_text = read_text
        self._configs: dict[str, tuple[str, dict[str, list[str]]] | None] = {}
        self._packages: dict[str, str] | None = None
        self._settings: dict[str, Any] = {}
        self._found: dict[str, dict[str, str]] = {}

    def find(self, module: str, importer: str) -> str:
        """Return the path that a module means for an importer, or empty when it comes from a library."""
        known = self._found.setdefault(importer, {})
        if module not in known:
            known[module] = self._find(module, importer)
        return known[module]

    def found_by(self, importer: str) -> Mapping[str, str]:
        """Return every module that was looked up for an importer, and what it means."""
        return self._found.get(importer, {})

    def _find(self, module: str, importer: str) -> str:
        if not module or len(module) > 1000:  # noqa: PLR2004 - no path is longer
            return ""
        module = module.partition("?")[0]
        folder = importer.rpartition("/")[0]
        if module.startswith("."):
            return self.file(join(folder, module))
        if module.startswith("/"):
            return self.file(module.lstrip("/"))
        return self._aliased(module, folder) or self._package(module)

    def file(self, stem: str | None) -> str:
        """Return the file of a path without its ending, or of a folder."""
        if stem is None:
            return ""
        if stem in self._paths and stem.endswith(ENDINGS):
            return stem
        for base in (stem, _WRITTEN.sub("", stem)):
            for ending in ENDINGS if base else ():
                if base + ending in self._paths:
                    return base + ending
        for ending in ENDINGS:
            index = f"{stem}/index{ending}" if stem else f"index{ending}"
            if index in self._paths:
                return index
        manifest = self._manifest(stem)
        main = manifest.get("main")
        if isinstance(main, str) and main:
            inner = join(stem, main)
            return self.file(inner) if inner and inner != stem else ""
        return ""

    def _aliased(self, module: str, folder: str) -> str:
        while True:
            config = self._config_of(folder)
            if config is not None:
                base, patterns = config
                found = self._by_patterns(module, patterns)
                if found:
                    return found
                if base != "-":
                    found = self.file(join(base, module))
                    if found:
                        return found
            if not folder:
                return ""
            folder = folder.rpartition("/")[0]

    def _by_patterns(self, module: str, patterns: dict[str, list[str]]) -> str:
        for pattern in sorted(patterns, key=lambda each: -len(each.partition("*")[0])):
            head, star, tail = pattern.partition("*")
            if module == pattern or (
                star and module.startswith(head) and module.endswith(tail) and len(module) >= len(head) + len(tail)
            ):
                middle = module[len(head) : len(module) - len(tail)] if star else ""
                for target in patterns[pattern]:
                    found = self.file(target.replace("*", middle))
                    if found:
                        return found
        return ""

    def _config_of(self, folder: str) -> tuple[str, dict[str, list[str]]] | None:
        if folder not in self._configs:
            found = None
            for name in _CONFIGS:
                path = f"{folder}/{name}" if folder else name
                if path in self._paths:
                    found = self._read_config(path, 0)
                    if found is not None:
                        break
            self._configs[folder] = found
        return self._configs[folder]

    def _read_config(self, path: str, depth: int) -> tuple[str, dict[str, list[str]]] | None:
        """Return (folder of non-relative names or `-`, patterns made absolute to the tree)."""
        settings = self._json(path)
        root: str | None
        folder = path.rpartition("/")[0]
        options = settings.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base: str | None = "-"
        patterns: dict[str, list[str]] = {}
        above = settings.get("extends")
        for each in above if isinstance(above, list) else [above]:
            inherited = self._extended(each, folder, depth)
            if inherited is not None:
                base, patterns = inherited
        if isinstance(options.get("baseUrl"), str):
            base = join(folder, options["baseUrl"])
        own = options.get("paths")
        if isinstance(own, dict):
            root = folder if base == "-" or "baseUrl" not in options else base
            patterns = {
                str(key): [join(root, each) or "" for each in targets if isinstance(each, str)]
                for key, targets in own.items()
                if isinstance(targets, list)
            }
        return (base if base is not None else "-", patterns) if base != "-" or patterns else None

    def _extended(self, name: Any, folder: str, depth: int) -> tuple[str, dict[str, list[str]]] | None:
        if not isinstance(name, str) or depth >= EXTENDS_LIMIT or not name.startswith("."):
            return None
        path = join(folder, name)
        for each in (path, f"{path}.json", f"{path}/tsconfig.json"):
            if each in self._paths:
                return self._read_config(str(each), depth + 1)
        return None

    def _package(self, module: str) -> str:
        """Return the file of a package of the same repository (workspaces)."""
        packages = self._workspace()
        parts = module.split("/")
        count = 2 if module.startswith("@") else 1
        name, inner = "/".join(parts[:count]), "/".join(parts[count:])
        folder = packages.get(name)
        if folder is None:
            return ""
        manifest = self._manifest(folder)
        for target in _exported(manifest.get("exports"), "./" + inner if inner else "."):
            found = self._source(folder, target)
            if found:
                return found
        if inner:
            return self.file(join(folder, inner)) or self.file(join(folder, f"src/{inner}"))
        for key in ("source", "types", "module", "main"):
            named = manifest.get(key)
            if isinstance(named, str) and (found := self._source(folder, named)):
                return found
        return self.file(join(folder, "src/index")) or self.file(join(folder, "index"))

    def _source(self, folder: str, target: str) -> str:
        """Return the source of a file that a package names, also when it names what is built from it."""
        found = self.file(join(folder, target))
        if found:
            return found
        for built in ("dist/", "lib/", "build/", "out/"):
            if built in target:
                rest = re.sub(r"\.d\.ts$|\.[cm]?js$", "", target.partition(built)[2])
                for prefix in ("src/", ""):
                    found = self.file(join(folder, prefix + rest))
                    if found:
                        return found
        return ""

    def _workspace(self) -> dict[str, str]:
        if self._packages is None:
            self._packages = {}
            for path in sorted(self._paths):
                if path.endswith("package.json") and path.rpartition("/")[2] == "package.json":
                    folder = path.rpartition("/")[0]
                    if "node_modules" in folder.split("/"):
                        continue
                    name = self._manifest(folder).get("name")
                    if isinstance(name, str) and name:
                        self._packages.setdefault(name, folder)
        return self._packages

    def _manifest(self, folder: str) -> dict[str, Any]:
        path = f"{folder}/package.json" if folder else "package.json"
        return self._json(path) if path in self._paths else {}

    def _json(self, path: str) -> dict[str, Any]:
        if path not in self._settings:
            self._settings[path] = parse_settings(self._read_text(path) or "")
        found: dict[str, Any] = self._settings[path]
        return found


def parse_settings(text: str) -> dict[str, Any]:
    """Return JSON with comments and trailing commas as a dictionary; what cannot be read is empty."""
    if len(text) > SETTINGS_LIMIT:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        plain = _COMMENT.sub(lambda match: match.group(1) or "", text.removeprefix("\ufeff"))
        plain = _TRAILING.sub(lambda match: match.group(1) or "", plain)
        try:
            found = json.loads(plain)
        except (ValueError, RecursionError):
            return {}
    return found if isinstance(found, dict) else {}


def join(folder: str | None, relative: str) -> str | None:
    """Return a path below the root of the tree, or None when it leads out of it."""
    parts = folder.split("/") if folder else []
    for each in relative.split("/"):
        if each in {"", "."}:
            continue
        if each == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(each)
    return "/".join(parts)


def _exported(exports: Any, name: str) -> list[str]:
    """Return the files that `exports` of a package names for a subpath, in order of the conditions."""
    if isinstance(exports, dict) and any(str(key).startswith(".") for key in exports):
        if name in exports:
            return _conditional(exports[name], "", 0)
        for pattern, target in exports.items():
            head, star, tail = str(pattern).partition("*")
            if star and name.startswith(head) and name.endswith(tail):
                return _conditional(target, name[len(head) : len(name) - len(tail)], 0)
        return []
    return _conditional(exports, "", 0) if name == "." else []


def _conditional(target: Any, middle: str, depth: int) -> list[str]:
    if isinstance(target, str):
        return [target.replace("*", middle)]
    if isinstance(target, list) and depth < EXTENDS_LIMIT:
        return [found for each in target for found in _conditional(each, middle, depth + 1)]
    if isinstance(target, dict) and depth < EXTENDS_LIMIT:
        return [found for key in _CONDITIONS if key in target for found in _conditional(target[key], middle, depth + 1)]
    return []
