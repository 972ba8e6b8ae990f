"""How are the tests of a package.json run?"""

import json
import re
from collections.abc import Iterable, Mapping

from release_harness.steps.project.model.init import TestProposal

JUNIT = "{reports}/junit.xml"


def find_node_tests(manifests: Mapping[str, str], paths: frozenset[str]) -> TestProposal | None:
    """Return how the script `test` of package.json is run, with reports where its runner can write them."""
    package = _read_json(manifests.get("package.json", ""))
    scripts = package.get("scripts")
    script = scripts.get("test", "") if isinstance(scripts, dict) else ""
    if not isinstance(script, str) or not script or "no test specified" in script:
        return None
    manager, install = _node_manager(paths)
    used = {name for key in ("dependencies", "devDependencies") for name in _names(package.get(key))}
    extra, junit, coverage, notes = _node_reports(script, used)
    # npm and pnpm need `--` before what is meant for the script; yarn and bun hand it on as it is.
    dashes = ("--",) if extra and manager in ("npm", "pnpm") else ()
    return TestProposal(
        runner=f"{manager} test",
        because=f"the script `test` in package.json: {script[:80]}",
        commands=(install, (manager, *(("run",) if manager == "bun" else ()), "test", *dashes, *extra)),
        junit=junit,
        coverage=coverage,
        notes=notes,
    )


def _node_manager(paths: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    if "pnpm-lock.yaml" in paths:
        return "pnpm", ("pnpm", "install", "--frozen-lockfile")
    if "yarn.lock" in paths:
        return "yarn", ("yarn", "install", "--immutable" if ".yarnrc.yml" in paths else "--frozen-lockfile")
    if paths & {"bun.lock", "bun.lockb"}:
        return "bun", ("bun", "install", "--frozen-lockfile")
    return "npm", ("npm", "ci" if "package-lock.json" in paths else "install")


def _node_reports(
    script: str, used: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return further arguments, JUnit globs, coverage globs and notes for the runner that the script starts."""
    words = re.split(r"\s+", script.strip())
    runner = next((word for word in words if word in ("jest", "vitest", "mocha")), "")
    if any(mark in script for mark in ("&&", "||", ";", "|")) or not runner:
        return (), (), (), ("Results of single tests stay unknown: let the runner write JUnit XML into {reports}.",)
    if runner == "vitest":
        extra: tuple[str, ...] = ("--run", "--reporter=default", "--reporter=junit", f"--outputFile.junit={JUNIT}")
        if used & {"@vitest/coverage-v8", "@vitest/coverage-istanbul"}:
            extra += ("--coverage.enabled", "--coverage.reporter=lcov", "--coverage.reportsDirectory={reports}")
            return extra, (JUNIT,), ("{reports}/lcov.info",), ()
        return extra, (JUNIT,), (), ("Coverage of changed lines stays unknown: install @vitest/coverage-v8.",)
    if runner == "jest":
        extra = ("--ci", "--coverage", "--coverageReporters=lcovonly", "--coverageDirectory={reports}")
        if "jest-junit" in used:
            return (
                (*extra, "--reporters=default", "--reporters=jest-junit"),
                ("junit.xml",),
                ("{reports}/lcov.info",),
                (),
            )
        notes = ("Results of single tests stay unknown: install jest-junit and add `--reporters=jest-junit`.",)
        return extra, (), ("{reports}/lcov.info",), notes
    extra = ("--reporter", "xunit", "--reporter-option", f"output={JUNIT}")
    return (
        extra,
        (JUNIT,),
        (),
        ("Coverage of changed lines stays unknown: run mocha under c8 or nyc with an lcov report.",),
    )


def _read_json(text: str) -> dict[str, object]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _names(value: object) -> Iterable[str]:
    return [str(name) for name in value] if isinstance(value, dict) else []
