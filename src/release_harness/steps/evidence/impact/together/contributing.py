"""What one change brings, read from its two sides."""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from release_harness.steps.evidence.impact.answer.entry_pairs import compare_entries
from release_harness.steps.evidence.impact.difference.outline import outline
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff, changed_paths, is_no_op, symbol_diff
from release_harness.steps.evidence.impact.together.keyed import holds_keys, set_keys
from release_harness.steps.evidence.impact.together.migrations import migration_keys
from release_harness.steps.evidence.model.impact import Confidence, SymbolChange, SymbolId
from release_harness.steps.evidence.model.together import Contribution, Keyed, Place, Use

_SURE = frozenset({Confidence.HIGH, Confidence.MEDIUM})


def contribution_of(name: str, base: SideView, head: SideView, gaps: tuple[str, ...] = ()) -> Contribution:
    """Return what a change brings, as far as another could collide with it."""
    diff = symbol_diff(base.tree, head.tree, changed_paths(base.tree, head.tree))
    registry = compare_entries(base, head, diff.moved)
    return Contribution(
        name=name,
        changed=tuple(each for each in diff.changed if not is_no_op(each)),
        texts=_texts(diff, head),
        uses=tuple(_new_uses(diff, base, head)),
        entries={each.key: Place(each.path, each.line) for each in registry.added},
        migrations=_migrations(diff, base, head),
        keys=_keys(diff, base, head),
        unknown=(*gaps, *_unread(diff)),
    )


def _unread(diff: SymbolDiff) -> Iterator[str]:
    for path, why in sorted({**diff.unread_before, **diff.unread}.items()):
        yield f"{path} could not be read: {why}"
    for path in diff.partial:
        yield f"{path} has syntax errors, only the rest of it was compared"


def _texts(diff: SymbolDiff, head: SideView) -> Mapping[str, str]:
    """Return a digest for each changed symbol at head, and the blob id of each changed file."""
    found = {path: head.tree.paths[path] for path in (*diff.code, *diff.other) if path in head.tree.paths}
    for path in {each.path for each in diff.changed}:
        text = head.tree.read_text(path) if path in head.tree.blobs else None
        if text is None:
            continue
        for qualname, part in outline(head.tree.facts(path), text).items():
            found[f"{path}:{qualname}"] = _digest((*part.decorators, *part.header, *part.body))
            for segment in part.segments:
                for bound in segment.names:
                    found[f"{path}:{qualname}.{bound}" if qualname else f"{path}:{bound}"] = _digest(segment.tokens)
    return found


def _digest(tokens: tuple[str, ...]) -> str:
    return sha256("\0".join(tokens).encode("utf-8", "surrogatepass")).hexdigest()


def _new_uses(diff: SymbolDiff, base: SideView, head: SideView) -> Iterator[Use]:
    """Yield references that changed symbols make at head and did not make at base."""
    seen: set[tuple[SymbolId, SymbolId]] = set()
    for each in diff.changed:
        if each.change is SymbolChange.REMOVED or each.kind == "file":
            continue
        before = {edge.target.symbol for edge in base.graph.references(each.was or each.symbol)}
        for edge in head.graph.references(each.symbol):
            target = edge.target.symbol
            if target not in before and edge.confidence in _SURE and (each.symbol, target) not in seen:
                seen.add((each.symbol, target))
                yield Use(target, each.symbol, Place(each.path, edge.line))


def _migrations(diff: SymbolDiff, base: SideView, head: SideView) -> Mapping[str, Place]:
    added = [path for path in (*diff.code, *diff.other) if path in head.tree.paths and path not in base.tree.paths]
    return {
        key: Place(path)
        for path in added
        for key in migration_keys(path, (head.tree.read_text(path) or "").encode("utf-8", "replace"))
    }


def _keys(diff: SymbolDiff, base: SideView, head: SideView) -> Mapping[str, Keyed]:
    found: dict[str, Keyed] = {}
    for path in filter(holds_keys, diff.other):
        after = head.tree.read_text(path)
        if after is not None:
            found.update(set_keys(path, base.tree.read_text(path) or "", after))
    return found
