"""Start of the `rh` command: answers `--version` before anything heavy is imported."""

import sys

from release_harness import __version__


def main() -> None:
    """Run the command line with the arguments of this process and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"rh {__version__}\n")
        sys.exit(0)
    # Click and the adapters cost 100 ms; `rh --version` must not pay for them.
    from release_harness import app

    app.main(sys.argv[1:])


if __name__ == "__main__":
    main()
