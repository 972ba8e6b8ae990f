"""What a mapper is asked for comes back as instances of the model: their methods are found, and no others."""

import pytest

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import Confidence

MODELS = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Team(db.Model):
    members = db.relationship("User", backref="team")
    def place(self): return 1
    @classmethod
    def find(cls, key): return cls.query.filter_by(id=key).first()
class User(db.Model):
    team = db.relationship("Team")
    def place(self): return 2
"""


def placed(body: str, models: str = MODELS) -> dict[str, Confidence]:
    """Return whose `place` a function runs, and how surely."""
    uses = "from sqlalchemy import select\nfrom django.shortcuts import get_object_or_404\nfrom models import *\n"
    side = view_sources({"models.py": models, "uses.py": f"{uses}def f(session, key):\n    {body}\n"})
    seeds = ["models.py:User.place", "models.py:Team.place"]
    found = side.graph.reaching(seeds, [Node("uses.py:f")])
    return {seed.rpartition(":")[2].partition(".")[0]: way.confidence for (_node, seed), way in found.items()}


@pytest.mark.parametrize(
    "body",
    [
        "User.query.filter_by(id=key).order_by('x').first_or_404().place()",
        "[each.place() for each in User.query.all()]",
        "session.query(User).filter(1).one().place()",
        "session.scalars(select(User).where(1)).first().place()",
        "session.execute(select(User)).scalar_one().place()",
        "session.scalar(select(User)).place()",
        "session.get(User, key).place()",
        "get_object_or_404(User, pk=key).place()",
        "[each.place() for each in Team.query.get(key).members]",
    ],
)
def test_a_row_is_an_instance_of_its_model(body: str) -> None:
    """Two models have a method of one name; only the one that was asked for runs."""
    assert placed(body) == {"User": Confidence.HIGH}


@pytest.mark.parametrize("body", ["User.query.first().team.place()", "Team.find(key).place()"])
def test_related_rows_and_finders_of_ones_own_lead_to_the_other_model(body: str) -> None:
    """A text names the model that stands further down in the file."""
    assert placed(body) == {"Team": Confidence.HIGH}


def test_a_manager_of_ones_own_gives_rows_of_the_same_model() -> None:
    """It inherits the methods that fetch."""
    models = (
        "from django.db import models\nclass Users(models.Manager):\n    def active(self): return self\n"
        "class User(models.Model):\n    objects = Users()\n    def place(self): return 1\n"
        "class Team(models.Model):\n    def place(self): return 1\n"
    )
    assert placed("Team.objects.filter(a=1).first().place()", models) == {"Team": Confidence.HIGH}


def test_get_with_one_argument_says_nothing() -> None:
    """`handlers.get(User)` looks something up by a class."""
    assert Confidence.HIGH not in placed("session.get(User).place()").values()
