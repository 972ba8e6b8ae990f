"""How long a policy of many rules takes on a change of many files, beside two plain ways of doing the same.

    python benchmarks/bench_policy.py [--rules 500] [--files 5000] [--repeat 5] [--json FILE]

"cold" forgets every compiled pattern first, as a fresh command does; "warm" is the second decision of one process. The peers
match the same patterns against the same files and decide nothing: `fnmatch` from the standard library (no `**`, so its answers
differ; it is there for the time), and `pathspec`, when it is installed. CPU time is fairer than the clock on a busy machine. The goal is 500 rules on 5,000 files within a second.
"""

import argparse
import fnmatch
import gc
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from release_harness.kernel.facts import Known
from release_harness.policy import glob_patterns, globs, scene
from release_harness.policy.default_surfaces import path_set
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.digest import policy_digest
from release_harness.policy.glob_patterns import read_glob
from release_harness.policy.globs import compile_globs
from release_harness.policy.judge import judge
from release_harness.policy.model import FactTest, FilesTest, Operator, Policy, Quantifier, RaiseRule, Surface
from release_harness.policy.subject import FileOwners, Subject
from release_harness.policy.tier import assess_tier
from release_harness.testing.policies import NOW, QUIET, actor, green_run, subject

WORDS = [
    "api",
    "app",
    "auth",
    "billing",
    "cache",
    "client",
    "common",
    "config",
    "core",
    "cron",
    "data",
    "db",
    "docs",
    "events",
    "export",
    "feed",
    "flags",
    "forms",
    "gateway",
    "graph",
    "health",
    "http",
    "import",
    "index",
    "jobs",
    "kernel",
    "ledger",
    "mail",
    "model",
    "notify",
    "orders",
    "parser",
    "payment",
    "plan",
    "proxy",
    "queue",
    "report",
    "router",
    "schema",
    "search",
    "server",
    "service",
    "session",
    "shop",
    "stats",
    "store",
    "sync",
    "tasks",
    "theme",
    "token",
    "tools",
    "trace",
    "user",
    "view",
    "web",
    "worker",
]
ENDINGS = ("py", "ts", "tsx", "go", "java", "rb", "rs", "php", "md", "json", "yaml", "sql")


def main() -> None:
    """Measure, print the table, and write it as JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = measure(arguments.rules, arguments.files, arguments.repeat)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    print_table(rows, machine)
    if arguments.json:
        arguments.json.write_text(json.dumps({"schema": "bench.policy/1", "machine": machine, "rows": rows}, indent=2))


def measure(rules_count: int, files_count: int, repeat_count: int) -> list[dict[str, Any]]:
    """Return one row for each thing that was measured."""
    chance = random.Random(7)
    files = make_files(chance, files_count)
    mixed = make_policy(chance, rules_count, mixed_patterns)
    hardest = make_policy(chance, rules_count, hard_patterns)
    big = make_subject(files)
    what = f"{rules_count:,} rules x {files_count:,} files"
    rows = [
        row(f"tier, cold: {what}", lambda: assess_tier(mixed, big), repeat_count, forget, goal_seconds=1.0),
        row(f"tier, warm: {what}", lambda: assess_tier(mixed, big), repeat_count, goal_seconds=1.0),
        row(f"judgement, cold: {what}", lambda: judge_all(mixed, big), repeat_count, forget, goal_seconds=1.0),
        row(f"tier, cold, only floating wildcards: {what}", lambda: assess_tier(hardest, big), repeat_count, forget),
        row("judgement, cold: default policy x 20 files", default_judgement(files), repeat_count, forget),
        *peers(mixed, files, what),
    ]
    lines = path_set(*(owner_pattern(chance) for _ in range(2_500)))
    owned = files[:1_000]
    what = f"{len(lines.rules):,} lines x {len(owned):,} files"

    def last_line_of_each() -> list[int | None]:
        matcher = compile_globs(lines)
        return [matcher.deciding(path) for path in owned]

    rows.append(row(f"last matching line, cold: {what}", last_line_of_each, repeat_count, forget, goal_seconds=0.2))
    return rows


def row(
    name: str,
    work: Callable[[], object],
    repeat_count: int,
    prepare: Callable[[], None] = gc.collect,  # type: ignore[assignment]  # what it returns is not looked at
    *,
    goal_seconds: float | None = None,
) -> dict[str, Any]:
    """Run the work several times and keep the median and the best."""
    seconds: list[float] = []
    cpu_seconds: list[float] = []
    for _ in range(repeat_count):
        prepare()
        started, cpu_started = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu_started)
    return {
        "name": name,
        "median_seconds": statistics.median(seconds),
        "best_seconds": min(seconds),
        "cpu_median_seconds": statistics.median(cpu_seconds),
        "repeats_count": repeat_count,
        "goal_seconds": goal_seconds,
    }


def forget() -> None:
    """Forget every compiled pattern, so that the next decision is the first one."""
    globs.compile_globs.cache_clear()
    globs.index_paths.cache_clear()
    read_glob.cache_clear()
    glob_patterns._plain_segment.cache_clear()  # noqa: SLF001 - as below
    scene._path_sets.cache_clear()  # noqa: SLF001 - a cold start is what is measured
    gc.collect()


def peers(policy: Policy, files: Sequence[str], what: str) -> list[dict[str, Any]]:
    """Match the same patterns one rule after the other, as a first version would."""
    listed = [[rule.glob.text for rule in each.rules] for each in path_sets(policy)]

    def with_fnmatch() -> list[list[str]]:
        return [[path for path in files if any(fnmatch.fnmatchcase(path, each) for each in rule)] for rule in listed]

    rows = [row(f"peer fnmatch, patterns only: {what}", with_fnmatch, 1)]
    try:
        import pathspec
    except ImportError:
        return rows

    def with_pathspec() -> list[list[str]]:
        return [list(pathspec.PathSpec.from_lines("gitignore", rule).match_files(files)) for rule in listed]

    return [*rows, row(f"peer pathspec {pathspec.__version__}, patterns only: {what}", with_pathspec, 1)]


def path_sets(policy: Policy) -> list[Any]:
    """Return the path set of every rule."""
    return [
        *(surface.paths for surface in policy.surfaces),
        *(rule.when.paths for rule in policy.raise_rules if isinstance(rule.when, FilesTest)),
    ]


def make_files(chance: random.Random, count: int) -> tuple[str, ...]:
    """Make up the files of a large repository, two to six folders deep."""
    found: dict[str, None] = {}
    while len(found) < count:
        folders = chance.choices(WORDS, k=chance.randint(1, 5))
        name = f"{chance.choice(WORDS)}_{chance.choice(WORDS)}{chance.randint(0, 99)}.{chance.choice(ENDINGS)}"
        found["/".join([*folders, name])] = None
    return tuple(found)


def mixed_patterns(chance: random.Random) -> list[str]:
    """Return three patterns as people write them: folders, endings, names, wildcards in the middle."""
    one, two, three = chance.choices(WORDS, k=3)
    kinds = [
        f"{one}/**",
        f"{one}/{two}/",
        f"**/{one}/{two}/**",
        f"**/{one}_{two}*.{chance.choice(ENDINGS)}",
        f"{one}/**/*.{chance.choice(ENDINGS)}",
        f"{one}/{two}/{three}_*",
        f"**/*.{one}.{chance.choice(ENDINGS)}",
        f"/{one}/{two}/{three}.py",
        f"**/{one}[._-]{two}*",
    ]
    return chance.sample(kinds, k=3)


def owner_pattern(chance: random.Random) -> str:
    """Return one line as files of owners have them: four of five name a folder or a file."""
    if chance.random() < 0.2:
        return chance.choice(mixed_patterns(chance))
    folders = "/".join(chance.choices(WORDS, k=chance.randint(1, 4)))
    return chance.choice(
        [f"/{folders}/", f"{folders}/{chance.choice(WORDS)}.{chance.choice(ENDINGS)}", f"**/{folders}/"]
    )


def hard_patterns(chance: random.Random) -> list[str]:
    """Return three patterns that no table can look up."""
    one, two, three = chance.choices(WORDS, k=3)
    return [f"**/*{one}*{two}*", f"**/{one}*/**/{two}*", f"**/*[{three[0]}-z]{three[1:]}*.py"]


def make_policy(chance: random.Random, count: int, patterns: Callable[[random.Random], list[str]]) -> Policy:
    """Make a policy of which four fifths of the rules are surfaces and the rest raise by files or by a fact."""
    surfaces = tuple(
        Surface(name=f"s{index}", paths=path_set(*patterns(chance)), tier=chance.choice(DEFAULT_POLICY.tiers))
        for index in range(count * 4 // 5)
    )
    raise_rules = tuple(
        RaiseRule(
            id=f"r{index}",
            when=FilesTest(quantifier=Quantifier.ANY, paths=path_set(*patterns(chance)))
            if index % 2
            else FactTest(fact="change.lines", operator=Operator.GT, operand=index),
            tier="high",
        )
        for index in range(count - len(surfaces))
    )
    return Policy(
        tiers=DEFAULT_POLICY.tiers,
        default_tier="medium",
        surfaces=surfaces,
        raise_rules=raise_rules,
        requirements=DEFAULT_POLICY.requirements,
        evidence=DEFAULT_POLICY.evidence,
    )


def make_subject(files: tuple[str, ...]) -> Subject:
    """Make a change of these files by somebody known."""
    small = subject(author=actor("ana"))
    owners = tuple(FileOwners(path=path, owners=()) for path in files)
    facts = {name: Known(value=value, source="made up") for name, value in QUIET.items()}
    return Subject(
        files=files,
        listing_complete=True,
        facts=facts,
        authors=small.authors,
        requester=None,
        owners=owners,
        change=small.change,
        result_tree=small.result_tree,
        target=small.target,
    )


def judge_all(policy: Policy, judged: Subject) -> object:
    """Judge with a green test run and no approvals."""
    return judge(policy, policy_digest(policy), judged, (green_run(),), (), (), NOW)


def default_judgement(files: Sequence[str]) -> Callable[[], object]:
    """Return the judgement that a usual `rh check` makes."""
    usual = make_subject(tuple(files[:20]))
    return lambda: judge_all(DEFAULT_POLICY, usual)


def print_table(rows: Sequence[dict[str, Any]], machine: str) -> None:
    """Print one line for each row, in milliseconds."""
    width = max(len(each["name"]) for each in rows)
    print(f"On {machine}\n")
    print(f"{'':{width}}  {'median ms':>10}  {'best ms':>10}  {'CPU ms':>10}  {'goal ms':>8}")
    for each in rows:
        goal = f"{each['goal_seconds'] * 1000:8,.0f}" if each["goal_seconds"] else " " * 8
        times = f"{each['median_seconds'] * 1000:10,.1f}  {each['best_seconds'] * 1000:10,.1f}  {each['cpu_median_seconds'] * 1000:10,.1f}"
        print(f"{each['name']:{width}}  {times}  {goal}")


if __name__ == "__main__":
    main()
