"""A brief: one page that says what is wanted, what is not, and how anybody will know."""

from release_harness.kernel.records import record

BRIEFS_FOLDER = ".rh/briefs"
MOST_BRIEF_BYTES = 64 * 1024
"""A one-pager has a few kilobytes; what is larger is not read."""

HEADINGS: tuple[tuple[str, str], ...] = (
    ("goal", "Goal"),
    ("non_goals", "Non-goals"),
    ("principles", "Principles"),
    ("success_signals", "Success signals"),
    ("risks", "Risks"),
    ("acceptance", "Acceptance"),
)
"""Field and heading of the six parts that every brief has."""
OPTIONAL_HEADINGS: tuple[tuple[str, str], ...] = (("ship", "Ship"), ("rollback", "Rollback"), ("watch", "Watch"))


@record
class BriefProblem:
    """Something about the file itself that keeps it from being read as a brief."""

    line: int
    """Counted from 1; 0 when it is about the whole file."""
    says: str
    wanted: str = ""


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
    places: tuple[tuple[str, int], ...] = ()
    """Field and the line on which its text starts (its heading when it is empty)."""
    problems: tuple[BriefProblem, ...] = ()

    def line_of(self, field: str) -> int:
        """Return the line on which the text of a field starts, 0 when the file does not have it."""
        return dict(self.places).get(field, 0)


@record
class Item:
    """One bullet, numbered point or paragraph of a section."""

    text: str
    line: int
