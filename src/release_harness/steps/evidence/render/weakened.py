"""Tests that say less than on the base, in words: each named, and many that went from one file in one line."""

from collections.abc import Sequence

from release_harness.steps.evidence.model.relevance import Weakening

_NAMED_COUNT = 3


def weakened_texts(found: Sequence[Weakening]) -> list[str]:
    """Return one sentence for each weakened test, with its place."""
    deleted: dict[str, list[Weakening]] = {}
    for each in found:
        if each.kind == "deleted":
            deleted.setdefault(each.path, []).append(each)
    texts = [_gone(path, held) for path, held in deleted.items()]
    return texts + [_said(each) for each in found if each.kind != "deleted"]


def _gone(path: str, held: Sequence[Weakening]) -> str:
    names = [each.test for each in held[:_NAMED_COUNT]]
    if len(held) == 1:
        return f"a test is gone: {names[0]} (base {path}:{held[0].line})"
    more = f" and {len(held) - len(names)} more" if len(held) > len(names) else ""
    return f"{len(held)} tests are gone from {path}: {', '.join(names)}{more}"


def _said(each: Weakening) -> str:
    about = "" if each.test in each.says else f"{each.test} "
    return f"a test says less: {about}{each.says} ({each.path}:{each.line})"
