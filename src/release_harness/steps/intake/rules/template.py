"""The page that `rh brief new` writes: the headings, with comments that ask the questions."""

_ASKS: tuple[tuple[str, str], ...] = (
    ("Goal", "Who is helped, what changes for them, and why now? More than the title says."),
    ("Non-goals", "What will this not do, although somebody may expect it? One bullet each."),
    ("Principles", "What wins when things conflict? Such as: a late export is better than a wrong one."),
    (
        "Success signals",
        (
            "What will be seen when it worked? Each bullet names something to look at (a metric, event, log line or query)\n"
            "and how to tell (a number, a threshold, a time window). Such as: p95 of `POST /exports` below 800 ms for 7 days."
        ),
    ),
    (
        "Risks",
        (
            "What may nobody touch without a person, and what needs a sign-off? Each bullet names its owner:\n"
            "a person, a team or an @handle. When there is none, write `None: ` and the reason."
        ),
    ),
    (
        "Acceptance",
        (
            "What can anybody check before it ships? Each bullet is a check: a command and its result, given / when / then,\n"
            "a text that is shown. Such as: `GET /exports/1` returns 404 for another customer's export."
        ),
    ),
)
_OPTIONAL = (
    "Optional headings, take away what is not needed:\n"
    "Ship (who sees it first, behind which flag), Rollback (how it is taken back, and how long that takes),\n"
    "Watch (what is looked at after it shipped; else the success signals are)."
)


def write_template(title: str) -> str:
    """Return a new brief as Markdown; every section is a comment, so an untouched page has no substance."""
    parts = [f"# {title}\n"]
    parts += [f"## {heading}\n\n<!-- {asks} -->\n" for heading, asks in _ASKS]
    parts.append(f"<!-- {_OPTIONAL} -->\n")
    return "\n".join(parts)
