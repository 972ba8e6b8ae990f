"""Tells the story: plain lines in a pipe, colours on a terminal."""

import os
import sys
import textwrap

WIDTH = 100


class Narrator:
    """Prints chapters, what people do, commands, and what came of them."""

    def __init__(self) -> None:
        """Colours are for terminals only, and NO_COLOR is respected."""
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._chapter = 0

    def title(self, text: str) -> None:
        """Begin the story."""
        print(self._paint("1", text))
        print("=" * len(text))

    def chapter(self, text: str) -> None:
        """Begin the next chapter."""
        self._chapter += 1
        heading = f"{self._chapter}. {text}"
        print(f"\n{self._paint('1', heading)}\n{'-' * len(heading)}")

    def say(self, text: str) -> None:
        """Say what happens, wrapped for reading."""
        print("\n".join(textwrap.wrap(" ".join(text.split()), WIDTH)), flush=True)

    def command(self, who: str, line: str, exit_code: int) -> None:
        """Show a command that was really run, who ran it, and its exit code."""
        shade = {0: "32", 1: "31"}.get(exit_code, "33")
        print(
            f"\n  {self._paint('2', who + ' $')} {self._paint('36', line)}   {self._paint(shade, f'(exit {exit_code})')}"
        )

    def output(self, lines: list[str]) -> None:
        """Show lines of what rh said, word for word, wrapped where they are long."""
        for line in lines:
            indent = " " * (len(line) - len(line.lstrip()))
            wrapped = textwrap.wrap(line, WIDTH - 6, subsequent_indent=f"{indent}  ", break_long_words=False)
            for each in wrapped or [""]:
                print(f"      {each}")
        sys.stdout.flush()

    def paths(self, rows: list[tuple[str, str]]) -> None:
        """List where to look."""
        widest = max(len(what) for what, _ in rows)
        for what, where in rows:
            print(f"  {what:<{widest}}  {self._paint('36', where)}")

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text
