"""Tests that bear on a change: what became of them, which were left out, and how good a selection was."""

from dataclasses import field

from release_harness.kernel.records import record


@record
class UrlLiteral:
    """An address that is written in a test file."""

    test: str
    """Qualified name of the function it stands in, as `TestItems.test_read`; empty for the file as a whole."""
    address: str
    """`GET /items/1`, or ` /items/1` where the method is not known; `{}` stands for a segment that is computed."""
    line: int


@record
class ReferringTest:
    """One test that surely leads to changed code by references alone."""

    test: str
    """As pytest names it: `tests/test_a.py::T::test_b`."""
    symbol: str
    """The changed symbol nearest to it."""
    hops_count: int


@record
class RelevantTest:
    """One test that bears on a change, and why rh thinks so."""

    id: str
    reasons: tuple[str, ...]
    """`traced`, `walks an affected entry`, `names its address GET /items`, `refers to shop/pricing.py:price_of`."""
    state: str
    """`run`, `failed`, `skipped`, `not run`."""
    new: bool = False
    why: str = ""
    """Why it was skipped."""


@record
class Relevance:
    """All tests that bear on a change."""

    tests: tuple[RelevantTest, ...]
    why_unknown: str = ""
    """Why nobody can tell which tests bear on it; then no count of it may be read as none."""


@record
class Selection:
    """Which tests are to be run for a change, and why."""

    ids: tuple[str, ...]
    """Ids as pytest takes them; empty when everything is run."""
    everything: bool
    because: tuple[str, ...]
    """Why everything is run, or how the ids were chosen; one sentence each."""
    known_count: int = 0
    """Tests that are known altogether."""


@record
class SelectionScore:
    """How well a selection would have done, told by a full run of the same content."""

    failed_count: int
    """Tests that failed in the full run."""
    caught_count: int
    """Those of them that had been selected."""
    selected_count: int
    known_count: int
    missed: tuple[str, ...] = ()

    @property
    def recall_ratio(self) -> float | None:
        """Share of failures that the selection holds; None when nothing failed, which shows nothing."""
        return self.caught_count / self.failed_count if self.failed_count else None


@record
class QuarantineAnswer:
    """What quarantine does to the tests of one run."""

    excused: tuple[str, ...] = ()
    """Failed tests that do not block today."""
    lapsed: tuple[str, ...] = ()
    """Failed tests whose quarantine has ended; they block."""
    unused: tuple[str, ...] = ()
    """Entries that match no test that ran."""
    blocking: tuple[str, ...] = field(default=())
    """Failed tests that block, those whose quarantine ended among them."""


@record
class Weakening:
    """One way in which a test says less than it said."""

    path: str
    test: str
    """`Class::test_name`; empty for the file as a whole."""
    kind: str
    """`deleted`, `removed assert`, `skipped`, `emptied`, `loosened`."""
    line: int
    """Line at head; at base for what is gone."""
    says: str
