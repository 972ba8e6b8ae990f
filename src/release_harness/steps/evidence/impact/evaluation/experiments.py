"""Plants faults into a tree and judges whether the answer notices them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.evaluation.overlay import OverlayTree
from release_harness.steps.evidence.impact.evaluation.planting import (
    FaultKind,
    PlantedFault,
    plant_exports,
    plant_guards,
    plant_mounts,
)
from release_harness.steps.evidence.impact.expressions import is_call, text_of, walk
from release_harness.steps.evidence.impact.tree import TreeFacts
from release_harness.steps.evidence.model.evaluation import FaultRow
from release_harness.steps.evidence.model.impact import GuardMove, ImpactAnswer, Wiring

_MISSED_SHOWN_COUNT = 20
_PATCHES = frozenset({"patch", "setattr", "object"})


def faults_of(side: SideView, read: Callable[[str], bytes | None]) -> dict[FaultKind, list[PlantedFault]]:
    """Return every fault that can be planted into the Python files of a tree, by kind, in the order of paths and lines."""
    found: dict[FaultKind, list[PlantedFault]] = {kind: [] for kind in FaultKind}
    mocked = _mocked_names(side)
    for path in side.tree.blobs:
        if not path.endswith(".py") or is_test_path(path):
            continue
        content = read(path)
        if content is None:
            continue
        found[FaultKind.MOUNT] += plant_mounts(path, content)
        found[FaultKind.GUARD] += plant_guards(path, content, side.entries)
        found[FaultKind.EXPORT] += plant_exports(path, content, mocked.get(path, {}))
    return found


def sample(faults: Sequence[PlantedFault], count: int) -> list[PlantedFault]:
    """Return at most `count` of them, spread evenly, always the same ones."""
    if len(faults) <= count:
        return list(faults)
    step = len(faults) / count
    return [faults[int(index * step)] for index in range(count)]


def try_faults(
    side: SideView,
    faults: Sequence[PlantedFault],
    link: Callable[[TreeFacts], SideView],
    done: Callable[[], None],
) -> FaultRow:
    """Plant one fault after the other and count those that the answer notices."""
    missed = []
    for fault in faults:
        head = link(OverlayTree(side.tree, {fault.path: fault.content}))
        if not is_noticed(fault, answer_impact(side, head, Asked())):
            missed.append(f"{fault.path}:{fault.line}: {fault.says}")
        done()
    return FaultRow(
        kind=faults[0].kind.value if faults else "",
        planted_count=len(faults),
        detected_count=len(faults) - len(missed),
        missed=tuple(missed[:_MISSED_SHOWN_COUNT]),
    )


def is_noticed(fault: PlantedFault, answer: ImpactAnswer) -> bool:
    """Tell whether the answer names what was broken."""
    if fault.kind is FaultKind.GUARD:
        lost = {each.entry.key for each in answer.guards if each.move in {GuardMove.REMOVED, GuardMove.WEAKENED}}
        return bool(lost & set(fault.expected))
    if fault.kind is FaultKind.EXPORT:
        return any(each.state is Wiring.PHANTOM for each in answer.wired)
    unmounted = any(each.state is Wiring.REGISTERED_NOT_MOUNTED for each in answer.wired)
    return unmounted or bool(answer.entries_removed)


def _mocked_names(side: SideView) -> Mapping[str, dict[str, str]]:
    """Return, for each file, the names of it that a test replaces, and the dotted text that names them."""
    found: dict[str, dict[str, str]] = {}
    for text in _mock_targets(side):
        module, _, name = text.rpartition(".")
        value = side.program.resolve_dotted(f"{module}.{name}")
        path, _, qualname = value.symbol.partition(":")
        # A name that is only imported there stays when its definition is renamed elsewhere, until the import breaks.
        if qualname == name and side.program.resolve_dotted(module).symbol == f"{path}:":
            found.setdefault(path, {})[name] = text
    return found


def _mock_targets(side: SideView) -> Iterator[str]:
    for path in side.tree.blobs:
        if not path.endswith(".py") or not is_test_path(path):
            continue
        for symbol in side.tree.facts(path).symbols:
            held = [*symbol.decorators, *(each.value for each in symbol.body)]
            for call in (each for expr in held for each in walk(expr) if is_call(each)):
                text = text_of(call[2][0]) if call[2] else None
                if text and "." in text and call[1][-1] in _PATCHES:
                    yield text
