"""A brief: one page that says what is wanted, what is not, and how anybody will know."""

from release_harness.kernel.records import record


@record
class Brief:
    """The six headings of a one-pager, as text."""

    id: str
    """File name without its ending; the trailer `Brief:` names it."""
    title: str
    goal: str
    non_goals: str
    principles: str
    success_signals: str
    risks: str
    acceptance: str
    ship: str = ""
    """Optional seventh heading `Ship`, or empty."""
    rollback: str = ""
    """Optional heading `Rollback`, or empty."""
    watch: str = ""
    """Optional heading `Watch`, or empty; else the success signals are watched."""
    path: str = ""
