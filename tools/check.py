"""Runs every check of the source one after the other and says in one line each how it went."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("lint", ("ruff", "check", "--quiet", "."), "`make fix` mends the simple ones."),
    ("format", ("ruff", "format", "--check", "--quiet", "."), "`make fix` formats."),
    ("types", ("mypy", "--no-error-summary"), "mypy is strict: say the type, or narrow it."),
    ("contracts", ("lint-imports", "--no-logo"), "ARCHITECTURE.md says who may import whom, and why."),
    ("sizes", ("python", "tools/check_sizes.py"), "Split what answers two questions."),
    ("docstrings", ("python", "tools/check_docstrings.py"), "One sentence that says what it is or does."),
    ("words", ("python", "tools/check_words.py"), "docs/glossary.md has the words of the house."),
    ("generated pages", ("python", "tools/generate_docs.py", "--check"), "`make docs` writes them again."),
)
ALWAYS_SHOWN = frozenset({"sizes"})


def run_check(name: str, command: tuple[str, ...], remedy: str) -> bool:
    """Run one check, print its line, and its output when it failed."""
    started = time.monotonic()
    finished = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    took_seconds = time.monotonic() - started
    passed = finished.returncode == 0
    print(f"{'ok    ' if passed else 'FAILED'} {name:<16} {took_seconds:5.1f} s")
    if not passed or name in ALWAYS_SHOWN:
        print("".join(f"       {line}\n" for line in finished.stdout.decode(errors="replace").splitlines()), end="")
    if not passed:
        print(f"       -> {remedy}")
    sys.stdout.flush()
    return passed


def main() -> int:
    """Run all checks, also after one has failed, so that one run shows everything."""
    results = [run_check(*check) for check in CHECKS]
    failed = [name for (name, _, _), passed in zip(CHECKS, results, strict=True) if not passed]
    print(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}" if failed else "every check holds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
