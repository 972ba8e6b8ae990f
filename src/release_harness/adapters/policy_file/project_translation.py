"""Turns `.rh/project.yaml` into a ProjectFile, and says everything that is wrong with it at once."""

import re
from collections.abc import Iterable
from datetime import date

from release_harness.adapters.policy_file.conditions import read_paths
from release_harness.adapters.policy_file.entry_translation import read_entry_patterns, read_entry_settings
from release_harness.adapters.policy_file.project_shapes import ProjectShape, TestShape
from release_harness.adapters.policy_file.shape_reader import Faults, items, read_shape
from release_harness.adapters.policy_file.yaml_tree import Trail, read_yaml
from release_harness.kernel.paths import show_text
from release_harness.steps.project.model import LandSettings, ProjectFile, Quarantine, TestSettings

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRANCH = re.compile(r"(?!-)(?!.*(\.\.|@\{|//|\.lock$|/$))[^\s~^:?*\[\\\x00-\x1f\x7f]+")
_REMOTE = re.compile(r"(?!-)[A-Za-z0-9._/-]+")


def translate_project(text: bytes, source: str) -> ProjectFile:
    """Read a project file; raises InputError with every fault."""
    tree = read_yaml(text, source)
    faults = Faults.of(tree)
    shape = read_shape(ProjectShape, tree, faults)
    project = _translate(shape, source, faults) if shape else None
    faults.raise_if_any()
    assert project is not None  # noqa: S101 - a shape that could not be read left a fault
    return project


def _translate(shape: ProjectShape, source: str, faults: Faults) -> ProjectFile:
    if shape.default_branch and not _BRANCH.fullmatch(shape.default_branch):
        faults.add(("default_branch",), f"{show_text(shape.default_branch)!r} is no name of a branch.")
    if shape.land.remote and not _REMOTE.fullmatch(shape.land.remote):
        faults.add(("land", "remote"), f"{show_text(shape.land.remote)!r} is no name of a remote.")
    migrations = shape.migrations or ()
    for place, written in items(migrations, ("migrations",)):
        if written.startswith("!"):
            faults.add(place, "A migration folder is not taken out here.", expected="a glob without `!`")
    read_paths(migrations, ("migrations",), faults)
    return ProjectFile(
        default_branch=shape.default_branch,
        test=_read_test(shape.test, faults),
        land=LandSettings(method=shape.land.method, remote=shape.land.remote),
        migrations=migrations,
        entries=read_entry_settings(shape.entries, faults),
        entry_points=read_entry_patterns(shape.entry_points, faults),
        source=source,
    )


def _read_test(shape: TestShape, faults: Faults) -> TestSettings:
    defaults = TestSettings()
    for place, command in items(shape.commands, ("test", "commands")):
        if not command:
            faults.add(place, "The command is empty.", expected='an argument list such as `["pytest", "-q"]`')
    for name in shape.env:
        if not _VARIABLE.fullmatch(name):
            faults.add(("test", "env", name), f"{show_text(name)!r} is no name of a variable.", key=True)
    if shape.time_limit is not None and not shape.time_limit:
        faults.add(("test", "time_limit"), "The time limit is zero.", expected="a duration such as 30m")
    junit = defaults.junit if shape.junit is None else shape.junit
    _blame_escapes(junit, ("test", "junit"), faults)
    _blame_escapes(shape.coverage, ("test", "coverage"), faults)
    return TestSettings(
        commands=shape.commands,
        list_command=shape.list_command,
        env=tuple(shape.env.items()),
        time_limit=shape.time_limit or defaults.time_limit,
        reruns_count=shape.reruns_count,
        junit=junit,
        coverage=shape.coverage,
        quarantine=_read_quarantine(shape, faults),
    )


def _read_quarantine(shape: TestShape, faults: Faults) -> tuple[Quarantine, ...]:
    found = []
    for place, each in items(shape.quarantine, ("test", "quarantine")):
        if faults.within(place):
            continue
        try:
            until = date.fromisoformat(each.until)
        except ValueError:
            faults.add((*place, "until"), f"{show_text(each.until)!r} is no day.", expected="a day such as 2026-03-31")
            continue
        found.append(Quarantine(test=each.test, until=until, reason=each.reason))
    return tuple(found)


def _blame_escapes(globs: Iterable[str], trail: Trail, faults: Faults) -> None:
    """Reports are looked for in the clean work tree and in the folder of reports, never anywhere else."""
    for place, written in items(globs, trail):
        if written.startswith("/") or ".." in written.split("/"):
            faults.add(place, f"{show_text(written)!r} leads out of the work tree.", expected="a glob inside of it")
