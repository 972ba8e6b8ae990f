"""Facts are computed from a change and its evidence; each is known with its source or unknown with its reason."""

from collections.abc import Mapping

from release_harness.kernel.records import record

FactValue = bool | int | float | str | tuple[str, ...]


@record
class Known:
    """A fact with its value and how it was obtained."""

    value: FactValue
    source: str
    """`computed here`, `reported by CI: …`, `attached by …`; never a claim."""


@record
class Unknown:
    """A fact that nobody could compute, and why."""

    why: str


Fact = Known | Unknown
Facts = Mapping[str, Fact]


def look_up(facts: Facts, name: str) -> Fact:
    """Return the fact, or Unknown when nothing has computed it."""
    return facts.get(name, Unknown(why=f"nothing has computed {name}"))
