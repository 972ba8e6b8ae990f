"""Reads `.rh/policy.yaml`, `.rh/project.yaml` and policy test cases; every fault is reported at once, with its place.

PyYAML and pydantic are imported when a file is read, so that a repository without these files pays nothing for them.
"""

from collections.abc import Mapping
from typing import Any

from release_harness.policy.model import Policy
from release_harness.steps.project.model import PolicyCase, ProjectFile


class PolicyFileReader:
    """Implements the PolicyReader port."""

    def read_policy(self, text: bytes, source: str) -> Policy:
        """Read `.rh/policy.yaml`; raises InputError with every fault."""
        from release_harness.adapters.policy_file.policy_translation import translate_policy

        return translate_policy(text, source)

    def read_project(self, text: bytes, source: str) -> ProjectFile:
        """Read `.rh/project.yaml`; raises InputError with every fault."""
        from release_harness.adapters.policy_file.project_translation import translate_project

        return translate_project(text, source)

    def read_cases(self, text: bytes, source: str) -> tuple[PolicyCase, ...]:
        """Read the cases of `rh policy test`; raises InputError with every fault."""
        from release_harness.adapters.policy_file.case_translation import translate_cases

        return translate_cases(text, source)

    def places(self, text: bytes, source: str) -> dict[str, tuple[int, int]]:
        """Return line and column by path; a rule of a list is found by its id as well."""
        from release_harness.adapters.policy_file.yaml_tree import name_places, read_yaml

        return name_places(read_yaml(text, source))


def schemas() -> Mapping[str, dict[str, Any]]:
    """Return the JSON Schemas for editors by file name, such as `policy.schema.json`."""
    from release_harness.adapters.policy_file.json_schema import json_schemas

    return json_schemas()


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of `.rh/policy.yaml`."""
    return schemas()["policy.schema.json"]


def project_schema() -> dict[str, Any]:
    """Return the JSON Schema of `.rh/project.yaml`."""
    return schemas()["project.schema.json"]
