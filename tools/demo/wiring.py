"""Three changes that are green and wrong: a page nobody can reach, a test that walks nothing, a guard that went missing."""

import changes
from chapters import FAIL, PASS, WAITING, Story, excerpt, insist
from world import ANA, BO


def half_plugged_in(story: Story) -> None:
    """A page that nothing registers is refused although every test is green and every line was run."""
    story.tell.chapter("Half plugged in: all tests are green, every line was run, and no customer can reach it")
    story.tell.say("Ana builds gift cards: a page, its logic, and tests that run each line.")
    story.world.git("pull", "--quiet")
    files = {
        "shop/gifts.py": changes.GIFTS,
        "shop/pages/gifts.py": changes.GIFT_PAGES,
        "tests/test_shop_gifts.py": changes.MOCKED_GIFT_TESTS,
    }
    story.world.change("gifts", files, "Sell gift cards")
    story.run("evidence", "run", "gifts", who=ANA, expected=PASS)
    answer = story.look("gifts", who=ANA, expected=FAIL, tier="medium")
    missed = answer["facts"]["coverage.missed_lines_count"]["value"]
    insist(missed == 0, f"{missed} changed lines were not run: then coverage alone would have told")
    insist(answer["facts"]["wiring.unmounted_count"]["value"] > 0, "the page that nothing registers was not found")
    told = story.run("impact", "gifts", who=ANA, expected=PASS)
    story.tell.output(excerpt(told.text, "registered-not-mounted", "\n\n")[:3])
    insist(story.world.rh("land", "gifts", who=ANA).exit_code == FAIL, "it could land without being registered")


def walks_nothing(story: Story) -> None:
    """A test that is called end-to-end and replaces everything on the way reaches level 1; the policy asks for 2."""
    story.tell.chapter("A test that calls itself end-to-end: level 2 is asked, level 1 is given")
    story.tell.say("Ana registers the page. The tests that she has replace the shop on the way, so none walked it.")
    web = story.world.edited("shop/web.py", *changes.GIFTS_IN_WEB)
    story.world.change("gifts", {"shop/web.py": web}, "Register the page for gift cards")
    story.run("evidence", "run", "gifts", who=ANA, expected=PASS)
    answer = story.look("gifts", who=ANA, expected=FAIL, tier="medium")
    level = answer["facts"]["entry_points.walk_level"]["value"]
    insist(level == 1, f"the walk has level {level}, expected 1")
    story.tell.say("One test that asks the real application, as a customer does, and the same command is content.")
    tests = changes.MOCKED_GIFT_TESTS + changes.WALKED_GIFT_TEST
    story.world.change("gifts", {"tests/test_shop_gifts.py": tests}, "Walk the page for gift cards")
    story.run("evidence", "run", "gifts", who=ANA, expected=PASS)
    answer = story.look("gifts", who=ANA, expected=WAITING, tier="medium")
    level = answer["facts"]["entry_points.walk_level"]["value"]
    insist(level >= 2, f"the walk has level {level}, expected at least 2")  # noqa: PLR2004 - the level that the policy asks for
    story.approve("gifts", who=BO)
    story.run("land", "gifts", who=ANA, expected=PASS)


def guard_removed(story: Story) -> None:
    """A clean-up that loses a guard is refused, and both places are named."""
    story.tell.chapter("A clean-up that loses a guard: refused, with both places")
    story.tell.say("Bo tidies the pages of orders. In the middle of it, @login_required is gone from one of them.")
    story.world.git("pull", "--quiet")
    pages = story.world.edited("shop/pages/orders.py", *changes.TIDY_ORDERS)
    tests = story.world.edited("tests/test_shop_web.py", *changes.TIDY_TESTS)
    files = {"shop/pages/orders.py": pages, "tests/test_shop_web.py": tests}
    story.world.change("tidy-orders", files, "Tidy the pages of orders", who=BO)
    story.run("evidence", "run", "tidy-orders", who=BO, expected=PASS)
    answer = story.look("tidy-orders", who=BO, expected=FAIL, tier="high")
    insist(answer["facts"]["guards.removed_count"]["value"] == 1, "the guard that is gone was not found")
    told = story.run("impact", "tidy-orders", who=BO, expected=PASS)
    story.tell.output(excerpt(told.text, "login_required", "\n\n")[:3])


CHAPTERS = (half_plugged_in, walks_nothing, guard_removed)
