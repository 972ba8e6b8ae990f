"""Lists the files that belong to the project, as git sees them: tracked, or new and not ignored."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FOLDERS = ("src", "tests", "tools", "benchmarks")


def project_files() -> list[Path]:
    """Return every file of the project that is there, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    names = sorted({name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below the folders (all four source folders unless told otherwise)."""
    wanted = folders or PYTHON_FOLDERS
    return [path for path in project_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in wanted]
