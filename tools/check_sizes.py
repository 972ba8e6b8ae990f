"""Measures functions and files; fails over the limits of the house and when a figure rises above its stored best.

The limits: 95 % of functions have at most 40 lines and none more than 80; 95 % of files have at most 300 and none more
than 600. The ratchet: `sizes.json` holds the best figures so far, `--write` lowers them, nothing raises them. Below the
floor nothing is asked any more: a ratchet without one makes confetti of a program.
"""

import ast
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from source_files import ROOT, python_files

STORE = Path(__file__).with_name("sizes.json")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure with its limit, its floor and the things that are largest."""

    name: str
    lines: int
    limit: int
    floor: int
    largest: tuple[tuple[int, str], ...]


def function_sizes(path: Path, source: str) -> list[tuple[int, str]]:
    """Return (lines, place) of every function of a file, its docstring and inner functions included."""
    return [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def percentile_95(sizes: list[int]) -> int:
    """Return the smallest size that at least 95 % of the things do not exceed."""
    ordered = sorted(sizes)
    return ordered[max(0, -(-95 * len(ordered) // 100) - 1)] if ordered else 0


def measure() -> list[Figure]:
    """Measure every Python file of the project."""
    files: list[tuple[int, str]] = []
    functions: list[tuple[int, str]] = []
    for path in python_files():
        source = path.read_text(encoding="utf-8")
        files.append((source.count("\n"), str(path.relative_to(ROOT))))
        functions += function_sizes(path, source)
    return [
        *_figures("functions", functions, usual=(40, 32), largest=(80, 64)),
        *_figures("files", files, usual=(300, 240), largest=(600, 400)),
    ]


def _figures(
    kind: str, sized: list[tuple[int, str]], *, usual: tuple[int, int], largest: tuple[int, int]
) -> list[Figure]:
    top = tuple(sorted(sized, reverse=True)[:3])
    lines = [size for size, _ in sized]
    return [
        Figure(
            name=f"{kind}_95_percent_lines", lines=percentile_95(lines), limit=usual[0], floor=usual[1], largest=top
        ),
        Figure(name=f"{kind}_largest_lines", lines=max(lines), limit=largest[0], floor=largest[1], largest=top),
    ]


def main(arguments: list[str]) -> int:
    """Print the figures; fail when one is over its limit or above its best; `--write` stores lower bests."""
    bests = json.loads(STORE.read_text()) if STORE.exists() else {}
    figures = measure()
    failed = False
    for figure in figures:
        best = bests.get(figure.name, figure.limit)
        allowed = min(figure.limit, max(best, figure.floor))
        over = figure.lines > allowed
        failed = failed or over
        print(
            f"{figure.name:<30} {figure.lines:>4}   limit {figure.limit}, best so far {best}{'   TOO LARGE' if over else ''}"
        )
        if over:
            print("".join(f"    {size:>4} lines  {place}\n" for size, place in figure.largest), end="")
    if "--write" in arguments:
        kept = {each.name: min(each.lines, bests.get(each.name, each.limit)) for each in figures}
        STORE.write_text(json.dumps(kept, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
