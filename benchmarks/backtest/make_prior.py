"""Makes the table of prior weights again, from the development and training histories.

    python -m benchmarks.backtest.make_prior --histories FOLDER [--cache FOLDER] [--write]

FOLDER holds bare repositories as `<owner>+<name>/repo`. Without --write the table is printed beside the one that is shipped.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.backtest.histories import HISTORIES, learn_prior, make_ready

from release_harness.steps.risk.rules import prior
from release_harness.steps.risk.rules.features import FEATURES

_BEGIN, _END = "PRIOR: dict[str, dict[str, float]] = {\n", "}\n"


def main() -> None:
    """Fit both heads and write or print them."""
    parser = argparse.ArgumentParser(description="Make the table of prior weights again.")
    parser.add_argument("--histories", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "rh-backtest")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines = []
    for label in ("reverts", "fixes"):
        chosen = [each for each in HISTORIES if each.label == label and each.role != "held out"]
        weights = learn_prior([make_ready(each, asked.histories, asked.cache) for each in chosen])
        print(f"{label}: {', '.join(each.name for each in chosen)}")
        lines.append(f'    "{label}": {{\n')
        for name, weight in zip(FEATURES, weights, strict=True):
            print(f"  {name:<22}{weight:>7.2f}  shipped {prior.PRIOR.get(label, {}).get(name, 0.0):>6.2f}")
            lines.append(f'        "{name}": {weight:.2f},\n')
        lines.append("    },\n")
    if asked.write:
        path = Path(prior.__file__)
        text = path.read_text(encoding="utf-8")
        head, _, rest = text.partition(_BEGIN)
        tail = rest[rest.index(f"\n{_END}") + 1 + len(_END) :]
        path.write_text(head + _BEGIN + "".join(lines) + _END + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
