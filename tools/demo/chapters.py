"""The five changes. Each chapter runs the real commands, checks every outcome, and says what a newcomer should notice."""

from typing import Any

import changes
from narrator import Narrator
from world import ANA, BO, CLARA, Person, Said, StoryBrokenError, World

PASS, FAIL, WAITING = 0, 1, 3


class Story:
    """Runs commands in the world and tells them; an outcome that differs breaks the story."""

    def __init__(self, world: World, narrator: Narrator) -> None:
        """Keep both."""
        self.world = world
        self.tell = narrator

    def run(self, *arguments: str, who: Person, expected: int) -> Said:
        """Run one command, show it, and insist on its exit code."""
        said = self.world.rh(*arguments, who=who)
        shown = [f"~keys/{who.id}" if each == str(self.world.key(who)) else each for each in arguments]
        self.tell.command(who.name, " ".join(["rh", *shown]), said.exit_code)
        if said.exit_code != expected:
            message = f"rh {' '.join(arguments)}: exit {said.exit_code}, expected {expected}\n{said.text}"
            raise StoryBrokenError(message)
        if arguments[0] != "check":
            self.tell.output(said.text.splitlines()[:1])
        return said

    def look(self, revision: str, *, who: Person, expected: int, tier: str) -> dict[str, Any]:
        """Judge a change, show tier and open points, and insist on both."""
        self.run("check", revision, who=who, expected=expected)
        answer = self.world.rh("check", revision, "--format", "json", who=who).json()
        insist(answer["tier"]["name"] == tier, f"{revision} has tier {answer['tier']['name']}, expected {tier}")
        reasons = "; ".join(f"{each['rule']}: {each['because']}" for each in answer["tier"]["reasons"][:2])
        self.tell.output([f"tier {tier} ({reasons})", f"verdict {answer['verdict']['outcome']}"])
        self.tell.output([f"next: {each['do']}" for each in answer["next_actions"][:4]])
        return answer

    def approve(self, revision: str, *options: str, who: Person, counts: bool = True) -> None:
        """Approve with the person's own key, and show why it does not count when it does not."""
        key = str(self.world.key(who))
        said = self.run("approve", revision, *options, "--key", key, who=who, expected=PASS if counts else WAITING)
        if not counts:
            self.tell.output(excerpt(said.text, "does NOT count", "The change now"))

    def tip(self) -> str:
        """Return the commit that everybody gets from origin."""
        return self.world.git("ls-remote", "origin", "refs/heads/main").split()[0]


def insist(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Break the story when something does not hold."""
    if not holds:
        raise StoryBrokenError(otherwise)


def excerpt(text: str, begin: str, end: str) -> list[str]:
    """Return the lines from the first that holds `begin` up to the one that holds `end`."""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if begin in line), None)
    if first is None:
        message = f"{begin!r} was not said:\n{text}"
        raise StoryBrokenError(message)
    last = next((number for number, line in enumerate(lines) if number > first and end in line), len(lines))
    return [line.strip() for line in lines[first:last]]


def documentation(story: Story) -> None:
    """A change to documentation only lands by itself."""
    story.tell.chapter("Words only: lands by itself")
    story.tell.say("Ana writes the opening hours into the guide. Nothing else changes.")
    guide = story.world.edited("docs/guide.md") + changes.OPENING_HOURS
    story.world.change("opening-hours", {"docs/guide.md": guide}, "Say when orders leave the shop")
    before = story.tip()
    story.look("opening-hours", who=ANA, expected=WAITING, tier="low")
    story.run("land", "opening-hours", who=ANA, expected=PASS)
    insist(story.tip() != before, "origin/main did not move")
    insist("Opening hours" in story.world.git("show", f"{story.tip()}:docs/guide.md"), "the guide did not land")
    story.tell.say(
        "rh merged it in memory, ran the tests on exactly that tree, and pushed that tree. Nobody was asked."
    )


def feature(story: Story) -> None:
    """A feature without tests is told exactly what is missing, is mended, and lands after approval."""
    story.tell.chapter("A feature without tests: told what is missing, mended, landed")
    story.tell.say("Ana builds vouchers. The tests that are there still pass.")
    story.world.git("pull", "--quiet")
    files = {
        "shop/vouchers.py": changes.VOUCHERS,
        "shop/orders.py": story.world.edited("shop/orders.py", *changes.VOUCHERS_IN_ORDERS),
        "shop/pages/orders.py": story.world.edited("shop/pages/orders.py", *changes.VOUCHERS_IN_PAGES),
    }
    story.world.change("vouchers", files, "Take vouchers")
    run = story.run("evidence", "run", "vouchers", who=ANA, expected=PASS)
    story.tell.output([line for line in run.text.splitlines() if "no test ran" in line or "vouchers.py:" in line])
    answer = story.look("vouchers", who=ANA, expected=FAIL, tier="medium")
    missed = answer["facts"]["coverage.missed_lines_count"]["value"]
    insist(missed > 0, "every changed line was exercised already")
    insist(story.world.rh("land", "vouchers", who=ANA).exit_code == FAIL, "it could land without tests")
    story.tell.say(
        f"Green tests are not enough: {missed} changed lines were run by none of them. Ana writes the tests."
    )
    story.world.change("vouchers", {"tests/test_shop_vouchers.py": changes.VOUCHER_TESTS}, "Test vouchers")
    story.run("evidence", "run", "vouchers", who=ANA, expected=PASS)
    story.look("vouchers", who=ANA, expected=WAITING, tier="medium")
    story.tell.say("Ana cannot approve her own change; her answer is recorded and does not count. Bo's does.")
    story.approve("vouchers", who=ANA, counts=False)
    story.approve("vouchers", who=BO)
    story.run("land", "vouchers", who=ANA, expected=PASS)
    insist("discount_cents" in story.world.git("show", f"{story.tip()}:shop/vouchers.py"), "vouchers did not land")


def login(story: Story) -> None:
    """A touch on the login is high, and one approval is not enough."""
    story.tell.chapter("A touch on the login: one approval is not enough")
    story.tell.say(
        "One line: customers stay logged in for a week. It is in shop/auth.py, which the policy calls a surface."
    )
    story.world.git("pull", "--quiet")
    auth = story.world.edited("shop/auth.py", *changes.LONG_SESSION)
    story.world.change("long-sessions", {"shop/auth.py": auth}, "Keep customers logged in for a week")
    before = story.tip()
    story.run("evidence", "run", "long-sessions", who=ANA, expected=PASS)
    story.approve("long-sessions", "--lens", "security", who=BO)
    story.look("long-sessions", who=ANA, expected=WAITING, tier="high")
    story.run("land", "long-sessions", who=ANA, expected=WAITING)
    insist(story.tip() == before, "origin/main moved")
    story.tell.say("Refused, and nothing is lost: when Clara has looked too, the same command lands it.")


def rules(story: Story) -> None:
    """A change to the policy is judged by the stricter of old and new."""
    story.tell.chapter("A change that edits the policy that judges it: the stricter one judges")
    story.tell.say(
        "Somebody in a hurry makes the login and the rules themselves low, in the same change as the long session."
    )
    policy = story.world.edited(".rh/policy.yaml", *changes.LOOSE_RULES)
    auth = story.world.edited("shop/auth.py", *changes.LONG_SESSION)
    story.world.change("fewer-rules", {".rh/policy.yaml": policy, "shop/auth.py": auth}, "Ask for less")
    before = story.tip()
    story.look("fewer-rules", who=ANA, expected=WAITING, tier="critical")
    told = story.world.rh("policy", "explain", "fewer-rules", "--format", "json", who=ANA).json()
    story.tell.say(
        "Bo signs with his key. The old policy asks for a security key that was touched, so that counts for nothing."
    )
    story.approve("fewer-rules", who=BO, counts=False)
    story.run("land", "fewer-rules", who=ANA, expected=WAITING)
    insist(story.tip() == before, "origin/main moved")
    floors = [_tier_by(each, "surface:auth") for each in told["policies"]]
    insist(floors == ["high", "low"], f"the two policies give shop/auth.py the tiers {floors}")
    story.tell.say(
        "Its own new policy would make the login low. The policy at the merge base says high, both are asked, and the stricter "
        "answer holds. That who edits the rules is critical is built in, and no policy can write it away."
    )


def _tier_by(policy: dict[str, Any], rule: str) -> str:
    return next((str(each["tier"]) for each in policy["tier"]["reasons"] if each["rule"] == rule), "")


def collision(story: Story) -> None:
    """Two changes that are green alone and red together: the second is refused and the first is named."""
    story.tell.chapter("Two changes, green alone, red together: the second is refused and the first is named")
    story.tell.say(
        "Ana renames total_cents. Clara writes receipts that call it. No line is touched twice, so git merges both."
    )
    orders = story.world.edited("shop/orders.py", *changes.RENAMED_IN_ORDERS)
    tests = story.world.edited("tests/test_shop_orders.py", *changes.RENAMED_IN_TESTS)
    story.world.change(
        "rename-total", {"shop/orders.py": orders, "tests/test_shop_orders.py": tests}, "Say what is summed"
    )
    receipts = {"shop/receipts.py": changes.RECEIPTS, "tests/test_shop_receipts.py": changes.RECEIPT_TESTS}
    story.world.change("receipts", receipts, changes.RECEIPTS_MESSAGE, who=CLARA)
    for branch, who in (("rename-total", ANA), ("receipts", CLARA)):
        story.run("evidence", "run", branch, who=who, expected=PASS)
        story.approve(branch, who=BO)
    story.run("land", "rename-total", who=ANA, expected=PASS)
    before = story.tip()
    refused = story.run("land", "receipts", who=CLARA, expected=FAIL)
    insist(story.tip() == before, "origin/main moved")
    insist("conflict-semantic" in refused.text, f"the reason is another one:\n{refused.text}")
    insist("rename-total" in refused.text, f"nobody is named:\n{refused.text}")
    story.tell.output([line for line in refused.text.splitlines()[1:] if "evidence:" not in line])
    story.tell.say("The tests of exactly the merged tree say so, and main stays green.")


CHAPTERS = (documentation, feature, login, rules, collision)
