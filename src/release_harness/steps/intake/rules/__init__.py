"""What a brief says, and whether it says enough to be worked and judged by. Pure."""

from release_harness.steps.intake.rules.names import name_of_brief
from release_harness.steps.intake.rules.pages import parse_brief, split_items
from release_harness.steps.intake.rules.substance import judge_brief
from release_harness.steps.intake.rules.template import write_template

__all__ = ["judge_brief", "name_of_brief", "parse_brief", "split_items", "write_template"]
