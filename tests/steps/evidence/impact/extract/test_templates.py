"""Pages of Jinja and Django become facts: what they extend, import and print, and nothing of what is only text."""

import pytest

from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.extract import extract, language_of
from release_harness.steps.evidence.impact.extract.templates.pages import TAGS_LIMIT
from release_harness.steps.evidence.impact.facts import FileFacts, facts_from_bytes, facts_to_bytes


def page(text: str) -> FileFacts:
    """Return the facts of a page."""
    return extract("template", text.encode())


def names(text: str) -> list[str]:
    """Return every name that a page uses, in order."""
    return [
        each[1]
        for symbol in page(text).symbols
        for statement in symbol.body
        for each in walk(statement.value)
        if each[0] == "n"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ user.place }}", ["user"]),
        ("{{ x|money }}", ["|money", "x"]),
        ('{{ x|date:"Y-m-d"|upper }}', ["|upper", "|date", "x"]),
        ("{{ x|cut(a, b=c) }}", ["|cut", "x", "a", "c"]),
        ("{% if not x is odd and y %}", ["?odd", "x", "y"]),
        ("{% if x is divisibleby 3 %}", ["?divisibleby", "x"]),
        ("{% for a, b in items.all recursive %}", ["items"]),
        ("{% set a = f(1) %}", ["f"]),
        ("{% with form=Forms.auth.LoginForm() %}", ["Forms"]),
        ("{% with a.b as c %}", ["a"]),
        ('{% include "x.html" with a=b only %}', ["%include", "b"]),
        ("{% my_tag a key=b|f as c %}", ["%my_tag", "a", "|f", "b"]),
        ("{% call(row) table(rows) %}", ["table", "rows"]),
        ("{%- if x -%}{{- y -}}", ["x", "y"]),
        ("{{ [a, {'k': b}][0](c)(d) }}", ["a", "b", "c", "d"]),
    ],
)
def test_every_name_of_a_tag_is_kept(text: str, expected: list[str]) -> None:
    """A name that is lost is a function that nobody is told about."""
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{# {{ no }} #}",
        "{% raw %}{{ no }}{% endraw %}",
        "{% verbatim %}{{ no }}{% endverbatim %}",
        "{% comment %}{{ no }}{% endcomment %}",
        "<script>let a = {b: 1}</script>",
        '{{ "}} {{ no" }}',
    ],
)
def test_what_is_only_text_is_not_read(text: str) -> None:
    """A commented call runs nothing."""
    assert names(text) == []
    assert not page(text).partial


def test_macros_are_functions_with_their_own_statements() -> None:
    """Who imports one macro of a page does not run the others."""
    facts = page("{{ top }}{% macro field(x, y=z) %}{{ x|one }}{% endmacro %}\n{{ after }}")
    assert [(each.qualname, each.kind) for each in facts.symbols] == [("", "module"), ("field", "function")]
    assert len(facts.symbols[0].body) == 2
    assert [each.name for each in facts.symbols[1].parameters] == ["x", "y"]


def test_imports_of_pages_are_kept_by_name() -> None:
    """`{% from … import … %}` says exactly which macro is meant."""
    facts = page('{% from "forms.html" import field as f, label with context %}')
    assert [(each.module, each.name, each.bound) for each in facts.module.imports] == [
        ("forms.html", "field", "f"),
        ("forms.html", "label", "label"),
    ]


@pytest.mark.parametrize(
    "text",
    ["{% if x %}{{ never closed", "{% if " + "(" * 200 + " %}", "{% if 'a' ยง\x00 %}", "{% x %}{{ 'open }}{{ b }}"],
)
def test_a_page_that_cannot_be_read_says_so(text: str) -> None:
    """Half a page must not look whole."""
    facts = page(text)
    assert facts.partial or names(text)


def test_marks_of_other_languages_are_no_fault() -> None:
    """Angular and Mustache write `{{ … }}` too; a page without a single tag of ours is not ours."""
    assert not page("{{#each items}}{{ a ? b : c }}{{/each}}").partial


@pytest.mark.slow
def test_the_size_of_a_page_is_bounded() -> None:
    """A page of a million tags is data."""
    facts = page("{% x %}" * (TAGS_LIMIT + 1))
    assert facts.partial
    assert str(TAGS_LIMIT) in facts.problem


def test_facts_of_pages_survive_the_cache() -> None:
    """They are kept by blob like those of every language."""
    facts = page('{% extends "a.html" %}{% macro m(x) %}{{ x }}{% endmacro %}')
    assert facts_from_bytes(facts_to_bytes(facts)) == facts


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/templates/x.html", "template"),
        ("x.j2", "template"),
        ("a/templates/mail.txt", "template"),
        ("notes.txt", ""),
        ("ui/src/login.component.html", ""),
    ],
)
def test_pages_are_told_by_their_path(path: str, expected: str) -> None:
    """A text file is a page only where pages lie."""
    assert language_of(path) == expected
