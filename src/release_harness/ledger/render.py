"""The ledger in words for people."""

import json
from collections.abc import Iterable
from typing import Any

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.time import format_instant
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.audit import Audit
from release_harness.ledger.model import CheckpointShown, Entry, EntryShown, Exported, LogShown, Proof, Rebuilt

_MARKS = {Outcome.PASS: ("PASS", "32"), Outcome.FAIL: ("FAIL", "31"), Outcome.UNKNOWN: ("UNKNOWN", "33")}


def show_log(shown: LogShown, view: View) -> str:
    """Return one line for each entry."""
    if not shown.entries:
        return f"No entry fits; the ledger has {shown.size}."
    lines = [_cut(_one_line(entry), view.width) for entry in shown.entries]
    return "\n".join([*lines, f"{len(shown.entries)} of {shown.size} entries of {shown.origin}"])


def show_entry(shown: EntryShown, _view: View) -> str:
    """Return every field of the entry on a line of its own."""
    entry = shown.entry
    rows = [
        ("entry", str(entry.seq)),
        ("id", entry.id),
        ("type", f"{entry.type} (version {entry.version})"),
        ("subject", entry.subject),
        ("at", format_instant(entry.at) + _behind(entry)),
        ("actor", _actor(entry)),
        ("cause", entry.cause or "-"),
        ("key", entry.idempotency_key or "-"),
        ("payload", entry.payload_digest),
        ("previous", entry.prev or "- (first entry)"),
        ("leaf", entry.leaf),
        ("sealed", "yes, by a signed checkpoint" if shown.sealed else "not yet: run `rh ledger checkpoint`"),
    ]
    lines = [f"{name:<9} {show_text(value)}" for name, value in rows]
    payload = json.dumps(entry.payload, indent=2, ensure_ascii=False, sort_keys=True)
    return "\n".join([*lines, *(show_text(line) for line in payload.splitlines())])


def show_audit(audit: Audit, view: View) -> str:
    """Return the answer first, then what was looked at, then everything that is wrong or open."""
    word, colour = _MARKS[audit.outcome]
    mark = f"\x1b[{colour};1m{word}\x1b[0m" if view.colour else word
    lines = [f"{mark}  {show_text(audit.says)}"]
    if audit.first_bad is not None:
        lines.append(f"  first bad entry: {audit.first_bad}")
    lines += [f"  {fault.damage.value}: {show_text(fault.says)}" for fault in audit.faults]
    lines += [f"  open: {show_text(question)}" for question in audit.open_questions]
    lines += [
        f"  log      {show_text(audit.origin)}",
        f"  sound    {audit.size} entries, root {audit.root}",
        f"  vouched  {audit.vouched_size} entries, by keys known here",
        f"  notes    {audit.checkpoints_count} checkpoints in the log, {audit.outside_count} outside it",
    ]
    lines += [f"  unknown key: {show_text(key)}" for key in audit.unknown_keys]
    return "\n".join(lines)


def show_proof(proof: Proof, _view: View) -> str:
    """Return what is proven, and the path."""
    document: dict[str, Any] = proof.document
    entry, path = document["entry"], document["path"]
    return "\n".join(
        [
            f"Entry {entry['seq']} ({show_text(entry['type'])}) is in the log of {document['size']} entries.",
            f"  leaf  {document['leaf']}",
            *(f"  path  {each}" for each in path),
            f"  root  {document['root']}",
            "With --format json this is a document that verify_bundle.py checks offline.",
        ]
    )


def show_checkpoint(shown: CheckpointShown, _view: View) -> str:
    """Return the signed note as it is, and the key to check it with."""
    return f"{shown.checkpoint.note}\nkey {shown.verifier_key}"


def show_export(exported: Exported, _view: View) -> str:
    """Say where the files are and how to check them."""
    verifier = exported.verifier or "verify_bundle.py"
    lines = [f"Wrote {exported.entries_count} entries ({exported.size_bytes} bytes) to {show_text(exported.file)}."]
    if exported.verifier:
        lines.append(f"Wrote the verifier to {show_text(exported.verifier)}; it needs nothing but Python.")
    return "\n".join([*lines, f"Check it with: python3 {show_text(verifier)} {show_text(exported.file)} --key KEY"])


def show_rebuild(rebuilt: Rebuilt, _view: View) -> str:
    """Say which tables were made again."""
    return f"Folded {rebuilt.events_count} events into {_listed(rebuilt.tables)}."


def _one_line(entry: Entry) -> str:
    at = format_instant(entry.at)
    return show_text(f"{entry.seq:>6}  {at}  {entry.type:<24} {entry.subject}  {_actor(entry)}")


def _actor(entry: Entry) -> str:
    behalf = f" for {entry.actor.on_behalf_of}" if entry.actor.on_behalf_of else ""
    return f"{entry.actor.kind.value} {entry.actor.id}{behalf}"


def _behind(entry: Entry) -> str:
    return f" (the clock stood {entry.clock_behind_ms} ms earlier)" if entry.clock_behind_ms else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "no table"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(width - 1, 1)] + "…"
