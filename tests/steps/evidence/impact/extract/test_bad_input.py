"""Nothing that a repository holds may end the reading, and nothing unread may look read."""

import random
from pathlib import Path

import pytest

from release_harness.steps.evidence.impact.extract import SIZE_LIMIT_BYTES, extract
from release_harness.steps.evidence.impact.extract.source_text import decode

PYTHON_2 = b'import urllib2\n\nclass A:\n    def f(self):\n        print "x", self\n        raise E, "y"\n\ndef g():\n    exec "1"\n'


def test_python_2_is_read_by_the_other_parser() -> None:
    """Old code is still code that somebody calls; it is whole when the grammar knows it."""
    facts = extract("python", PYTHON_2)
    assert (facts.parser, facts.partial, facts.problem) == ("tree-sitter", False, "")
    assert [each.qualname for each in facts.symbols] == ["", "A", "A.f", "g"]


def test_a_syntax_error_costs_the_broken_part_only() -> None:
    """A half-written file must not hide its other functions, nor look as if it had been read whole."""
    facts = extract(
        "python", b"def ok():\n    return 1\n\ndef broken(a):\n    x = = 2\n\nclass Fine:\n    def m(self): use()\n"
    )
    assert facts.partial
    assert facts.problem.startswith("syntax error in line ")
    assert {"ok", "Fine", "Fine.m"} <= {each.qualname for each in facts.symbols}


@pytest.mark.parametrize(
    ("content", "text", "guessed"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", False),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n", False),
        ("#!/bin/sh\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), "€", False),
        ("x = 'é'\n".encode("latin-1"), "x = 'é'\n", True),
        ("x = 'ü'\n".encode("utf-16"), "x = 'ü'\n", True),
        (b"# coding: no-such-thing\nx = 1\n", "x = 1\n", True),
        (b"# coding: hex\nx = 1\n", "x = 1\n", True),
        (b"a = 1\r\nb = 2\rc = 3\n", "a = 1\nb = 2\nc = 3\n", False),
    ],
)
def test_encodings_are_followed_or_guessed_and_said_to_be(content: bytes, text: str, guessed: bool) -> None:  # noqa: FBT001
    """A guess may be wrong, so it is marked; a cookie that Python follows is no guess."""
    found = decode(content)
    assert text in found.text
    assert found.guessed is guessed
    facts = extract("python", content)
    assert facts.encoding_guessed is guessed
    assert facts.parser == "ast"


def test_null_bytes_are_an_error_inside_the_file() -> None:
    """The host's parser refuses them with an error of its own."""
    facts = extract("python", b"def f(): pass\n\0\0\ndef g(): pass\n")
    assert facts.partial
    assert "f" in {each.qualname for each in facts.symbols}


@pytest.mark.parametrize(
    "content",
    [
        b"x = " + b"(" * 5000 + b")" * 5000,
        b"x = " + b"[" * 3000 + b"]" * 3000,
        b"x = " + b"-" * 20_000 + b"1",
        b"x = a" + b".b()" * 5000,
        b"x = a" + b" if a else b" * 3000,
    ],
)
def test_deep_nesting_is_named_and_not_a_crash(content: bytes) -> None:
    """Made or hostile code may nest deeper than any stack; the rest of the file is still read."""
    facts = extract("python", b"def before(): pass\n" + content + b"\ndef after(): pass\n")
    assert facts.partial
    assert facts.problem
    assert {"before", "after"} <= {each.qualname for each in facts.symbols}


def test_long_chains_are_no_nesting() -> None:
    """Generated code adds thousands of terms and branches; both are read whole."""
    terms = b"x = " + b" + ".join([b"t"] * 900) + b"\n"
    branches = b"if a: b()\n" + b"elif a: b()\n" * 300
    facts = extract("python", terms + branches)
    assert (facts.problem, len(facts.module.conditions)) == ("", 601)


def test_too_large_a_file_is_left_out_by_name_and_size() -> None:
    """A minified or generated file of hundreds of megabytes must cost nothing."""
    facts = extract("python", b"x = 1\n" * (SIZE_LIMIT_BYTES // 6 + 1))
    assert (facts.parser, facts.problem) == ("", "larger than 4 MB (4000002 bytes)")
    assert extract("javascript", b"var a=1;" * 5000).problem == "minified"


@pytest.mark.slow
def test_fifty_thousand_lines_are_read() -> None:
    """Slow for its size: generated clients are this long, and are called."""
    source = b"".join(b"def f%d(a, b=None):\n    return call(a, b)\n\n" % each for each in range(17_000))
    facts = extract("python", source)
    assert (len(facts.symbols), facts.problem, facts.lines_count) == (17_001, "", 51_000)


def test_an_unknown_language_is_no_exception() -> None:
    """The caller may know more endings than there are readers."""
    assert extract("cobol", b"x").problem == "no reader for 'cobol'"


@pytest.mark.slow
def test_no_damage_to_a_source_raises() -> None:
    """Slow, because it damages real sources many times over: recovery must cope with any tree that the grammar gives it."""
    chance = random.Random(7)  # noqa: S311 - the same damage in every run
    sources = [PYTHON_2, _this_file()]
    for source in sources:
        for _ in range(60):
            damaged = bytearray(source)
            for _ in range(chance.randrange(1, 8)):
                place = chance.randrange(len(damaged))
                damaged[place : place + chance.randrange(12)] = bytes(
                    chance.choices(b"()[]{}:,='\"@ \n\tfxif*\\\0\xff", k=3)
                )
            facts = extract("python", bytes(damaged))
            assert facts.parser, facts.problem
            assert facts.symbols[0].kind == "module"


def _this_file() -> bytes:
    return Path(__file__).read_bytes()
