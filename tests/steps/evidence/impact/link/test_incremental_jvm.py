"""Linking again what read a name of Java or Kotlin that changed must give, byte for byte, what linking everything gives."""

import pytest
from tests.steps.evidence.impact.link.test_incremental import Kept, Remembering

from release_harness.steps.evidence.impact.link.linked import link
from release_harness.steps.evidence.impact.tree import SourceTree

JVM = {
    "core/Stored.java": "package shop.core;\npublic interface Stored {\n    Row row();\n}\n",
    "core/Row.java": "package shop.core;\npublic class Row {\n    public void save() {}\n    public void drop() {}\n}\n",
    "core/Base.java": "package shop.core;\npublic class Base {\n    public void log() {}\n}\n",
    "core/Disk.java": "package shop.core;\npublic class Disk extends Base implements Stored {\n    public Row row() { return null; }\n}\n",
    "web/Page.java": (
        "package shop.web;\nimport shop.core.Stored;\n"
        "public class Page {\n    Stored stored;\n    void show() { stored.row().save(); }\n}\n"
    ),
    "web/Log.java": "package shop.web;\nimport shop.core.*;\nclass Log {\n    void f(Disk disk) { disk.log(); }\n}\n",
    "web/Alone.java": "package shop.web;\nclass Alone {\n    void f() { new Page().show(); }\n}\n",
    "web/Told.kt": "package shop.web\nimport shop.core.Row\nfun told(row: Row) {\n    row.drop()\n}\n",
}
_ROW, _DISK, _STORED = JVM["core/Row.java"], JVM["core/Disk.java"], JVM["core/Stored.java"]
JVM_CHANGES: dict[str, tuple[dict[str, str | None], set[str]]] = {
    "what a method does": ({"core/Row.java": _ROW.replace("save() {}", "save() { drop(); }")}, set()),
    "a method that nobody asks for": (
        {"core/Row.java": _ROW.replace("    public void d", "    void x() {}\n    void d")},
        set(),
    ),
    "a method that went": ({"core/Row.java": _ROW.replace("save()", "store()")}, {"web/Page.java"}),
    "what a method gives": ({"core/Stored.java": _STORED.replace("Row row", "Base row")}, {"web/Page.java"}),
    "a second class that implements an interface": (
        {"core/Memory.java": _DISK.replace("Disk extends Base", "Memory")},
        {"web/Page.java", "web/Log.java"},
    ),
    "the one class that implemented an interface": (
        {"core/Disk.java": _DISK.replace(" implements Stored", "")},
        {"web/Page.java", "web/Log.java"},
    ),
    "another base": ({"core/Disk.java": _DISK.replace("extends Base ", "")}, {"web/Page.java", "web/Log.java"}),
    "a class nearer than the one of another package": (
        {"web/Disk.java": "package shop.web;\nclass Disk {\n    void log() {}\n}\n"},
        {"web/Log.java"},
    ),
    "a class that moved": (
        {"core/Row.java": None, "core/row/Row.java": _ROW.replace("shop.core", "shop.core.row")},
        {"web/Page.java", "web/Told.kt", "web/Log.java"},
    ),
    "a class that went": ({"core/Base.java": None}, {"core/Disk.java", "web/Page.java", "web/Log.java"}),
    "an interface that became a class": (
        {"core/Stored.java": _STORED.replace("interface", "class")},
        {"core/Disk.java", "web/Page.java", "web/Log.java"},
    ),
}


@pytest.mark.parametrize("name", list(JVM_CHANGES))
def test_a_change_of_java_links_again_who_read_a_name_that_it_changes(name: str) -> None:
    """One method of one class is used by few, and most of the others need not be looked at."""
    pytest.importorskip("tree_sitter_java")
    pytest.importorskip("tree_sitter_kotlin")
    changed, readers = JVM_CHANGES[name]
    cache, first = Kept(), SourceTree(JVM)
    link(first, cache=cache)
    sources = {path: text for path, text in {**JVM, **changed}.items() if text is not None}
    found = link(Remembering(sources, first), cache=cache)
    assert found.to_bytes() == link(SourceTree(sources)).to_bytes()
    assert found.relinked == readers | set(changed)


def test_without_the_earlier_facts_all_of_java_is_linked_again() -> None:
    """Which classes a file had is then not known, so that nobody can be left alone."""
    pytest.importorskip("tree_sitter_java")
    cache = Kept()
    link(SourceTree(JVM), cache=cache)
    sources = {**JVM, "core/Row.java": _ROW.replace("save", "store")}
    found = link(SourceTree(sources), cache=cache)
    assert found.to_bytes() == link(SourceTree(sources)).to_bytes()
    assert {"core/Row.java", "web/Page.java", "web/Log.java", "web/Told.kt"} <= found.relinked
