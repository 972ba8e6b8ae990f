"""What an answer about names was read from, piece by piece: an answer holds for as long as each of its pieces is as it was.

A key that says the SymbolId of a scope stands for its header; the others are made here.
"""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

JVM = (".java", ".kt", ".kts")
"""Endings of the files whose reads are kept name by name."""


class Reads:
    """Notes the keys of what is read."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.read: set[str] = set()
        """Keys of what was read for the answer that is looked for now."""

    def noted(self, compute: Callable[..., Answer], *given: object) -> tuple[Answer, tuple[str, ...]]:
        """Return an answer and the keys of what was read for it; whoever asked has read them too."""
        outer, self.read = self.read, set()
        try:
            found = compute(*given)
            return found, tuple(self.read)
        finally:
            outer |= self.read
            self.read = outer

    def unnoted(self, compute: Callable[..., Answer], *given: object) -> Answer:
        """Return an answer that is made of the whole tree; what is looked up in it is noted where that is done."""
        outer, self.read = self.read, set()
        try:
            return compute(*given)
        finally:
            self.read = outer


def bound_key(scope: str, name: str) -> str:
    """Return the key of what a scope binds a name to, also where it binds none."""
    return f"{scope}>{name}"


def class_key(name: str) -> str:
    """Return the key of the class that has a qualified name in Java or Kotlin."""
    return f"?jvm {name}"


def package_key(name: str) -> str:
    """Return the key of whether a package of Java or Kotlin holds anything."""
    return f"?jvm {name}.*"


def below_key(base: str) -> str:
    """Return the key of the classes that say a class or an interface of Java or Kotlin as their base."""
    return f"?jvm below {base}"


ALL_JVM = "?jvm "
"""How every key begins that no single file stands for."""
