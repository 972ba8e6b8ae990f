"""Takes a change to its branch: gather, decide, record what is intended, move the branch, record what happened."""

from release_harness.steps.merge.flow.land import LandOrder, land, list_landed
from release_harness.steps.merge.flow.needs import LandNeeds

__all__ = ["LandNeeds", "LandOrder", "land", "list_landed"]
