"""How the figures of the engine look: recall and precision always side by side."""

from collections.abc import Sequence

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model.evaluation import AccuracyRow, ImpactEvaluation, MutantsRow, ReplayRow


def evaluation_text(found: ImpactEvaluation, view: View) -> str:
    """Lay out every table that was measured."""
    lines = [f"{found.commit[:12]}: {found.files_count} files, {found.entries_count} entry points by reading the code"]
    if found.discovery is not None:
        row = found.discovery
        ratio = f"{row.found_count / row.walked_count:.3f}" if row.walked_count else "-"
        lines += [
            "",
            f"Discovery: {row.found_count} of {row.walked_count} entry points that tests walked were found ({ratio})",
        ]
        lines += [f"  missed: {show_text(each)}" for each in row.missed]
        if row.unplaced_count:
            lines.append(
                f"  {row.unplaced_count} more have no handler in the trace and an address that no entry of the code has: "
                "routes of libraries and of tests, or missed"
            )
    if found.accuracy:
        lines += ["", *_accuracy(found.accuracy)]
    for fault in found.faults:
        share = fault.detected_count / fault.planted_count
        lines += ["", f"Planted, {fault.kind}: {fault.detected_count} of {fault.planted_count} noticed ({share:.3f})"]
        lines += [f"  not noticed: {show_text(each)}" for each in fault.missed]
    if found.replay:
        lines += ["", *_replay(found.replay, view)]
    if found.mutants is not None:
        lines += ["", *_mutants(found.mutants)]
    return "\n".join([*lines, *(f"not measured: {show_text(each)}" for each in found.notes)])


def _accuracy(rows: Sequence[AccuracyRow]) -> list[str]:
    return ["Entry points of a function, against what tests walked (precision is a lower bound)", *accuracy_lines(rows)]


def accuracy_lines(rows: Sequence[AccuracyRow]) -> list[str]:
    """Lay out the rows of each group of functions as a table."""
    lines: list[str] = []
    for group in dict.fromkeys(row.group for row in rows):
        of_group = [row for row in rows if row.group == group]
        first = of_group[0]
        held = f"{first.true_mean:.1f} of {first.entries_count} walked entry points each"
        lines += ["", f"{group} ({first.functions_count} functions, {held})"]
        lines.append(f"  {'predictor':<22}{'recall':>8}{'precision':>11}{'pair r.':>9}{'pair p.':>9}{'predicted':>11}")
        for row in of_group:
            cells = (row.recall_ratio, row.precision_ratio, row.pair_recall_ratio, row.pair_precision_ratio)
            shown = ["-" if each is None else f"{each:.3f}" for each in cells]
            lines.append(
                f"  {row.predictor:<22}{shown[0]:>8}{shown[1]:>11}{shown[2]:>9}{shown[3]:>9}{row.predicted_mean:>11.1f}"
            )
    return lines


def _mutants(row: MutantsRow) -> list[str]:
    recall = row.explained_pairs_count / row.failing_pairs_count if row.failing_pairs_count else None
    shown = "-" if recall is None else f"{recall:.3f}"
    named = row.named_pairs_count / max(row.mutants_count * row.tests_count, 1)
    return [
        (
            f"Mutants: {row.mutants_count} that some tests noticed ({row.unnoticed_count} that none did and {row.breaking_most_count} "
            f"that broke more than half of them are left out); of {row.failing_pairs_count} failing "
            f"pairs {row.explained_pairs_count} had been named ({shown}), with {named:.1%} of all tests named"
        ),
        *(f"  not named: {show_text(each)}" for each in row.missed),
    ]


def _replay(rows: Sequence[ReplayRow], view: View) -> list[str]:
    alarmed = [row for row in rows if row.alarms]
    lines = [
        f"Replayed {len(rows)} landings: {len(alarmed)} would have been blocked; whether rightly is for you to say"
    ]
    for row in alarmed:
        lines.append(f"  {row.commit[:12]} {show_text(row.subject)[: max(view.width - 16, 20)]}")
        lines += [f"      {show_text(each)}" for each in row.alarms[:6]]
    seconds = sorted(row.seconds for row in rows)
    lines.append(f"  median {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.2f} s")
    return lines
