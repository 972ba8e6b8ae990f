"""Names without an import of their own, in languages with packages: Go, Java, Kotlin, Ruby and PHP."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from release_harness.steps.evidence.impact.expressions import dotted, text_of
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Import
from release_harness.steps.evidence.impact.lexical.reads import class_key, package_key
from release_harness.steps.evidence.impact.lexical.scopes import RUBY, OneModule, OneScope
from release_harness.steps.evidence.impact.values import UNKNOWN, Value


class Variables(Protocol):
    """What knows the files, and the value of a name in a module's own scope."""

    read: set[str]

    def module(self, path: str) -> OneModule | None:
        """Return one file."""
        ...

    def variable(self, path: str, name: str) -> Value:
        """Return what the name stands for."""
        ...


_LOGGERS = frozenset({"Slf4j", "XSlf4j", "Log4j", "Log4j2", "Log", "CommonsLog", "JBossLog", "Flogger", "CustomLog"})
_VERSION = re.compile(r"v[0-9]+\Z")
_BY_ENDING = {
    ".go": "go",
    ".java": "java",
    ".kt": "java",
    ".kts": "java",
    ".rb": "ruby",
    ".rake": "ruby",
    ".erb": "ruby",
    ".builder": "ruby",
    ".jbuilder": "ruby",
    ".php": "php",
}


class Packages:
    """The packages of one tree, read when the first name of a language is asked for."""

    def __init__(
        self,
        paths: Iterable[str],
        everything: frozenset[str],
        read_text: Callable[[str], str | None],
        names: Variables,
    ) -> None:
        """Take the paths with facts, all paths, a way to their text, and what notes that something was read."""
        self._by_family: dict[str, list[str]] = {}
        for path in paths:
            family = _BY_ENDING.get("." + path.rpartition(".")[2])
            if family:
                self._by_family.setdefault(family, []).append(path)
        self._everything = everything
        self._read_text = read_text
        self._names = names
        self._module = names.module
        self._folders: dict[str, list[str]] | None = None
        self._tables: dict[str, dict[str, str]] = {}
        self._go_modules: list[tuple[str, str]] | None = None
        self._go_names: dict[str, dict[str, str]] = {}
        self._java_packages: set[str] | None = None

    def name(self, names: Variables, module: OneModule, scope: OneScope, name: str) -> Value:
        """Return what a name stands for that no scope of the file binds."""
        language = module.facts.language
        if language == "go":
            return self._in_folder(names, module.path.rpartition("/")[0], name)
        if language in {"java", "kotlin"}:
            made = name == "log" and self._has_logger(scope)
            return Value(type="org.slf4j.Logger") if made else self._java_name(module, name)
        if language in RUBY:
            return self._ruby_name(scope, name)
        if language == "php":
            return self._php_name(module, name)
        return UNKNOWN

    def imported(self, module: OneModule, imported: Import) -> Value:
        """Return what an imported name stands for."""
        language = module.facts.language
        if language == "go":
            folder = self.go_folder(imported.module)
            return Value(external=imported.module) if folder is None else Value(symbol=f"{folder}/:")
        separator = "\\" if language == "php" else "."
        whole = f"{imported.module}{separator}{imported.name}" if imported.name else imported.module
        return self.qualified("java" if language == "kotlin" else language, whole.strip(separator))

    def member(self, names: Variables, path: str, name: str) -> Value | None:
        """Return a name of a Go package (its path ends with a slash); None for everything else."""
        if not path.endswith("/"):
            return None
        return self._in_folder(names, path[:-1], name)

    def qualified(self, family: str, name: str) -> Value:
        """Return the class of a qualified name; a library's when the tree has none."""
        symbol = self._class(family, name)
        if symbol:
            return Value(symbol=symbol)
        head, _, last = name.rpartition("\\" if family == "php" else ".")
        owner = self._class(family, head)
        if owner and last:
            return Value(symbol=f"{owner}.{last}")
        return Value(external=name)

    def _class(self, family: str, name: str) -> str:
        """Return the class of a qualified name; empty when the tree has none."""
        if family == "java":
            self._names.read.add(class_key(name))
        return self.table(family).get(name, "")

    def table(self, family: str) -> dict[str, str]:
        """Return qualified name -> SymbolId of every class of a family of languages."""
        if family not in self._tables:
            found: dict[str, str] = {}
            separator = "\\" if family == "php" else "."
            for path in self._by_family.get(family, ()):
                module = self._module(path)
                for name, qualname in qualified_names(module.facts, separator) if module is not None else ():
                    found.setdefault(name, f"{path}:{qualname}")
            self._tables[family] = found
        return self._tables[family]

    def _java_name(self, module: OneModule, name: str) -> Value:
        own = text_of(module.facts.symbols[0].keywords.get("package")) or ""
        self._names.read.add(f"{module.path}:")
        found = self._class("java", f"{own}.{name}" if own else name)
        if found:
            return Value(symbol=found)
        for each in module.facts.symbols[0].imports:
            if each.name == "*":
                found = self._class("java", f"{each.module}.{name}")
                if found:
                    return Value(symbol=found)
        if name[:1].isupper():
            outside = [
                each.module
                for each in module.facts.symbols[0].imports
                if each.name == "*" and not self._holds(each.module)
            ]
            if len(outside) == 1:
                return Value(external=f"{outside[0]}.{name}")
        return UNKNOWN

    def _has_logger(self, scope: OneScope) -> bool:
        """Tell whether an annotation of Lombok gives a class around a field `log`."""
        place: OneScope | None = scope
        while place is not None:
            self._names.read.add(place.key)
            if any(
                dotted(each[1] if each[0] == "c" else each).rpartition(".")[2] in _LOGGERS
                for each in place.symbol.decorators
            ):
                return True
            place = place.outer
        return False

    def _holds(self, package: str) -> bool:
        """Tell whether the tree has a class in a package or below it."""
        if self._java_packages is None:
            self._java_packages = set()
            for each in self.table("java"):
                self._java_packages.update(packages_above(each))
        self._names.read.add(package_key(package))
        return package in self._java_packages

    def constant(self, scope: OneScope, expr: Expr) -> Value:
        """Return what `A::B` stands for in Ruby, looked up from the innermost module outwards."""
        written = dotted(expr)
        return self._ruby_name(scope, written) if written[:1].isupper() else UNKNOWN

    def _ruby_name(self, scope: OneScope, name: str) -> Value:
        if not name[:1].isupper():
            return UNKNOWN
        table = self.table("ruby")
        around = scope.symbol.qualname.split(".") if scope.symbol.qualname else []
        while True:
            found = table.get(".".join([*around, name]))
            if found:
                return Value(symbol=found)
            if not around:
                return Value(external=name)
            around.pop()

    def _php_name(self, module: OneModule, name: str) -> Value:
        if name.startswith("$"):
            return UNKNOWN
        table = self.table("php")
        plain = name.lstrip("\\")
        own = text_of(module.facts.symbols[0].keywords.get("package")) or ""
        head, separator, rest = plain.partition("\\")
        if separator and not name.startswith("\\"):
            for each in module.facts.symbols[0].imports:
                if each.bound == head:
                    plain = f"{each.module}\\{each.name}\\{rest}".replace("\\\\", "\\")
                    return self.qualified("php", plain)
        for candidate in (plain if name.startswith("\\") else f"{own}\\{plain}".lstrip("\\"), plain):
            if candidate in table:
                return Value(symbol=table[candidate])
        return Value(external=plain) if plain[:1].isupper() else UNKNOWN

    def go_folder(self, module: str) -> str | None:
        """Return the folder of an import path of this repository, or None for a library's."""
        if self._go_modules is None:
            self._go_modules = []
            for path in sorted(self._everything):
                if path.rpartition("/")[2] == "go.mod" and "vendor" not in path.split("/"):
                    for line in (self._read_text(path) or "").splitlines():
                        word, _, rest = line.strip().partition(" ")
                        if word == "module" and rest.strip():
                            name = rest.split("//", 1)[0].strip().strip('"')
                            self._go_modules.append((name, path.rpartition("/")[0]))
                            break
            self._go_modules.sort(key=lambda each: -len(each[0]))
        for name, root in self._go_modules:
            if module == name or module.startswith(name + "/"):
                inner = module[len(name) + 1 :]
                return "/".join(each for each in (root, inner) if each)
        return None

    def go_module(self, folder: str) -> str | None:
        """Return the last part of the module whose top a folder is, without its version; None for any other folder."""
        self.go_folder("")
        name = next((name for name, root in self._go_modules or () if root == folder), None)
        parts = [each for each in (name or "").split("/") if each and not _VERSION.match(each)]
        # A module that is named by a host alone, such as `shop.app/v2`, is a program of the host's first word.
        return parts[-1] if len(parts) > 1 else parts[0].partition(".")[0] if parts else None

    def siblings(self, path: str) -> list[str]:
        """Return all files of the Go package that a file belongs to."""
        if self._folders is None:
            self._folders = {}
            for each in self._by_family.get("go", ()):
                self._folders.setdefault(each.rpartition("/")[0], []).append(each)
        return self._folders.get(path.rpartition("/")[0], [])

    def _names_in(self, path: str) -> dict[str, str]:
        """Return name -> path for everything that a Go package declares, methods as `Type.method`."""
        folder = path.rpartition("/")[0]
        if folder not in self._go_names:
            found: dict[str, str] = {}
            for each in self.siblings(path):
                module = self._module(each)
                if module is None:
                    continue
                for name, bound in module.scopes[""].bound.items():
                    if bound.imported is None:
                        found.setdefault(name, each)
                for symbol in module.facts.symbols:
                    if symbol.qualname.count(".") == 1 and symbol.kind == "function":
                        found.setdefault(symbol.qualname, each)
            self._go_names[folder] = found
        return self._go_names[folder]

    def method_owner(self, owner: str, name: str) -> str:
        """Return the owner under which a method of a Go type stands in another file of its package, or empty."""
        path, _, qualname = owner.rpartition(":")
        if not path.endswith(".go"):
            return ""
        found = self._names_in(path).get(f"{qualname}.{name}")
        return f"{found}:{qualname}" if found else ""

    def _in_folder(self, names: Variables, folder: str, name: str) -> Value:
        path = self._names_in(f"{folder}/" if folder else "").get(name, "")
        return names.variable(path, name) if path else UNKNOWN


def qualified_names(facts: FileFacts, separator: str) -> Iterator[tuple[str, str]]:
    """Yield (qualified name, qualname) of every class and function that other files can name."""
    whole = text_of(facts.symbols[0].keywords.get("package")) if facts.symbols else None
    for symbol in facts.symbols:
        if not symbol.qualname or "<" in symbol.qualname:
            continue
        if symbol.kind not in {"function", "async"} or "." not in symbol.qualname:
            package = text_of(symbol.keywords.get("package")) or whole
            name = symbol.qualname if separator == "." else symbol.qualname.replace(".", separator)
            yield f"{package}{separator}{name}" if package else name, symbol.qualname


def packages_above(name: str) -> Iterator[str]:
    """Yield every package that a qualified name stands in, the nearest first."""
    while name:
        name = name.rpartition(".")[0]
        yield name
