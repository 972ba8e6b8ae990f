"""What all job queues share: jobs with their names, texts that send to them, schedules, and modules that no worker loads."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import FileView, HookEdge, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.loading import Loaded
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path, path_of
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    Use,
    decorator_uses,
    dotted_name,
    is_product,
    owner_data,
    registration,
    sure,
)
from release_harness.steps.evidence.impact.expressions import dotted, text_of, walk
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

SENDERS = re.compile(
    r"^(send|send_task|send_message|enqueue\w*|dispatch\w*|publish\w*|delay\w*|apply_async|signature|subtask|add_job|defer\w*"
    r"|trigger\w*|submit\w*|schedule\w*|queue\w*|kick\w*|call_task|run_task|start_task|async_task|si?|task|actor|emit\w*)$"
)
WRAPPER_WORDS = re.compile(r"task|job|actor|worker|periodic|schedule|cron|background")
WRAPPER_DEPTH_LIMIT = 4
TEXTS_LIMIT = 3


class Job(NamedTuple):
    """One function that a worker runs."""

    symbol: SymbolId
    name: str
    line: int
    kind: str = "task"
    known: bool = True
    """False when only a name told that it is a job."""
    registered_on: SymbolId = ""
    imported: bool = True
    """True when it exists only once its module is imported."""
    aliases: tuple[str, ...] = ()


def decorated_jobs(
    file: FileView, framework: str, names: Collection[str], name_keys: Sequence[str]
) -> Iterator[Registration]:
    """Yield the functions and classes with a decorator of one of the names; whose decorator it is, is decided when all is known."""
    for use in decorator_uses(file, names):
        if use.symbol is not None and use.symbol.kind != "class":
            yield registration(framework, "decorated", file, use, job_data(file, use, name_keys))


def wrapped_jobs(
    file: FileView, framework: str, names: Collection[str], name_keys: Sequence[str]
) -> Iterator[Registration]:
    """Yield the functions whose decorator is the repository's own and named like one of a job queue."""
    for name in index_of(file.facts).decorations:
        if name not in names and WRAPPER_WORDS.search(name):
            for use in decorator_uses(file, (name,)):
                if use.symbol is not None and use.symbol.kind != "class" and use.callee.symbol:
                    yield registration(framework, "wrapped", file, use, job_data(file, use, name_keys))


def job_data(file: FileView, use: Use, name_keys: Sequence[str]) -> dict[str, Any]:
    """Return what is kept of a decorated function."""
    name = ""
    if use.call is not None:
        name = next((text for key in name_keys if (text := text_of(use.call[3].get(key)))), "")
    return owner_data(use) | {
        "symbol": file.id_of(use.symbol) if use.symbol else "",
        "name": name,
        "method": use.method,
        "callee": use.callee.symbol or use.callee.external,
        "keywords": sorted(use.call[3]) if use.call else [],
    }


def sends(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the calls that hand a text to something named like a sender; which texts are jobs is known later."""
    for name, sites in index_of(file.facts).calls.items():
        if not SENDERS.match(name):
            continue
        for site in sites:
            texts = [each[1] for each in site.call[2][:TEXTS_LIMIT] if each[0] == "s" and each[1]]
            texts += [
                text
                for key in ("name", "task", "func", "actor_name", "job")
                if (text := text_of(site.call[3].get(key)))
            ]
            if texts:
                yield Registration(framework, "send", file.id_of(site.scope), site.call[4], {"texts": texts})


def sent_edges(found: Iterable[Registration], jobs: Iterable[Job], program: ProgramView) -> Iterator[HookEdge]:
    """Yield an asynchronous edge from each sender to the job whose name it says."""
    by_name: dict[str, SymbolId] = {}
    for job in jobs:
        for name in (job.name, dotted_name(program, job.symbol), *job.aliases):
            by_name.setdefault(name, job.symbol)
    for each in found:
        if each.kind == "send" and not is_test_path(path_of(each.scope)):
            for text in each.data["texts"]:
                target = by_name.get(text)
                if target is not None:
                    yield HookEdge(
                        each.scope, target, Confidence.MEDIUM, f"sends to {text} by name", each.line, asynchronous=True
                    )


def leads_to(program: ProgramView, symbol: SymbolId, wanted: Sequence[str], depth: int = 0) -> bool:
    """Tell whether a decorator of the repository hands on to one of a library: it calls or decorates with it, or is made of it."""
    if depth > WRAPPER_DEPTH_LIMIT or not symbol:
        return False
    if program.is_a(symbol, *wanted):
        return True
    facts = program.symbol(symbol)
    expressions = [each.expr for each in Objects(program).definitions(symbol)] if facts is None else []
    scopes = [symbol.rpartition(":")[0] + ":"] * len(expressions)
    for name in _with_inner(program, symbol) if facts is not None else ():
        inner = program.symbol(name)
        for value in [*(each.value for each in inner.body), *inner.decorators] if inner else ():
            if value is not None:
                expressions.append(value)
                scopes.append(name)
    for scope, expression in zip(scopes, expressions, strict=True):
        for each in walk(expression):
            function = each[1] if each[0] == "c" else each
            if function[0] in {"n", "a"} and _is_wanted(program, scope, function, wanted, symbol, depth):
                return True
    return False


def _is_wanted(
    program: ProgramView, scope: SymbolId, function: list[Any], wanted: Sequence[str], origin: SymbolId, depth: int
) -> bool:
    found = program.resolve(scope, function)
    if found.external in wanted or (not found.known and dotted(function) in wanted):
        return True
    if function[0] == "a":
        owner = program.resolve(scope, function[1])
        if owner.type and f"{owner.type}.{function[2]}" in wanted:
            return True
    other = found.symbol
    if other and program.is_a(other, *wanted):
        return True
    return (
        bool(other)
        and other != origin
        and bool(WRAPPER_WORDS.search(other.rpartition(":")[2]))
        and leads_to(program, other, wanted, depth + 1)
    )


def _with_inner(program: ProgramView, symbol: SymbolId) -> Iterator[SymbolId]:
    path, _, qualname = symbol.rpartition(":")
    view = program.view(path)
    for each in view.facts.symbols if view else ():
        if each.qualname == qualname or each.qualname.startswith(f"{qualname}."):
            yield f"{path}:{each.qualname}"


def entries_of(maker: Maker, jobs: Iterable[Job], loaded: Loaded | None = None) -> Iterator[EntryPoint]:
    """Yield an entry for each job outside of tests; a job of a module that nothing loads is not mounted."""
    seen: set[tuple[str, str]] = set()
    for job in jobs:
        if is_test_path(path_of(job.symbol)) or (job.kind, job.name) in seen:
            continue
        seen.add((job.kind, job.name))
        mounted, why = loaded.state(path_of(job.symbol)) if loaded and job.imported else (True, "")
        yield maker.entry(
            job.kind,
            job.name,
            job.symbol,
            job.line,
            mounted=mounted,
            why_not_mounted=why,
            registered_on=job.registered_on,
            confidence=sure(known=job.known),
        )


def jobs_of(
    program: ProgramView, found: Iterable[Registration], is_own: Callable[[dict[str, Any]], bool], wanted: Sequence[str]
) -> Iterator[Job]:
    """Yield the decorated functions whose decorator is the library's own or a wrapper of the repository around it."""
    wrappers: dict[str, bool] = {}
    for each in found:
        if each.kind not in {"decorated", "wrapped"} or not is_product(path_of(each.scope)):
            continue
        data = each.data
        callee = data["callee"]
        known = is_own(data)
        if not known and ":" in callee:
            if callee not in wrappers:
                wrappers[callee] = leads_to(program, callee, wanted)
            known = wrappers[callee]
        if known:
            name = data["name"] or dotted_name(program, data["symbol"])
            yield Job(data["symbol"], name, each.line, registered_on=data["on"] or (callee if ":" in callee else ""))


def of_types(program: ProgramView, type_: str, types: Sequence[str]) -> bool:
    """Tell whether a type is one of a library's or a class of the repository that inherits from one."""
    return type_ in types or (":" in type_ and program.is_a(type_, *types))
