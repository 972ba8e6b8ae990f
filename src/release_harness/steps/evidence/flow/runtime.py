"""Asks the running framework for its entry points, and compares them with those that were read."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.errors import InputError
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.ports import RuntimeRegistry
from release_harness.steps.project.model import EntrySettings

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.entries.comparison import Comparison
    from release_harness.steps.evidence.impact.entries.contract import Framework


class RuntimeNeeds(Protocol):
    """What asking needs."""

    @property
    def runtime_registry(self) -> RuntimeRegistry:
        """Runs a dump in the project's interpreter."""
        ...


def runtime_comparison(
    needs: RuntimeNeeds,
    settings: EntrySettings,
    work_tree: str,
    entries: Sequence[EntryPoint],
    paths: Sequence[str],
    app: str = "",
) -> "Comparison":
    """Return how far the list that was read agrees with the framework; `app` stands instead of the one of the project file.

    `work_tree` must hold the very tree that was read. Raises InputError when nobody says which application to ask.
    """
    from release_harness.steps.evidence.impact.entries.comparison import compare, runtime_entries

    framework = _framework(settings.framework, entries)
    address = app or settings.app
    if not address and framework.name != "Django":
        raise InputError(
            code="APP_ADDRESS_MISSING",
            says=f"Nobody says which {framework.name} application to ask.",
            hint="Give `--app package.module:app`, or write `entries: {app: package.module:app}` into `.rh/project.yaml`.",
        )
    rows = needs.runtime_registry.dump(
        folder=f"{work_tree.rstrip('/')}/{settings.folder}".rstrip("/"),
        interpreter=settings.interpreter,
        app=address,
        source=framework.runtime_dump,
        env=dict(settings.env),
        time_limit=settings.time_limit,
    )
    return compare(entries, runtime_entries(rows), modules_by_path(paths, settings.folder))


def _framework(name: str, entries: Sequence[EntryPoint]) -> "Framework":
    """Return the adapter that asks: the one that is named, or the one with most entries among those that can."""
    from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS

    able = {each.name: each for each in FRAMEWORKS if each.runtime_dump}
    if name:
        found = next((each for key, each in able.items() if key.lower() == name.lower()), None)
        if found is None:
            raise InputError(
                code="FRAMEWORK_UNKNOWN",
                says=f"{show_text(name)!r} is no framework that can be asked.",
                hint=f"These can: {', '.join(sorted(able))}.",
            )
        return found
    counts = Counter("Django" if each.framework.startswith("Django") else each.framework for each in entries)
    for most, _ in counts.most_common():
        if most in able:
            return able[most]
    raise InputError(
        code="FRAMEWORK_UNKNOWN",
        says="No framework was found that can be asked for its entry points.",
        hint=f"Name it in `.rh/project.yaml` under `entries: framework`; these can: {', '.join(sorted(able))}.",
    )


def modules_by_path(paths: Sequence[str], folder: str = "") -> dict[str, str]:
    """Return the dotted name that each Python file is imported by, seen from the folder that the interpreter starts in."""
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    return {
        path: path.removeprefix(prefix)
        .removeprefix("src/")
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", ".")
        for path in paths
        if path.endswith(".py")
    }
