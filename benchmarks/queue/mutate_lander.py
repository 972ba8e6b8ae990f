"""Breaks the lander and what still holds in one place at a time, and sees whether a test notices.

    python -m benchmarks.queue.mutate_lander [--json FILE]

Each mutant is one comparison, one logical word, one condition, one number, one returned value or one yielded objection of
`lander.py` or `plan/known.py` changed. It is put in the place of the module in a copy of the package, and the quick tests of the
lander are run on it. A mutant that survives is printed with its line: each has to be explained below or killed by a test.
"""

import argparse
import ast
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "steps/merge/lander.py": ("tests/steps/merge/test_lander.py",),
    "steps/merge/plan/known.py": ("tests/steps/merge/plan/test_known.py",),
}
SWAPPED: dict[type[ast.AST], Any] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Sub: ast.BitOr, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub,
}  # fmt: skip
EXPLAINED = {
    "12 -> 13": "how many digits of an id are printed",
    "each.number > behind.number -> each.number >= behind.number": "a change that lands is not behind itself",
}
"""What survives, and why that is right: the text of the mutant and the reason."""


def mutants_of(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, what was done, and the whole mutated source."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            broken = copy.deepcopy(tree)
            target = next(each for place, each in enumerate(ast.walk(broken)) if place == index)
            says = change(target)
            if says:
                yield getattr(node, "lineno", 0), says, ast.unparse(ast.fix_missing_locations(broken))


def _changes(node: ast.AST) -> list:  # type: ignore[type-arg]
    if isinstance(node, ast.Compare):
        return [_swap_comparison]
    if isinstance(node, ast.BoolOp):
        return [_swap_logic, *(_drop_value(place) for place in range(len(node.values)))]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [_drop_not]
    if isinstance(node, ast.If | ast.IfExp):
        return [_negate]
    if isinstance(node, ast.BinOp):
        return [_swap_operator]
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return [_next_number]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom):
        return [_skip]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return [_skip]
    return []


def _swap_comparison(node: ast.Compare) -> str:
    before = ast.unparse(node)
    node.ops = [SWAPPED[type(each)]() for each in node.ops]
    return f"{before} -> {ast.unparse(node)}"


def _swap_logic(node: ast.BoolOp) -> str:
    before = ast.unparse(node)
    node.op = SWAPPED[type(node.op)]()
    return f"{before} -> {ast.unparse(node)}"


def _drop_value(place: int) -> Callable[[ast.BoolOp], str]:
    def drop(node: ast.BoolOp) -> str:
        before = ast.unparse(node)
        gone = node.values.pop(place)
        if len(node.values) == 1:
            node.values.append(copy.deepcopy(node.values[0]))
        return f"{before} without {ast.unparse(gone)}"

    return drop


def _drop_not(node: ast.UnaryOp) -> str:
    before = ast.unparse(node)
    node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
    return f"{before} -> its opposite"


def _negate(node: ast.If) -> str:
    before = ast.unparse(node.test)
    node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
    return f"if {before} -> if not"


def _swap_operator(node: ast.BinOp) -> str:
    if type(node.op) not in SWAPPED:
        return ""
    before = ast.unparse(node)
    node.op = SWAPPED[type(node.op)]()
    return f"{before} -> {ast.unparse(node)}"


def _next_number(node: ast.Constant) -> str:
    if not isinstance(node.value, int):
        return ""
    node.value += 1
    return f"{node.value - 1} -> {node.value}"


def _skip(node: ast.Expr) -> str:
    before = ast.unparse(node)
    node.value = ast.Constant(value=None)
    return f"left out: {before}"


def is_noticed(package: Path, tests: tuple[str, ...]) -> bool:
    """Run the quick tests on the copy; anything but a whole pass is noticed."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        return (
            subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False).returncode
            != 0
        )
    except subprocess.TimeoutExpired:
        return True


def main() -> int:
    """Print what survives and the score; exit 1 when something survives that nobody has explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "release_harness"
        shutil.copytree(ROOT / "src/release_harness", package, ignore=shutil.ignore_patterns("__pycache__"))
        for module, tests in MODULES.items():
            source = (package / module).read_text()
            for line, says, broken in mutants_of(source):
                (package / module).write_text(broken)
                noticed = is_noticed(package, tests)
                rows.append(
                    {
                        "module": module,
                        "line": line,
                        "mutant": says,
                        "noticed": noticed,
                        "explained": EXPLAINED.get(says, ""),
                    }
                )
                if not noticed:
                    print(f"survived  {module}:{line}  {says}  {EXPLAINED.get(says, 'NOT EXPLAINED')}", flush=True)
            (package / module).write_text(source)
    noticed_count = sum(1 for each in rows if each["noticed"])
    open_count = sum(1 for each in rows if not each["noticed"] and not each["explained"])
    print(
        f"{noticed_count} of {len(rows)} mutants noticed, {len(rows) - noticed_count - open_count} explained, {open_count} open"
    )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 1 if open_count else 0


if __name__ == "__main__":
    raise SystemExit(main())
