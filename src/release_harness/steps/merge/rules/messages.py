"""The made commit: its subject, its trailers, and whose name it carries."""

import re

from release_harness.kernel.paths import show_text
from release_harness.steps.merge.model import Draft, Look, Method, Place

_TITLE_CHARACTERS = 120
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")


def draft_commit(look: Look, place: Place) -> Draft | None:
    """Say how the commit will be made; None while the content is not known."""
    if look.result_tree is None or look.change is None:
        return None
    trailers = [("Change-digest", str(look.change)), ("Policy-digest", str(look.policy)), ("Risk-tier", look.tier)]
    if look.brief:
        trailers.append(("Brief", look.brief))
    if look.forced:
        trailers.append(("Forced", "break-glass"))
    return Draft(
        method=look.method,
        tree=look.result_tree,
        tip=look.tip,
        head=look.head,
        subject=_subject(look, place),
        trailers=tuple((name, _one_line(value)) for name, value in trailers),
        author=look.author,
    )


def write_message(draft: Draft, body: str = "") -> str:
    """Write the message of a commit: subject, body, trailers; trailers join those that the body ends with."""
    trailers = "\n".join(f"{name}: {value}" for name, value in draft.trailers)
    text = body.strip()
    parts = [draft.subject] + ([text] if text else [])
    ends_with_trailers = bool(text) and all(
        re.match(r"[A-Za-z][A-Za-z0-9-]*: ", line) for line in text.split("\n\n")[-1].split("\n")
    )
    return "\n\n".join(parts) + ("\n" if ends_with_trailers else "\n\n") + trailers + "\n"


def _subject(look: Look, place: Place) -> str:
    title = _one_line(look.title) or f"change {look.head[:12]}"
    if look.method is not Method.MERGE:
        return title
    source = look.branch if _BRANCH.fullmatch(look.branch) else look.head[:12]
    return f"Merge {source} into {_one_line(place.branch)}: {title}"


def _one_line(text: str) -> str:
    shown = show_text(" ".join(text.split()))
    return shown if len(shown) <= _TITLE_CHARACTERS else shown[: _TITLE_CHARACTERS - 1] + "…"
