"""Who owns a file, as GitHub and GitLab would say; an owner who is missed is a review that nobody was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.project.rules import owner_rules_of, owners_of, parse_codeowners

GITHUB = r"""
# the whole
*       @global
*.js    @js-owner #inline comment
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/scripts/ @doctocat @octocat
**/logs @octo
/apps/github
/app/[slug]/page.tsx @web
dir\ with\ space/ @spaces
!secret/ @x
src/**/*_test.go @go
/pkg/*-service @services
lib/deep/ @deep
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.txt", ("@global",)),
        ("x/y.js", ("@js-owner",)),
        ("build/logs/a/b", ("@octo",)),
        ("docs/a.md", ("docs@example.com",)),
        ("docs/b/c.md", ("@global",)),
        ("src/apps/q", ("@octocat",)),
        ("scripts/x", ("@doctocat", "@octocat")),
        ("a/logs/z", ("@octo",)),
        ("apps/github", ()),
        ("apps/github/x", ()),
        ("app/[slug]/page.tsx", ("@web",)),
        ("app/s/page.tsx", ("@global",)),
        ("dir with space/x", ("@spaces",)),
        ("secret/x", ("@global",)),
        ("src/a/b/c_test.go", ("@go",)),
        ("src/c_test.go", ("@go",)),
        ("pkg/my-service/a/b.go", ("@services",)),
        ("lib/deep/x", ("@deep",)),
        ("other/lib/deep/x", ("@global",)),
    ],
)
def test_github_says_who_owns_a_file(path: str, owners: tuple[str, ...]) -> None:
    """The last line that matches decides, patterns follow gitignore, and a line without owners takes ownership away."""
    assert owners_of(parse_codeowners(GITHUB, ".github/CODEOWNERS"), path) == owners


def test_lines_that_cannot_be_read_are_remembered() -> None:
    """GitHub skips them in silence; the linter must be able to name them."""
    codeowners = parse_codeowners(
        "*.c @a\n!x @b\n/ok not-an-owner\n" + "a/**/b/**/c/**/d/**/e/**/f @c\n", ".github/CODEOWNERS"
    )
    assert codeowners.unread_lines == (2, 3, 4)
    assert owners_of(codeowners, "x") == ()


GITLAB = """
* @everyone
[Docs][2] @docs
docs/
README.md @readme
!docs/internal/
^[Optional] @opt
*.rb
[DOCS]
*.rst
[Unowned]
config/
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a", ("@everyone",)),
        ("docs/b", ("@everyone", "@docs")),
        ("x/docs/b", ("@everyone", "@docs")),
        ("docs/internal/x", ("@everyone",)),
        ("sub/README.md", ("@everyone", "@readme")),
        ("lib/a.rb", ("@everyone",)),
        ("a.rst", ("@everyone", "@docs")),
        ("config/a", ("@everyone",)),
    ],
)
def test_gitlab_says_who_owns_a_file(path: str, owners: tuple[str, ...]) -> None:
    """Every section decides for itself, names without a slash in front float, optional sections ask nobody."""
    assert owners_of(parse_codeowners(GITLAB, "CODEOWNERS"), path) == owners


def test_a_section_carries_its_count_and_whether_it_is_optional() -> None:
    """`[Docs][2]` asks for two approvals; `^[Optional]` for none."""
    codeowners = parse_codeowners(GITLAB, ".gitlab/CODEOWNERS")
    found = {rule.section: (rule.approvals_count, rule.optional) for rule in owner_rules_of(codeowners, "docs/a.rb")}
    assert found == {"": (1, False), "Docs": (2, False), "Optional": (1, True)}


def test_section_lines_mean_nothing_to_github() -> None:
    """The same file in `.github/` is GitHub's, where brackets are no sections."""
    codeowners = parse_codeowners("[Docs] @docs\ndocs/ @a\n", ".github/CODEOWNERS")
    assert owners_of(codeowners, "docs/x") == ("@a",)
    assert owners_of(codeowners, "[Docs]") == ("@docs",)


def test_odd_bytes_of_a_path_are_matched() -> None:
    """A file name that is no UTF-8 still has an owner."""
    codeowners = parse_codeowners("/caf\udce9/ @a\n* @b @b\n/caf\udce9/x @c\n", "CODEOWNERS")
    assert owners_of(codeowners, "caf\udce9/x") == ("@c",)
    assert owners_of(codeowners, "y") == ("@b",)


def test_an_empty_file_owns_nothing() -> None:
    """No line is no owner, and no error."""
    assert owners_of(parse_codeowners("\n# only words\n", "CODEOWNERS"), "a") == ()


_WORDS = ["a", "b", "c", "d.py", "e.md"]
_PATHS = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map("/".join)
_PATTERNS = st.sampled_from(["*.py", "*.md", "a/", "/b", "c/*", "**/d.py", "a/**/c", "/a*/", "*"])


@pytest.mark.slow
@given(st.lists(_PATTERNS | _PATHS | _PATHS.map("/{}".format), min_size=1, max_size=30), _PATHS)
def test_the_index_agrees_with_asking_line_by_line(patterns: list[str], path: str) -> None:
    """The index only saves time: the answer is that of the last line which, alone, owns the file."""
    lines = [f"{pattern} @o{number}" for number, pattern in enumerate(patterns)]
    whole = parse_codeowners("\n".join(lines), ".github/CODEOWNERS")
    alone = (parse_codeowners(line, ".github/CODEOWNERS") for line in reversed(lines))
    expected = next((found for single in alone if (found := owners_of(single, path))), ())
    assert owners_of(whole, path) == expected
