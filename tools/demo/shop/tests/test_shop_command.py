"""The command starts, as an operator starts it."""

import subprocess
import sys


def test_the_shop_opens() -> None:
    """An import that fails only when the shop starts would close it."""
    said = subprocess.run(
        [sys.executable, "-m", "shop", "--check"], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "ready\n"
