"""The language of Laravel's route files: groups, resources, middleware, and which provider loads which file."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS, clean
from release_harness.steps.evidence.impact.entries.laravel_chains import DEPTH_LIMIT, Step, chain, flat, steps_on
from release_harness.steps.evidence.impact.entries.rails_words import singular
from release_harness.steps.evidence.impact.entries.reading import joined, shown
from release_harness.steps.evidence.impact.expressions import items_of, parts_of, text_of, texts_of, walk
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

VERBS = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "options": "OPTIONS",
    "any": "ANY",
}
ACTIONS = {
    "index": (("GET", ""),),
    "create": (("GET", "/create"),),
    "store": (("POST", ""),),
    "show": (("GET", "/{}"),),
    "edit": (("GET", "/{}/edit"),),
    "update": (("PUT", "/{}"), ("PATCH", "/{}")),
    "destroy": (("DELETE", "/{}"),),
}
API = ("index", "store", "show", "update", "destroy")
SINGLE = ("create", "store", "show", "edit", "update", "destroy")


class Group(NamedTuple):
    """What the groups around a route say."""

    prefix: str = ""
    middleware: tuple[tuple[Expr, int], ...] = ()
    controller: Expr | None = None
    opened: tuple[tuple[str, int], ...] = ()
    """Checks for forged requests that are taken away, each with its line."""
    mounted: bool | None = True
    why: str = ""


class RouteFiles:
    """Reads route files, under the groups that providers load them in."""

    def __init__(self, names: Names, providers: Sequence[str]) -> None:
        """Read what the providers say of route files, and the names of middleware."""
        self.names = names
        self.loaded: dict[str, Group] = {}
        self.templates: list[str] = []
        self.aliases: dict[str, tuple[SymbolId, Expr]] = {}
        for path in providers:
            module = names.module(path)
            for symbol in module.facts.symbols if module is not None else ():
                for statement in symbol.body:
                    if statement.value is not None:
                        self.provider(f"{path}:{symbol.qualname}", statement.value, Group(), 0)
        for path in names.paths:
            if path.endswith(("Http/Kernel.php", "bootstrap/app.php")):
                self.read_aliases(path)

    def read_aliases(self, path: str) -> None:
        """Read which class a short name of middleware stands for."""
        module = self.names.module(path)
        for symbol in module.facts.symbols if module is not None else ():
            for statement in symbol.body:
                for each in walk(statement.value):
                    for key, value in each[1] if each[0] == "d" else ():
                        name = text_of(key) if key else None
                        if name and value[0] == "a" and value[2] == "class":
                            self.aliases.setdefault(name, (f"{path}:{symbol.qualname}", value[1]))

    def provider(self, scope: SymbolId, expr: Expr, group: Group, depth: int) -> None:
        """Note which route files a provider loads under which group."""
        if depth > DEPTH_LIMIT:
            return
        steps = chain(expr)
        if steps:
            self.provider_chain(scope, steps, self.grouped(group, steps)[0], depth)
            return
        if expr[0] == "c":
            self.provider_call(scope, expr, group)
        for part in parts_of(expr):
            self.provider(scope, part, group, depth + 1)

    def provider_chain(self, scope: SymbolId, steps: Sequence[Step], inner: Group, depth: int) -> None:
        """Read `Route::prefix(…)->group(base_path("routes/api.php"))` and closures that load files."""
        for step in steps:
            for each in step.arguments:
                file = self.route_file(scope, each) if step.word == "group" else ""
                if file:
                    self.loaded[file] = inner
                elif each[0] == "m":
                    for one in each[1]:
                        self.provider(scope, one, inner, depth + 1)

    def provider_call(self, scope: SymbolId, call: Expr, group: Group) -> None:
        """Read `withRouting(api: …, apiPrefix: …)`, `require` and other calls that are handed a route file."""
        for key, each in [*call[3].items(), *(("", one) for one in call[2])]:
            file = self.route_file(scope, each)
            if file:
                prefix = (text_of(call[3].get("apiPrefix")) or "api") if key == "api" else group.prefix
                self.loaded.setdefault(file, group._replace(prefix=prefix))

    def route_file(self, scope: SymbolId, expr: Expr) -> str:
        """Return the route file that an expression names, also through `base_path(…)` and `__DIR__`."""
        text = "".join(str(each[1]) for each in walk(expr) if each[0] == "s") if expr[0] in {"s", "f", "c"} else ""
        if "routes/" not in text and "Routes/" not in text:
            return ""
        if "%" in text:
            self.templates.append(text)
            return ""
        tail = text[text.lower().index("routes/") :]
        near = [each for each in self.names.paths if each == tail or each.endswith("/" + tail)]
        folder = scope.rpartition(":")[0].split("/")[0]
        near.sort(key=lambda each: (not each.startswith(folder), len(each)))
        return near[0] if near else ""

    def entries(self, path: str) -> list[EntryPoint]:
        """Return the routes of one file."""
        group = self.loaded.get(path)
        if group is None:
            name = path.rpartition("/")[2]
            group = Group(prefix="api" if name == "api.php" else "")
            if name not in {"web.php", "api.php", "console.php", "channels.php"} and not any(
                "/" in each for each in self.templates
            ):
                group = group._replace(mounted=None, why=f"no provider is seen to load `{path}`")
        module = self.names.module(path)
        body = module.facts.symbols[0].body if module is not None else []
        return [
            each for statement in body if statement.value for each in self.read(f"{path}:", statement.value, group, 0)
        ]

    def own_entries(self, path: str) -> list[EntryPoint]:
        """Return the routes that a provider registers itself."""
        module = self.names.module(path)
        found: list[EntryPoint] = []
        for symbol in module.facts.symbols if module is not None else ():
            for statement in symbol.body:
                if statement.value is not None and any(each.word in VERBS for each in chain(statement.value)):
                    found.extend(self.read(f"{path}:{symbol.qualname}", statement.value, Group(), 0))
        return found

    def read(self, scope: SymbolId, expr: Expr, group: Group, depth: int) -> Iterator[EntryPoint]:
        """Yield the routes of one statement."""
        if depth > DEPTH_LIMIT:
            return
        steps = chain(expr)
        if not steps:
            for each in expr[1] if expr[0] in {"b", "m", "l"} else expr[2] if expr[0] == "c" else ():
                yield from self.read(scope, each, group, depth + 1)
            return
        inner, narrowed = self.grouped(group, steps)
        for step in steps:
            if step.word == "group":
                for each in step.arguments:
                    for one in each[1] if each[0] == "m" else ():
                        yield from self.read(scope, one, inner, depth + 1)
            else:
                yield from self.registered(scope, step, inner, narrowed)

    def registered(
        self, scope: SymbolId, step: Step, group: Group, narrowed: dict[str, list[str]]
    ) -> Iterator[EntryPoint]:
        """Yield the routes of one call of a chain."""
        if step.word in VERBS or step.word in {"match", "view", "redirect", "fallback"}:
            yield from self.plain(scope, step, group)
        elif step.word in {"resource", "apiResource", "singleton", "apiSingleton"}:
            yield from self.resource(scope, step, group, narrowed)
        elif step.word in {"resources", "apiResources"} and step.arguments and step.arguments[0][0] == "d":
            for key, value in step.arguments[0][1]:
                yield from self.resource(scope, Step(step.word[:-1], [key, value], step.line), group, narrowed)

    def grouped(self, group: Group, steps: Sequence[Step]) -> tuple[Group, dict[str, list[str]]]:
        """Return the group inside a chain, and what it narrows a resource to."""
        narrowed: dict[str, list[str]] = {}
        for step in steps:
            first = step.arguments[0] if step.arguments else None
            if step.word == "prefix":
                group = group._replace(prefix=joined(group.prefix, text_of(first) or "{…}"))
            elif step.word == "middleware":
                group = self.added(group, step.arguments, step.line)
            elif step.word == "withoutMiddleware":
                without = {shown(each) for each in flat(step.arguments)}
                kept = tuple(each for each in group.middleware if shown(each[0]) not in without)
                opened = tuple((name, step.line) for name in sorted(without) if "csrf" in name.lower())
                group = group._replace(middleware=kept, opened=(*group.opened, *opened))
            elif step.word == "controller":
                group = group._replace(controller=first)
            elif step.word in {"only", "except", "parameters", "parameter"}:
                narrowed[step.word] = [each for one in step.arguments for each in texts_of(one) or ()]
            elif step.word == "group":
                group = self.of_options(group, first, step.line)
        return group, narrowed

    def of_options(self, group: Group, options: Expr | None, line: int) -> Group:
        """Return a group with what `Route::group([…], …)` says."""
        for key, value in options[1] if options is not None and options[0] == "d" else ():
            if key == ["s", "prefix"]:
                group = group._replace(prefix=joined(group.prefix, text_of(value) or "{…}"))
            elif key == ["s", "middleware"]:
                group = self.added(group, [value], line)
        return group

    def added(self, group: Group, given: Sequence[Expr], line: int) -> Group:
        """Return a group with more middleware."""
        return group._replace(middleware=(*group.middleware, *((each, line) for each in flat(given))))

    def plain(self, scope: SymbolId, step: Step, group: Group) -> Iterator[EntryPoint]:
        """Yield one route for each method of a plain route."""
        verbs = [VERBS.get(step.word, "GET")]
        given = step.arguments
        if step.word == "match" and given:
            verbs = [each.upper() for each in texts_of(given[0]) or ["any"]]
            given = given[1:]
        path = text_of(given[0]) if given else None
        target = given[1] if len(given) > 1 else None
        if step.word == "fallback":
            path, target = "{fallback}", given[0] if given else None
        if path is None:
            path = "{…}" if given and given[0][0] in {"f", "b", "n", "a", "c"} and target is not None else None
        if path is None or (target is None and step.word in VERBS):
            return
        handler, owner, action = (
            self.handler(scope, target, group) if step.word not in {"view", "redirect"} else (scope, "", "")
        )
        for verb in verbs:
            yield self.entry(
                scope, step.line, f"{verb} {clean(joined(group.prefix, path))}", handler, (owner, action), group
            )

    def resource(
        self, scope: SymbolId, step: Step, group: Group, narrowed: dict[str, list[str]]
    ) -> Iterator[EntryPoint]:
        """Yield the routes of a resource."""
        name = text_of(step.arguments[0]) if step.arguments else None
        if name is None or len(step.arguments) < 2:  # noqa: PLR2004 - a name and a controller
            return
        if len(step.arguments) > 2 and step.arguments[2][0] == "d":  # noqa: PLR2004 - options come third
            for key, value in step.arguments[2][1]:
                if key and key[0] == "s":
                    narrowed = {**narrowed, key[1]: texts_of(value) or []}
        single = "ingleton" in step.word
        actions: Sequence[str] = SINGLE if single else API if step.word.startswith("api") else tuple(ACTIONS)
        if single:
            actions = ("show", "update") if step.word.startswith("api") else ("show", "edit", "update")
        if "only" in narrowed:
            actions = [each for each in actions if each in narrowed["only"]]
        actions = [each for each in actions if each not in narrowed.get("except", ())]
        *above, last = name.strip("/").split(".")
        parts = [f"{each}/{{{parameter(each)}}}" for each in above]
        base = joined(group.prefix, "/".join([*parts, last]))
        for action in actions:
            for verb, tail in ACTIONS[action]:
                inner = tail.replace("/{}", "" if single else f"/{{{parameter(last)}}}")
                handler, owner, _ = self.handler(scope, ["l", [step.arguments[1], ["s", action]]], group)
                yield self.entry(scope, step.line, f"{verb} {clean(base + inner)}", handler, (owner, action), group)

    def handler(self, scope: SymbolId, target: Expr | None, group: Group) -> tuple[SymbolId, SymbolId, str]:
        """Return (handler, controller, action) of a route."""
        items = items_of(target)
        text = text_of(target)
        controller: Expr | None = None
        action = "__invoke"
        if items and len(items) > 1:
            controller, action = items[0], text_of(items[1]) or ""
        elif text and "@" in text:
            name, _, action = text.partition("@")
            return self.named(scope, name, action)
        elif text and group.controller is not None:
            controller, action = group.controller, text
        elif target is not None and target[0] == "a" and target[2] == "class":
            controller = target
        if controller is None:
            return scope, "", ""
        if text_of(controller):
            return self.named(scope, str(text_of(controller)), action)
        found = self.names.resolve(scope, controller[1] if controller[0] == "a" else controller)
        return self.method(scope, found.symbol, action)

    def named(self, scope: SymbolId, name: str, action: str) -> tuple[SymbolId, SymbolId, str]:
        """Return the method of a controller that is named by a text, with or without its namespace."""
        table = self.names.packages.table("php")
        for candidate in (name, f"App\\Http\\Controllers\\{name}"):
            if candidate.lstrip("\\") in table:
                return self.method(scope, table[candidate.lstrip("\\")], action)
        return scope, "", action

    def method(self, scope: SymbolId, owner: SymbolId, action: str) -> tuple[SymbolId, SymbolId, str]:
        """Return a method of a controller, inherited ones too."""
        if not owner:
            return scope, "", action
        found = self.names.find_member(owner, action)
        return (f"{found}.{action}" if found else owner), owner, action

    def entry(
        self, scope: SymbolId, line: int, name: str, handler: SymbolId, of: tuple[SymbolId, str], group: Group
    ) -> EntryPoint:
        """Return the entry of one route."""
        path = scope.rpartition(":")[0]
        given = [(scope, expr, at, "router") for expr, at in group.middleware]
        given.extend((of[0], expr, at, "hook") for expr, at in self.own_middleware(*of))
        guards = tuple(
            self.guard(where, expr, at, source)
            for where, expr, at, source in given
            if CHECKS.search(shown(expr)) or at == line
        )
        return EntryPoint(
            kind="http",
            name=name,
            framework="Laravel",
            handler=handler,
            path=path,
            line=line,
            guards=(*guards, *(opened_guard(path, *each) for each in group.opened)),
            mounted=group.mounted,
            why_not_mounted=group.why,
            registered_on=scope,
        )

    def guard(self, scope: SymbolId, expr: Expr, line: int, source: str) -> Guard:
        """Return the guard of one middleware."""
        name = text_of(expr) or shown(expr)
        alias = self.aliases.get(name.partition(":")[0])
        found = self.names.resolve(alias[0], alias[1]) if alias else None
        if found is None and expr[0] == "a" and expr[2] == "class":
            found = self.names.resolve(scope, expr[1])
        symbol = (found.symbol or found.external) if found is not None else ""
        return Guard(name=name, source=source, symbol=symbol, path=scope.rpartition(":")[0], line=line)

    def own_middleware(self, owner: SymbolId, action: str) -> Iterator[tuple[Expr, int]]:
        """Yield the middleware that a controller's constructor names for an action, base classes first."""
        for each in reversed([one for one in self.names.lineage(owner) if ":" in one] if owner else []):
            maker = self.names.symbol(f"{each}.__construct")
            for statement in maker.body if maker is not None else ():
                steps = steps_on(statement.value, "$this")
                words = [step.word for step in steps]
                if "middleware" not in words:
                    continue
                limits = {step.word: [text for one in step.arguments for text in texts_of(one) or ()] for step in steps}
                if ("only" in limits and action not in limits["only"]) or action in limits.get("except", ()):
                    continue
                for one in flat(steps[words.index("middleware")].arguments):
                    yield one, steps[0].line


def parameter(name: str) -> str:
    """Return the parameter of a resource: its singular with underscores."""
    return singular(name.rpartition("/")[2]).replace("-", "_")


def opened_guard(path: str, name: str, line: int) -> Guard:
    """Return the mark of a check that was taken away."""
    return Guard(name=f"withoutMiddleware({name})", source="option", path=path, line=line, weak=True)
