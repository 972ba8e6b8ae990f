"""Which code belongs to the repository, and under which name it is kept."""

from __future__ import annotations

import ast
import functools
import inspect
import os
import sys
import types
from typing import Any

FOREIGN_FOLDERS = frozenset(
    {"site-packages", "dist-packages", ".venv", ".tox", ".nox", "node_modules", ".eggs", ".git", "__pypackages__"}
)
_BLOB_LIMIT_BYTES = 8_000_000
_UNWRAP_LIMIT_COUNT = 20
_OF_CLASSES = ("dispatch_request", "dispatch", "__call__", "__init__")
_ANONYMOUS = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def find_root(start: str) -> str:
    """Return the top of the work tree that a folder lies in, which is where the paths of a commit begin; else the folder itself.

    `RH_TRACE_ROOT` says it where git's own mark is missing, such as in an image that only the files were copied into.
    """
    said = os.environ.get("RH_TRACE_ROOT")
    if said:
        return said
    here = os.path.realpath(start)
    while True:
        # A worktree and a submodule have a file of that name.
        if os.path.exists(os.path.join(here, ".git")):
            return here
        above = os.path.dirname(here)
        if above == here:
            return start
        here = above


class Repository:
    """Answers for each code object whether it is of this repository, and what git calls the content of its file."""

    def __init__(self, root: str) -> None:
        """`root` is the top of the work tree."""
        self.root = os.path.realpath(root)
        self._prefix = self.root.rstrip(os.sep) + os.sep
        self._paths: dict[str, str | None] = {}
        self._virtual: dict[str, bool] = {}

    def path_of(self, filename: str) -> str | None:
        """Return the path below the root with forward slashes, or None for what is not of the repository."""
        if filename not in self._paths:
            self._paths[filename] = self._find(filename)
        return self._paths[filename]

    def _find(self, filename: str) -> str | None:
        if filename.startswith("<"):
            return None
        whole = os.path.realpath(filename)
        if not whole.startswith(self._prefix):
            return None
        relative = whole[len(self._prefix) :]
        parts = relative.replace(os.sep, "/").split("/")
        if not FOREIGN_FOLDERS.isdisjoint(parts) or self._in_environment(parts[:-1]):
            return None
        return "/".join(parts) if os.path.isfile(whole) else None

    def _in_environment(self, folders: list[str]) -> bool:
        """A virtual environment inside the work tree may have any name; it holds a `pyvenv.cfg`."""
        where = self.root
        for each in folders:
            where = os.path.join(where, each)
            if where not in self._virtual:
                self._virtual[where] = os.path.exists(os.path.join(where, "pyvenv.cfg"))
            if self._virtual[where]:
                return True
        return False

    def blob_of(self, path: str) -> str:
        """Return the git blob id of a file as it is now; empty when it cannot be read."""
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                content = file.read(_BLOB_LIMIT_BYTES + 1)
        except OSError:
            return ""
        if len(content) > _BLOB_LIMIT_BYTES:
            return ""
        import hashlib  # it loads OpenSSL, which most suites do later and some never

        name = "sha256" if os.environ.get("RH_TRACE_HASH") == "sha256" else "sha1"
        return hashlib.new(name, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def qualified_name(code: types.CodeType) -> str:
    """Return the dotted name of a function as the source nests it; empty for the module itself.

    Lambdas and comprehensions count to what holds them.
    """
    whole: str = getattr(code, "co_qualname", None) or _named_by_source(code)
    parts = whole.split(".")
    anonymous = next((at for at, part in enumerate(parts) if part in _ANONYMOUS), len(parts))
    parts = parts[:anonymous]
    while parts and parts[-1] == "<locals>":
        parts.pop()
    return "" if parts == ["<module>"] else ".".join(parts)


def _named_by_source(code: types.CodeType) -> str:
    """Before Python 3.11 a code object knows only its own name; the source knows where it is nested."""
    return _names_by_line(code.co_filename).get((code.co_name, code.co_firstlineno), code.co_name)


@functools.lru_cache(maxsize=4096)
def _names_by_line(filename: str) -> dict[tuple[str, int], str]:
    try:
        with open(filename, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    names: dict[tuple[str, int], str] = {}
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, prefix = waiting.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            nested = "<locals>." if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else ""
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = f"{prefix}{child.name}.{nested}"
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                names[child.name, first] = f"{prefix}{child.name}"
            waiting.append((child, inner))
    return names


def code_of(thing: Any, method: str = "") -> types.CodeType | None:
    """Return the code behind a handler: partials, wrappers, bound methods, views made of classes and callables."""
    for _number in range(_UNWRAP_LIMIT_COUNT):
        if isinstance(thing, functools.partial):
            thing = thing.func
        elif isinstance(thing, types.MethodType):
            thing = thing.__func__
        elif isinstance(getattr(thing, "__wrapped__", None), types.FunctionType):
            thing = thing.__wrapped__
        else:
            break
    if isinstance(thing, type):
        found = (inspect.getattr_static(thing, name, None) for name in (method, *_OF_CLASSES) if name)
        thing = next((each for each in found if hasattr(getattr(each, "__func__", each), "__code__")), None)
        thing = getattr(thing, "__func__", thing)
    elif not isinstance(thing, types.FunctionType):
        thing = inspect.getattr_static(type(thing), "__call__", None)
    code = getattr(inspect.unwrap(thing) if callable(thing) else thing, "__code__", None)
    return code if isinstance(code, types.CodeType) else None


def dotted_name(target: Any, attribute: str = "") -> str:
    """Return the dotted name of a thing that is replaced: of a module, a class, or the class of an instance."""
    if isinstance(target, types.ModuleType):
        owner = target.__name__
    else:
        named = target if isinstance(target, (type, types.FunctionType)) else type(target)
        owner = f"{named.__module__}.{named.__qualname__}"
    return f"{owner}.{attribute}" if attribute else owner


def file_of_dotted(name: str) -> str | None:
    """Return the file of the longest loaded module that a dotted name begins with."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = sys.modules.get(".".join(parts[:count]))
        if module is not None:
            return getattr(module, "__file__", None)
    return None
