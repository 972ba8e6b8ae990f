"""`make demo`: eight changes of a small web shop go through the real commands, and every outcome is checked.

Everything happens in a fresh temporary folder, which stays for you to look into. Fails loudly when the story does not hold.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import wiring
from chapters import CHAPTERS, PASS, Story, insist
from narrator import Narrator
from walk import walk_the_shop
from world import ANA, StoryBrokenError, World


def tell(world: World, narrator: Narrator) -> None:
    """Tell the whole story."""
    started = time.monotonic()
    narrator.title("Eight changes of a corner shop")
    narrator.say(
        "Ana, Bo and Clara run a small web shop: a real repository with a bare origin, tests, a policy, and an SSH key for "
        "each of them. Every command below is really run; what it says is checked."
    )
    world.build()
    story = Story(world, narrator)
    for chapter in (*CHAPTERS, *wiring.CHAPTERS):
        chapter(story)
    world.git("pull", "--quiet")
    narrator.chapter("What everybody has now")
    narrator.say(f"The shop that landed is started and walked as a customer does: {walk_the_shop(world)}.")
    verified = story.run("ledger", "verify", who=ANA, expected=PASS)
    narrator.output(verified.text.strip().splitlines()[1:4])
    subjects = world.git("log", "--format=%s", "--first-parent", "origin/main")
    insist("Keep customers logged in" not in subjects, "the login change landed")
    narrator.say("Every decision above is in the ledger. Look around:")
    narrator.paths(
        [
            ("the shop", str(world.shop)),
            ("its rules", str(world.shop / ".rh/policy.yaml")),
            ("the ledger", str(world.shop / ".git/rh/ledger.db")),
            ("what waits for whom", f"cd {world.shop} && {Path(sys.executable).parent / 'rh'} review queue"),
            ("check the ledger", f"cd {world.shop} && {Path(sys.executable).parent / 'rh'} ledger verify"),
        ]
    )
    narrator.say(f"\nThe story holds ({time.monotonic() - started:.0f} s).")


def main() -> int:
    """Tell the story in a fresh folder; exit 1 and say what broke when it does not hold."""
    missing = [name for name in ("git", "ssh-keygen") if shutil.which(name) is None]
    if missing:
        print(f"The demo needs {' and '.join(missing)}. On Debian: apt-get install git openssh-client", file=sys.stderr)
        return 1
    world = World(Path(tempfile.mkdtemp(prefix="rh-demo-")).resolve())
    try:
        tell(world, Narrator())
    except StoryBrokenError as broken:
        print(f"\nThe story does not hold: {broken}\nEverything is left in {world.folder}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
