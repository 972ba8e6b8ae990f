"""Jobs of Rails: what they are, who enqueues them, when they are scheduled, and what is put around every request."""

import re
from collections.abc import Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import HookEdge, ProgramView
from release_harness.steps.evidence.impact.entries.plain_yaml import leaves
from release_harness.steps.evidence.impact.entries.rails_controllers import settings_of
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

ENQUEUES = frozenset(
    {"perform_later", "perform_async", "perform_in", "perform_at", "perform_bulk", "perform_all_later"}
)
_SCHEDULES = ("config/recurring.yml", "config/schedule.yml", "config/sidekiq_cron.yml")
_WHEN = ("schedule", "cron", "every")
_COMMAND = re.compile(r"""["']?(?P<owner>[A-Z]\w*(?:::[A-Z]\w*)*)(?:\.new\([^()]*\))?\.(?P<name>[a-z_]\w*[!?]?)""")


def work_of(names: Names, owner: SymbolId) -> SymbolId:
    """Return the method that a job runs."""
    found = names.find_member(owner, "perform")
    return f"{found}.perform" if found else owner


def enqueued(names: Names, scope: SymbolId, call: Expr) -> Iterator[SymbolId]:
    """Yield the jobs that a call enqueues: `Job.set(…).perform_later`, or those made in `perform_all_later`'s method."""
    word = str(call[1][-1])
    if word == "perform_all_later":
        symbol = names.symbol(scope)
        for statement in symbol.body if symbol is not None else ():
            for each in walk(statement.value):
                if each[0] == "c" and each[1][0] == "a" and each[1][2] == "new":
                    made = names.resolve(scope, each[1][1]).symbol
                    if made and names.find_member(made, "perform"):
                        yield made
        return
    if call[1][0] != "a":
        return
    base = call[1][1]
    while base[0] == "c" and base[1][0] == "a" and base[1][2] == "set":
        base = base[1][1]
    found = names.resolve(scope, base)
    owner = found.type or found.symbol
    if owner and names.find_member(owner, "perform"):
        yield owner


def enqueuing_edges(names: Names, calls: Sequence[tuple[SymbolId, int, Expr]]) -> Iterator[HookEdge]:
    """Yield an edge from whoever enqueues a job to what it does later."""
    for scope, line, call in calls:
        for owner in dict.fromkeys(enqueued(names, scope, call)):
            yield HookEdge(scope, work_of(names, owner), Confidence.HIGH, "enqueues", line, asynchronous=True)


def setting_edges(names: Names, owner: SymbolId) -> Iterator[HookEdge]:
    """Yield an edge from what a job does to each line of its class that says how."""
    for each in settings_of(names, owner):
        yield HookEdge(work_of(names, owner), each.symbol, Confidence.HIGH, "is set up by", int(each.call[4]))


def schedules(names: Names, program: ProgramView, framework: str) -> Iterator[EntryPoint]:
    """Yield what a file of recurring jobs starts, by class or by command."""
    table = names.packages.table("ruby")
    for path in sorted(each for each in program.all_paths if each.endswith(_SCHEDULES)):
        rows: dict[tuple[str, ...], dict[str, tuple[str, int]]] = {}
        for leaf in leaves(program.read_text(path)):
            rows.setdefault(leaf.keys[:-1], {})[leaf.keys[-1]] = (leaf.value.strip("\"'"), leaf.line)
        for keys, values in rows.items():
            when = next((values[each][0] for each in _WHEN if each in values), "")
            named, line = values.get("class") or values.get("job") or values.get("command") or ("", 0)
            handler = _handler(names, table, named) if when and keys else ""
            if handler:
                yield EntryPoint(
                    kind="schedule",
                    name=f"{keys[-1]} {when}",
                    framework=framework,
                    handler=handler,
                    path=path,
                    line=line,
                )


def _handler(names: Names, table: dict[str, str], named: str) -> SymbolId:
    owner = table.get(named.replace("::", "."), "")
    if owner:
        return work_of(names, owner)
    said = _COMMAND.match(named)
    owner = table.get(said["owner"].replace("::", "."), "") if said is not None else ""
    definer = names.find_member(owner, said["name"]) if said is not None and owner else ""
    return f"{definer}.{said['name']}" if said is not None and definer else ""
