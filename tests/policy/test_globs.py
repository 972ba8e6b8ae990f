"""Path patterns decide which rules see a file; a pattern that misses in silence is a hole."""

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_harness.policy.default_surfaces import path_set
from release_harness.policy.globs import compile_globs, glob_fault, index_paths


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "README.md", True),
        ("**/*.md", "a/b/c.md", True),
        ("*_test.go", "user_test.go", True),
        ("*_test.go", "pkg/user_test.go", False),
        ("**/*_test.go", "pkg/user_test.go", True),
        ("**/*_test.go", "pkg/user_test.go.txt", False),
        ("src/auth/*", "src/auth/a.py", True),
        ("src/auth/*", "src/auth/deep/a.py", False),
        ("src/auth/*", "lib/src/auth/a.py", False),
        ("src/auth/*", "src/authors/a.py", False),
        ("src/auth/**", "src/auth/deep/a.py", True),
        ("src/auth/**", "src/auth", False),
        ("src/auth/", "src/auth/deep/a.py", True),
        ("/src/auth/", "src/auth/a.py", True),
        ("src/auth", "src/auth", True),
        ("src/auth", "src/auth/deep/a.py", True),
        ("src/auth", "src/authors.py", False),
        ("**/auth/**", "auth/a.py", True),
        ("**/auth/**", "x/y/auth/z/a.py", True),
        ("**/auth/**", "x/author/a.py", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "ab", False),
        ("**", "any/thing", True),
        ("**/*", "any/thing", True),
        ("?.c", "a.c", True),
        ("?.c", "ab.c", False),
        ("a?b", "a/b", False),
        ("[a-c].py", "b.py", True),
        ("[a-c].py", "d.py", False),
        ("[!a-c].py", "d.py", True),
        ("[^a-c].py", "b.py", False),
        ("x[!a]y", "x/y", False),
        ("x[+-0]y", "x/y", False),
        ("[]a].c", "].c", True),
        ("[a-]x", "-x", True),
        (r"app/\[id\]/page.tsx", "app/[id]/page.tsx", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("**/.env", ".env", True),
        ("*", ".hidden", True),
        ("**/*permission*", "src/user_permissions.py", True),
        ("**/*permission*", "src/permission/x.py", False),
        ("**/*.test.js", "a/b.test.js", True),
        ("**/*.js", "a/b.test.js", True),
        ("src/**/*.sql", "src/a.sql", True),
        ("src/**/*.sql", "src/a/b.sql", True),
        ("src/**/*.sql", "lib/src/a/b.sql", False),
        ("**/db/*.sql", "x/db/a.sql", True),
        ("**/db/*.sql", "x/db/y/a.sql", False),
        ("**/a/**/b/**", "x/a/y/b/z", True),
        ("Src/A.py", "src/a.py", False),
        ("caf\u00e9/**", "caf\u00e9/x", True),
        ("**/*.py", "odd\udcff/name\n.py", True),
        ("a*b*c*d", "aXbYcZd", True),
        ("a*b*c*d", "aXbYcZ", False),
        ("*a*b", "xaxbxb", True),
    ],
)
def test_a_pattern_matches_what_the_table_says(pattern: str, path: str, *, expected: bool) -> None:
    """The table is the meaning of patterns; every kind of index entry and every wildcard has its rows."""
    assert compile_globs(path_set(pattern)).matches(path) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "/",
        "a//b",
        "../etc",
        "./a",
        "a/..",
        "{a,b}.py",
        "a**b",
        "src/auth**",
        r".*\.py$",
        "^src/",
        r"src/\d+",
        "(?i)src",
        "[a",
        "a]",
        "a\\",
        "[[:alpha:]]x",
        "[z-a]",
        "a\0b",
        "x" * 501,
        "**/a/**/b/**/c/**/d/**",
    ],
)
def test_what_could_only_miss_in_silence_is_refused(pattern: str) -> None:
    """A regular expression or a brace list taken for a path pattern would match nothing, and protect nothing."""
    assert glob_fault(pattern)


def test_the_last_rule_that_matches_decides() -> None:
    """Negation takes out, and a later line puts in again, as in `.gitignore`."""
    matcher = compile_globs(path_set("src/**", "!src/generated/**", "src/generated/keep.py"))

    assert [matcher.matches(each) for each in ("src/a.py", "src/generated/b.py", "src/generated/keep.py")] == [
        True,
        False,
        True,
    ]
    assert matcher.deciding("src/generated/keep.py") == 2
    assert matcher.deciding("lib/a.py") is None


def test_a_negated_plain_name_takes_out_only_that_file() -> None:
    """Where a pattern takes protection away, the folder must be meant in so many words."""
    assert compile_globs(path_set("src/**", "!src/gen")).matches("src/gen/a.py")
    assert not compile_globs(path_set("src/**", "!src/gen/")).matches("src/gen/a.py")


def test_a_plain_name_of_a_lowering_rule_does_not_stand_for_a_folder() -> None:
    """A folder called `README.md` must not carry code past the reviewers."""
    assert not compile_globs(path_set("README.md"), covers_folder=False).matches("README.md/evil.py")
    assert compile_globs(path_set("README.md")).matches("README.md/evil.py")


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "[!x]*" * 40 + "b", "**/" + "*?" * 30 + "b"])
def test_no_pattern_makes_the_matcher_back_up_for_ever(pattern: str) -> None:
    """A policy comes from the repository; a pattern in it must not be able to hang every decision."""
    assert not compile_globs(path_set(pattern)).matches("a" * 250)


_NAMES = st.text(alphabet="ab.-_", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
_PARTS = st.text(alphabet="ab.?*", min_size=1, max_size=4).filter(
    lambda part: "**" not in part and part not in (".", "..")
)
_PATTERNS = st.lists(st.one_of(_PARTS, st.just("**")), min_size=1, max_size=4).map("/".join)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(_PARTS, _NAMES)
def test_one_part_matches_as_the_standard_library_does(pattern: str, name: str) -> None:
    """Within one folder, our matcher and `fnmatch` must agree; it is the oracle for `*` and `?`."""
    assert compile_globs(path_set(pattern), covers_folder=False).matches(name) is fnmatch.fnmatchcase(name, pattern)


def _reference(parts: list[str], names: list[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        if len(parts) == 1:
            return bool(names)
        return any(_reference(parts[1:], names[count:]) for count in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], parts[0]) and _reference(parts[1:], names[1:])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(_PATTERNS, _PATHS)
def test_the_index_agrees_with_a_plain_definition(pattern: str, path: str) -> None:
    """The tables and shortcuts of the index must not change what a pattern means."""
    parts = [
        part
        for index, part in enumerate(pattern.split("/"))
        if part != "**" or pattern.split("/")[index - 1 : index] != ["**"]
    ]
    matcher = compile_globs(path_set(pattern), covers_folder=False)

    assert matcher.matches(path) is _reference(parts, path.split("/"))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_PATTERNS, min_size=1, max_size=3), min_size=1, max_size=6), st.lists(_PATHS, max_size=6))
def test_many_sets_at_once_answer_as_each_alone(sets: list[list[str]], paths: list[str]) -> None:
    """A rule must see the same files whether it is asked alone or with five hundred others."""
    wanted = tuple(path_set(*each) for each in sets)
    together = index_paths(wanted).split(paths)

    assert together == tuple(tuple(path for path in paths if compile_globs(each).matches(path)) for each in wanted)
