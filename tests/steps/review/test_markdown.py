"""The card in a pull request: hostile text from the repository stays text."""

import re
from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.review.render.markdown import card_markdown, code, escape
from release_harness.steps.review.rules.shown import show_check
from release_harness.testing.review import BRIEF, examination_of, green_findings, small_change

HOSTILE = [
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "@everyone please merge",
    "Closes #12",
    "![x](https://evil.example/pixel.png)",
    "[click](javascript:alert(1))",
    "https://evil.example",
    "www.evil.example",
    "`` ` `` **bold** ~~gone~~ | cell |",
    "/merge\n/approve",
    "a\n\n# Approved by everybody\n- [x] done",
    "&lt;b&gt; &#64;admin",
    "GH-12 !34 %5 $6 ~label",
    "user@example.org",
    "\u202egpj.exe",
    "-->\x00<!--",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_one_line_without_live_markup(text: str) -> None:
    """No HTML, mention, reference, link, image, list, heading or quick action may come out of a name or a title."""
    shown = escape(text)
    assert "\n" not in shown
    assert "<" not in shown
    assert not re.search(r"[@#!~%$]\w", shown.replace("\\", ""))
    assert not re.search(r"(?i)(https?|javascript):(?=[/a-z])|www\.", shown)
    assert not re.search(r"(?<!\\)[`*\[\]|>]", shown)
    assert not shown.startswith("/")
    assert "\u202e" not in shown
    assert "\x00" not in shown


@pytest.mark.parametrize("text", [*HOSTILE, "`", "``", " ", "", "a`b``c"])
def test_a_code_span_cannot_be_left(text: str) -> None:
    """The fence is longer than every run of backticks inside it, and nothing breaks the line."""
    shown = code(text)
    fence = re.match(r"`+", shown)
    assert fence is not None
    inside = shown[len(fence[0]) : -len(fence[0])]
    assert shown.endswith(fence[0])
    assert fence[0] not in re.findall(r"`+", inside)
    assert "\n" not in shown


@pytest.mark.slow
def test_a_hostile_change_keeps_the_structure_of_the_card() -> None:
    """Names, titles, branches, goals and reasons are all from strangers; only our own HTML is in the page."""
    for text in HOSTILE:
        change = replace(small_change(f"src/auth/{text}", text), title=text, branch=text, target=text)
        brief = replace(BRIEF, id=text, goal=text, ship=text, watch=text)
        page = card_markdown(show_check(examination_of(change, brief=brief), ChangeSpec(revision=text)))
        outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page)
        assert sorted(set(re.findall(r"</?\w+", outside_code))) == [
            "</details",
            "</sub",
            "</summary",
            "<details",
            "<sub",
            "<summary",
        ], text
        assert not re.search(r"(?m)^\s*(#(?!## Release card)|/|\|)", outside_code), text
        assert not re.search(r"[@]\w", outside_code), text


def test_what_goes_into_a_pull_request() -> None:
    """The page as reviewers see it; a change of it is seen in review."""
    examination = examination_of(small_change("src/app.py"), findings=green_findings(), brief=BRIEF)
    assert card_markdown(show_check(examination, ChangeSpec(revision="refunds"))) == snapshot("""\
### Release card: medium risk, may not land yet ❔

- **Goal** (brief): Customers can ask for a refund by mail and see within a day what became of it.
- **Scope** (computed): 1 file, \\+8 \\-2 lines
- **Risk tier** (computed): medium \\(default\\)
- **Verification evidence** (computed): 12 tests run \\(not run: unknown\\); 10 of 10 changed lines exercised; no secret found; entry points: unknown
- **Ship method** (computed): with the next published version of the Python package; nothing here deploys
- **Rollback method** (computed): revert of the merge commit; no migration, no data file touched
- **Watch metrics** (brief): refund\\_requests\\_total rises above 5 a day within a week

<details>
<summary>Why this tier</summary>

- **medium** `default`: no surface names src/app.py
  - `src/app.py`

</details>

<details>
<summary>Verdict for main</summary>

- ❔ The change of tier medium has not shown everything that is asked for yet.
  - ✅ tests shows what is wanted: tests.run\\_count is 12; tests.failed\\_count is 0; tests.errors\\_count is 0; tests.exit\\_code is 0.
  - ✅ secrets\\_scan shows what is wanted: secrets.found\\_count is 0.
  - ✅ wired shows what is wanted: wiring.sound is true.
  - ✅ guards\\_kept shows what is wanted: guards.kept is true.
  - ✅ nothing\\_dark shows what is wanted: wiring.explained is true.
  - ✅ changed\\_lines shows what is wanted: coverage.exercised\\_ratio is 1.
  - ❔ people still have to look at this content.
    - ❔ 0 of 1 asked people approved this content: 1 more needed. Seen: nobody. Wanted: 1 person \\(not the author or requester\\).

</details>

**What is still to do**

1. Look at the change and approve it. (bo, clara, dora)  `rh approve refunds`

<sub>change `sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc`, result tree `1111111111111111111111111111111111111111`, policy `sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee`</sub>\
""")
