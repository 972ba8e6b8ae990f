"""What should the rule files of a repository say, and what do those that are there leave out?"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from release_harness.kernel.identity import ActorKind
from release_harness.policy.default_surfaces import DEFAULT_SURFACES
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.globs import compile_globs, index_paths
from release_harness.policy.identities import identify
from release_harness.policy.model import Glob, PathRule, PathSet
from release_harness.steps.project.model import Committer
from release_harness.steps.project.model.init import (
    PersonProposal,
    PresentRules,
    Proposal,
    RepositoryFacts,
    SurfaceProposal,
)
from release_harness.steps.project.rules.codeowners import CODEOWNERS_PATHS
from release_harness.steps.project.rules.languages import languages_of, own_paths
from release_harness.steps.project.rules.test_commands import find_tests

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_NOREPLY = re.compile(r"(?:\d+\+)?(?P<login>[A-Za-z0-9-]+)@users\.noreply\.github\.com")
_MIGRATION_FOLDERS = frozenset({"migrations", "migration", "migrate", "alembic", "flyway", "liquibase"})
_TEST_FOLDERS = frozenset({"test", "tests", "testdata", "fixtures", "spec", "specs", "examples", "docs", "doc"})
_MIGRATIONS_LIMIT_COUNT = 20
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ALIKE_LIMIT_COUNT = 4
"""More folders of one name are written as one pattern."""


def propose(facts: RepositoryFacts, present: PresentRules) -> Proposal:
    """Return what the rule files should say; people, agents and teams that a person wrote down are kept."""
    # The rule files themselves are left out, so that writing them changes nothing in what they should say.
    paths = [path for path in own_paths(facts.paths) if path.isprintable() and not path.startswith(".rh/")]
    surfaces = _surfaces(paths)
    kept = present.policy
    return Proposal(
        languages=languages_of(facts.paths),
        tests=find_tests(facts),
        default_branch=facts.history.default_branch,
        codeowners=next((path for path in CODEOWNERS_PATHS if path in set(facts.paths)), ""),
        migrations=_migrations(paths),
        ci_files=tuple(
            path for each in surfaces if each.surface.name == "harness" for path in each.files if _is_ci(path)
        ),
        surfaces=surfaces,
        people=_people(facts.history.committers),
        agents=(),
        commits_count=facts.history.commits_count,
        confirmed_people=kept.people if kept else (),
        confirmed_agents=kept.agents if kept else (),
        confirmed_teams=kept.teams if kept else (),
    )


def find_gaps(proposal: Proposal, present: PresentRules) -> tuple[str, ...]:
    """Return what the files that are there leave out or say wrongly, one sentence each."""
    return (*present.faults, *_policy_gaps(proposal, present), *_project_gaps(proposal, present))


def remarks_on(proposal: Proposal) -> tuple[str, ...]:
    """Return what a person should know before the files are committed."""
    said = []
    if not proposal.confirmed_people:
        said.append("No person is confirmed yet: open .rh/policy.yaml and take the `#` off the people that you know.")
    if proposal.solo:
        said.append(
            "One person wrote everything that history shows. From medium up the policy asks for somebody else; "
            "see the remark at `require`."
        )
    if not proposal.tests:
        said.append("No way to run tests was found: name one in .rh/project.yaml, or tests stay unknown.")
    said += [note for test in proposal.tests for note in test.notes]
    where = f" to {proposal.default_branch}" if proposal.default_branch else ""
    said.append(f"Read both files, then commit them{where}: rules count from the commit that a change starts from.")
    return tuple(said)


def _surfaces(paths: Sequence[str]) -> tuple[SurfaceProposal, ...]:
    """Split the files over the built-in surfaces; one without files is proposed too, since files may come."""
    split = index_paths(tuple(each.paths for each in DEFAULT_SURFACES)).split(paths)
    found = [SurfaceProposal(surface=each, files=files) for each, files in zip(DEFAULT_SURFACES, split, strict=True)]
    return tuple(found)


def _is_ci(path: str) -> bool:
    return not path.endswith("CODEOWNERS")


def _migrations(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the outermost folders of migrations as globs; many of one name become one pattern."""
    folders: dict[str, None] = {}
    for path in paths:
        parts = path.split("/")[:-1]
        for depth, part in enumerate(parts):
            if part in _TEST_FOLDERS:
                break
            if part.lower() in _MIGRATION_FOLDERS:
                folders["/".join(parts[: depth + 1])] = None
                break
    counted = Counter(folder.rpartition("/")[2] for folder in folders)
    many = {name for name, count in counted.items() if count > _ALIKE_LIMIT_COUNT}
    globs = {f"**/{_escape(name)}/**" for name in many}
    globs |= {f"{_escape(folder)}/**" for folder in folders if folder.rpartition("/")[2] not in many}
    return tuple(sorted(globs)[:_MIGRATIONS_LIMIT_COUNT])


def _escape(path: str) -> str:
    return re.sub(r"([*?\[\]!#{}\\])", r"\\\1", path)


def _people(committers: Sequence[Committer]) -> tuple[PersonProposal, ...]:
    """Group who wrote commits by their names; well-known agents are left out, the rest a person must confirm."""
    grouped: dict[str, list[Committer]] = {}
    for each in committers:
        agent = identify(DEFAULT_POLICY, each.name, each.email).kind is ActorKind.AGENT
        if not agent and _EMAIL.fullmatch(each.email) and (each.name + each.email).isprintable():
            grouped.setdefault(each.name.casefold() or each.email, []).append(each)
    taken: set[str] = set()
    people = sorted(grouped.values(), key=_seen, reverse=True)
    return tuple(_person(group, taken) for group in people)


def _seen(group: Sequence[Committer]) -> tuple[float, int]:
    """Rank by the newest commit, then by how many there are; whoever approves next was probably here last."""
    return _last_at(group).timestamp(), sum(each.commits_count for each in group)


def _last_at(group: Sequence[Committer]) -> datetime:
    return max((each.last_at for each in group if each.last_at is not None), default=_LONG_AGO)


def _person(group: Sequence[Committer], taken: set[str]) -> PersonProposal:
    name = group[0].name or group[0].email
    logins = [found["login"] for each in group if (found := _NOREPLY.fullmatch(each.email))]
    emails = [each.email for each in group if not _NOREPLY.fullmatch(each.email)]
    return PersonProposal(
        id=_free_id(name, group[0].email, taken),
        name=name,
        emails=tuple(dict.fromkeys(emails)),
        logins=tuple(dict.fromkeys(logins)),
        commits_count=sum(each.commits_count for each in group),
        last_at=None if _last_at(group) == _LONG_AGO else _last_at(group),
    )


def _free_id(name: str, email: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    word = word or re.sub(r"[^a-z0-9]+", "-", email.partition("@")[0].lower()).strip("-") or "person"
    candidate, number = word, 1
    while candidate in taken:
        number += 1
        candidate = f"{word}-{number}"
    taken.add(candidate)
    return candidate


def _policy_gaps(proposal: Proposal, present: PresentRules) -> Iterator[str]:
    policy = present.policy
    if policy is None:
        return
    covered = index_paths(tuple(each.paths for each in policy.surfaces))
    for each in proposal.surfaces:
        open_files = [path for path in each.files if not any(True for _ in covered.matching(path))]
        if open_files:
            more = f" and {len(open_files) - 1} more" if len(open_files) > 1 else ""
            verb = "look" if more else "looks"
            yield f"{open_files[0]}{more} {verb} like the surface {each.surface.name}, and no surface of the policy has it."
    if not policy.people:
        yield "The policy lists no people, so no approval can count."


def _project_gaps(proposal: Proposal, present: PresentRules) -> Iterator[str]:
    project = present.project
    if project is None:
        return
    named, real = project.default_branch, proposal.default_branch
    if named and real and named != real:
        yield f"The project file calls {named} the default branch; the repository has {real}."
    if not project.test.commands and proposal.tests:
        yield f"The project file has no test command; {proposal.tests[0].runner} was found ({proposal.tests[0].because})."
    listed = PathSet(rules=tuple(PathRule(glob=Glob(text=text)) for text in project.migrations))
    for glob in proposal.migrations:
        inside = glob.removeprefix("**/").removesuffix("**") + "0001"
        if not (listed.rules and compile_globs(listed).matches(inside)):
            yield f"The migrations of {glob} are not listed in the project file."
