"""Serverless functions: Lambda by serverless.yml, SAM, CDK, Terraform or Zappa, Chalice, Powertools, Google and Azure functions."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.plain_yaml import Leaf, below, leaves
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    call_uses,
    decorator_uses,
    kind_of,
    owner_data,
    product,
    registration,
    texts_in,
)
from release_harness.steps.evidence.impact.expressions import argument, text_of
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

CHALICE = {"route": "http", "schedule": "schedule", "on_sqs_message": "consumer", "on_sns_message": "consumer", "on_s3_event": "consumer",
           "lambda_function": "serverless", "on_cw_event": "schedule", "on_kinesis_record": "consumer", "authorizer": "serverless",
           "on_ws_message": "websocket", "on_ws_connect": "websocket", "on_dynamodb_record": "consumer"}  # fmt: skip
GOOGLE = frozenset({"http", "cloud_event", "background_event", "typed"})
AZURE = {"route": "http", "timer_trigger": "schedule", "schedule": "schedule", "queue_trigger": "consumer", "blob_trigger": "consumer",
         "service_bus_queue_trigger": "consumer", "service_bus_topic_trigger": "consumer", "event_hub_message_trigger": "consumer",
         "cosmos_db_trigger": "consumer", "event_grid_trigger": "consumer", "activity_trigger": "task",
         "orchestration_trigger": "task", "function_name": "serverless"}  # fmt: skip
VERBS = ("get", "post", "put", "patch", "delete", "head")
RESOLVERS = ("aws_lambda_powertools.event_handler",)
_HANDLER = re.compile(r"[\w./-]+[.:][A-Za-z_]\w*")
_BAD = re.compile(r"(^|/)\.\.(/|$)|^/")


class Function(NamedTuple):
    """One function that a configuration names."""

    name: str
    handler: str
    path: str
    line: int
    events: tuple[tuple[str, str], ...]
    """(kind, name) of what starts it."""
    base: str = ""
    """Folder that the handler is relative to."""


class Serverless:
    """The adapter of serverless functions."""

    name = "serverless"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""
    whole_tree = True

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return decorated functions and the handlers that CDK code names."""
        for use in decorator_uses(file, sorted({*CHALICE, *GOOGLE, *AZURE, *VERBS})):
            kind = _kind(use.method, kind_of(use.owner), use.callee.external)
            if use.symbol is None or not kind:
                continue
            said = [text_of(argument(use.call, 0)) or ""] if use.call else []
            if use.call:
                said += [
                    text
                    for key in ("route", "queue", "topic", "schedule", "queue_name")
                    for text in texts_in(use.call[3].get(key))
                ]
            data = owner_data(use) | {
                "symbol": file.id_of(use.symbol),
                "kind": kind,
                "said": next(filter(None, said), ""),
            }
            data["methods"] = list(texts_in(use.call[3].get("methods"))) if use.call else []
            data["method"] = use.method
            yield registration(self.name, "decorated", file, use, data)
        if any(each.startswith(("aws_cdk", "pulumi", "troposphere")) for each in file.imports):
            for use in call_uses(file, ("Function", "PythonFunction", "SingletonFunction", "DockerImageFunction")):
                handler = text_of(use.call[3].get("handler") or use.call[3].get("Handler")) if use.call else None
                if handler and use.call:
                    entry = text_of(use.call[3].get("entry") or use.call[3].get("index")) or ""
                    data = {"handler": handler, "entry": entry, "name": text_of(argument(use.call, 1)) or handler}
                    yield registration(self.name, "cdk", file, use, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return functions of configurations and of decorators."""
        maker = Maker(self.name, program)
        entries: list[EntryPoint] = []
        unknown: list[str] = []
        for each in (*_configured(program), *_of_code(found)):
            symbol = _resolve(program, each)
            if not symbol:
                unknown.append(f"{each.path}:{each.line} names the handler {each.handler}, which does not resolve")
            for kind, name in (each.events or (("serverless", each.name),)) if symbol else ():
                entries.append(maker.entry(kind, name, symbol, each.line, registered_on=each.path))
        entries.extend(_of_decorators(maker, found))
        seen: dict[tuple[str, SymbolId], EntryPoint] = {}
        for entry in entries:
            seen.setdefault((entry.key, entry.handler), entry)
        return Discovery(framework=self.name, entries=tuple(seen.values()), unknown=tuple(unknown))


def _kind(method: str, owner: str, external: str) -> str:
    library = owner.partition(".")[0] or external.partition(".")[0]
    if library == "chalice":
        return "http" if method in VERBS else CHALICE.get(method, "")
    if library == "azure" and "functions" in (owner or external):
        return AZURE.get(method, "")
    if external.startswith("functions_framework."):
        return "http" if method in {"http", "typed"} else "consumer" if method in GOOGLE else ""
    if owner.startswith(RESOLVERS):
        return "http" if method in {*VERBS, "route"} else ""
    return ""


def _of_decorators(maker: Maker, found: Sequence[Registration]) -> Iterator[EntryPoint]:
    for each in product(found, "decorated"):
        data = each.data
        kind, said = data["kind"], data["said"] or data["symbol"].rpartition(":")[2]
        if kind == "http":
            methods = data["methods"] or [data["method"].upper() if data["method"] in VERBS else "GET"]
            path = said if said.startswith("/") else f"/{said}"
            for method in methods:
                yield maker.entry("http", f"{method} {path}", data["symbol"], each.line, registered_on=data["on"])
        else:
            yield maker.entry(kind, said, data["symbol"], each.line, registered_on=data["on"])


def _of_code(found: Sequence[Registration]) -> Iterator[Function]:
    for each in product(found, "cdk"):
        path = each.scope.rpartition(":")[0]
        entry = str(each.data["entry"]).lstrip("./")
        yield Function(each.data["name"], each.data["handler"], path, each.line, (), entry.removesuffix(".py"))


def _configured(program: ProgramView) -> Iterator[Function]:
    for path in program.all_paths:
        base = path.rpartition("/")[2]
        if is_test_path(path):
            continue
        if base in {"serverless.yml", "serverless.yaml"}:
            yield from _serverless_yml(path, list(leaves(program.read_text(path))))
        elif base in {"template.yaml", "template.yml", "sam.yaml", "sam.yml"}:
            yield from _sam(path, list(leaves(program.read_text(path))))
        elif base == "zappa_settings.json":
            yield from _zappa(path, program.read_text(path))
        elif base.endswith(".tf"):
            yield from _terraform(path, program.read_text(path))


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _serverless_yml(path: str, found: Sequence[Leaf]) -> Iterator[Function]:
    runtime = next((each.value for each in found if each.keys == ("provider", "runtime")), "python")
    names: dict[str, list[Leaf]] = {}
    for each in below(found, "functions"):
        if len(each.keys) > 1:
            names.setdefault(each.keys[0], []).append(each._replace(keys=each.keys[1:]))
    for name, rows in names.items():
        handler = next((each for each in rows if each.keys == ("handler",)), None)
        own = next((each.value for each in rows if each.keys == ("runtime",)), runtime)
        if handler is not None and own.startswith("python") and _HANDLER.fullmatch(handler.value):
            yield Function(name, handler.value, path, handler.line, _events(name, rows), _folder(path))


def _events(name: str, rows: Sequence[Leaf]) -> tuple[tuple[str, str], ...]:
    events: dict[str, list[Leaf]] = {}
    for each in rows:
        if len(each.keys) > 1 and each.keys[0] == "events":
            events.setdefault(each.keys[1], []).append(each._replace(keys=each.keys[2:]))
    return tuple(event for found in events.values() if (event := _event(name, found)))


def _event(name: str, rows: Sequence[Leaf]) -> tuple[str, str] | None:
    kind = rows[0].keys[0] if rows[0].keys else rows[0].value
    values = {each.keys[-1]: each.value for each in rows if len(each.keys) > 1}
    plain = rows[0].value if len(rows[0].keys) == 1 else ""
    if kind in {"http", "httpApi", "alb"}:
        method, _, url = plain.partition(" ") if plain else (values.get("method", "any"), "", values.get("path", "/"))
        return "http", f"{method.upper()} /{url.strip().lstrip('/')}"
    if kind == "schedule":
        return "schedule", f"{name} {plain or values.get('rate', '')}".strip()
    if kind in {"sqs", "sns", "stream", "s3", "kafka", "msk", "eventBridge", "rabbitmq", "activemq"}:
        return "consumer", f"{kind} {plain or next(iter(values.values()), '')} → {name}"
    return ("websocket", plain or values.get("route", name)) if kind == "websocket" else None


def _sam(path: str, found: Sequence[Leaf]) -> Iterator[Function]:
    shared = next((each.value for each in found if each.keys == ("Globals", "Function", "Runtime")), "")
    shared_uri = next((each.value for each in found if each.keys == ("Globals", "Function", "CodeUri")), "")
    resources: dict[str, list[Leaf]] = {}
    for each in below(found, "Resources"):
        if len(each.keys) > 1:
            resources.setdefault(each.keys[0], []).append(each._replace(keys=each.keys[1:]))
    for name, rows in resources.items():
        values = {each.keys: each for each in rows}
        type_ = values.get(("Type",))
        handler = values.get(("Properties", "Handler"))
        runtime = values.get(("Properties", "Runtime"))
        if (
            type_ is None
            or handler is None
            or type_.value not in {"AWS::Serverless::Function", "AWS::Lambda::Function"}
        ):
            continue
        if not (runtime.value if runtime else shared or "python").startswith("python"):
            continue
        uri = values.get(("Properties", "CodeUri"))
        code = (uri.value if uri else shared_uri).strip("./")
        base = "/".join(each for each in (_folder(path), code) if each)
        yield Function(name, handler.value, path, handler.line, _sam_events(name, rows), base)


def _sam_events(name: str, rows: Sequence[Leaf]) -> tuple[tuple[str, str], ...]:
    events: dict[str, dict[str, str]] = {}
    for each in below(rows, "Properties", "Events"):
        if len(each.keys) > 1:
            events.setdefault(each.keys[0], {})[each.keys[-1]] = each.value
    found = []
    for values in events.values():
        type_ = values.get("Type", "")
        if type_ in {"Api", "HttpApi"}:
            found.append(("http", f"{values.get('Method', 'ANY').upper()} {values.get('Path', '/')}"))
        elif type_ in {"Schedule", "ScheduleV2"}:
            found.append(("schedule", f"{name} {values.get('Schedule', values.get('ScheduleExpression', ''))}".strip()))
        elif type_:
            found.append(("consumer", f"{type_} → {name}"))
    return tuple(found)


def _zappa(path: str, text: str | None) -> Iterator[Function]:
    try:
        table: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return
    for stage, settings in table.items() if isinstance(table, dict) else ():
        events = settings.get("events") if isinstance(settings, dict) else None
        for each in events if isinstance(events, list) else ():
            handler = each.get("function") if isinstance(each, dict) else None
            if isinstance(handler, str):
                when = str(each.get("expression") or "")
                kind = "schedule" if when else "consumer"
                yield Function(handler, handler, path, 1, ((kind, f"{stage} {handler} {when}".strip()),), _folder(path))


def _terraform(path: str, text: str | None) -> Iterator[Function]:
    if not text or "aws_lambda_function" not in text or "python" not in text:
        return
    for number, row in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*handler\s*=\s*"([\w./-]+)"', row[:500])
        if match:
            yield Function(match[1], match[1], path, number, (), _folder(path))


def _resolve(program: ProgramView, function: Function) -> SymbolId:
    """Return the symbol of a handler such as `src/app.handler`, looked for beside its configuration first."""
    if _BAD.search(function.handler):
        return ""
    module, _, name = function.handler.replace(":", ".").rpartition(".")
    stem = module if "/" in module else module.replace(".", "/")
    for folder in dict.fromkeys((function.base, _folder(function.path), "", "src")):
        for ending in (".py", "/__init__.py"):
            candidate = f"{folder}/{stem}{ending}".lstrip("/")
            if program.symbol(f"{candidate}:{name}") is not None:
                return f"{candidate}:{name}"
            if program.view(candidate) is not None:
                found = program.resolve(f"{candidate}:", ["n", name])
                if found.symbol:
                    return found.symbol
    endings = [each for each in program.paths if each.endswith(f"/{stem}.py") and program.symbol(f"{each}:{name}")]
    return f"{endings[0]}:{name}" if len(endings) == 1 else ""
