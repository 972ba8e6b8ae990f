"""The entry points of one class of NestJS: what its methods are called, and what stands before each of them."""

from collections.abc import Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.call_routes import clean
from release_harness.steps.evidence.impact.entries.nest_messages import Taker, queue_of, taker_of
from release_harness.steps.evidence.impact.entries.nest_settings import Place, Settings, matches, options_of
from release_harness.steps.evidence.impact.entries.nest_standing import Standing, guard_of, outer_of, standing_of
from release_harness.steps.evidence.impact.entries.reading import joined, last_name, shown
from release_harness.steps.evidence.impact.expressions import items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

FRAMEWORK_NAME = "NestJS"
VERBS = {
    "Get": "GET",
    "Post": "POST",
    "Put": "PUT",
    "Patch": "PATCH",
    "Delete": "DELETE",
    "Head": "HEAD",
    "Options": "OPTIONS",
    "All": "ANY",
    "Sse": "GET",
}
OTHERS = {
    "Query": "graphql",
    "Mutation": "graphql",
    "Subscription": "graphql",
    "MessagePattern": "consumer",
    "EventPattern": "consumer",
    "SubscribeMessage": "websocket",
    "Cron": "schedule",
    "Interval": "schedule",
    "Timeout": "schedule",
    "OnEvent": "event",
    "Process": "task",
    "Command": "cli",
}
ASKED = frozenset({"http", "graphql", "consumer", "websocket"})
"""Kinds that somebody outside asks for: only before them do guards and the like stand."""


class Made(NamedTuple):
    """One entry point, with what is told of it beside."""

    entry: EntryPoint
    verb: str
    path: str
    """Path without prefix and version; empty for what is no route."""
    around: tuple[tuple[SymbolId, str], ...]


class Method(NamedTuple):
    """One method of a class, as it is bound to the class that is registered."""

    owner: SymbolId
    id: SymbolId
    symbol: Symbol
    standing: Standing

    @property
    def scope(self) -> SymbolId:
        """Where its decorators are evaluated."""
        return outer_of(self.id)


class Entries:
    """Reads classes under the settings of one application."""

    def __init__(self, names: Names, settings: Settings) -> None:
        """Start without any class read."""
        self.names = names
        self.settings = settings
        self.takers: list[Taker] = []
        """Who takes jobs and events, of all classes that were read."""

    def of_class(self, owner: SymbolId) -> Iterator[Made]:
        """Yield the entries of one class, inherited methods too."""
        symbol = self.names.symbol(owner)
        if symbol is None:
            return
        own = standing_of(self.names, owner, symbol)
        bases, version = self.controller(owner, symbol)
        for method in self.methods(owner, own):
            yield from self.of_worker(method)
            for decorator in method.symbol.decorators:
                taker = taker_of(self.names, owner, decorator, method.id)
                self.takers.extend([taker] if taker is not None else [])
                word = last_name(decorator)
                if word in VERBS and bases:
                    yield from self.routes(method, decorator, bases, version)
                elif word in OTHERS and (word != "Query" or not bases):
                    yield self.made(method, OTHERS[word], self.label(method, decorator, word))

    def methods(self, owner: SymbolId, standing: Standing) -> Iterator[Method]:
        """Yield every method of a class and of its bases, each name once."""
        seen: set[str] = set()
        for each in self.names.lineage(owner):
            scope = self.names.scope(each) if ":" in each else None
            for name, bound in scope.bound.items() if scope is not None else ():
                if bound.symbol is not None and name not in seen:
                    seen.add(name)
                    inner = standing_of(self.names, f"{each}.{name}", bound.symbol)
                    yield Method(owner, f"{each}.{name}", bound.symbol, standing.joined(inner))

    def of_worker(self, method: Method) -> Iterator[Made]:
        """Yield what works on a queue by its name alone: `process` of a class that extends `WorkerHost`."""
        is_worker = any(":" not in each and each.endswith("WorkerHost") for each in self.names.lineage(method.owner))
        queue = queue_of(self.names, method.owner) if is_worker else ""
        if queue and method.id.endswith(".process"):
            self.takers.append(Taker("add", queue, "", method.id))
            yield self.made(method, "task", method.symbol.qualname)

    def routes(self, method: Method, decorator: Expr, bases: list[str], version: Place | None) -> Iterator[Made]:
        """Yield the routes that one decorator makes: for each path of the controller, its own and each version."""
        verb, settings = VERBS[last_name(decorator)], self.settings
        own = next((each for each in method.symbol.decorators if last_name(each) == "Version" and each[0] == "c"), None)
        asked = Place(method.scope, own[2][0], method.symbol.line) if own is not None and own[2] else version
        given = decorator[2][0] if decorator[0] == "c" and decorator[2] else None
        for base in bases:
            for path in self.texts(method.scope, given):
                plain = clean(joined(base, path))
                bare = any(matches(each, plain, whole=True) for each in settings.unprefixed)
                for sign in self.versions(asked):
                    name = f"{verb} {clean(joined('' if bare else settings.prefix, sign, base, path))}"
                    yield self.made(method, "http", name)._replace(verb=verb, path=plain)

    def versions(self, asked: Place | None) -> list[str]:
        """Return the part of the path that names the version, once for each; empty for none."""
        settings = self.settings.versions
        place = asked if asked is not None else settings.default
        if place is None or not settings.in_path:
            return [""]
        several = items_of(place.expr)
        found = []
        for each in several if several is not None else [place.expr]:
            told = text_of(each) or self.names.resolve(place.scope, each).text
            neutral = last_name(each) == "VERSION_NEUTRAL"
            found.append("" if neutral else f"{settings.sign}{told or '{version}'}")
        return found or [""]

    def controller(self, owner: SymbolId, symbol: Symbol) -> tuple[list[str], Place | None]:
        """Return the paths of a controller and its version; no path for what is no controller."""
        for each in symbol.decorators:
            if last_name(each) != "Controller":
                continue
            given = each[2][0] if each[0] == "c" and each[2] else None
            pairs = options_of(given)
            version = pairs.get("version")
            place = Place(outer_of(owner), version, symbol.line) if version is not None else None
            path = pairs.get("path") if given is not None and given[0] == "d" else given
            return self.texts(outer_of(owner), path), place
        return [], None

    def texts(self, scope: SymbolId, expr: Expr | None) -> list[str]:
        """Return one or several paths."""
        if expr is None:
            return [""]
        several = items_of(expr)
        given = several if several is not None else [expr]
        told = [(text_of(each), self.names.resolve(scope, each).text) for each in given]
        return [text if text is not None else resolved or "{…}" for text, resolved in told]

    def label(self, method: Method, decorator: Expr, word: str) -> str:
        """Return what an entry that is no route is called."""
        short = method.symbol.qualname.rpartition(".")[2]
        given = decorator[2] if decorator[0] == "c" else []
        options = next((options_of(each) for each in given if each[0] == "d"), {})
        named = options.get("name", options.get("cmd"))
        plain = next((each for each in given if each[0] not in {"d", "m", "y"}), None)
        if OTHERS[word] == "graphql":
            return f"{word.lower()} {text_of(named) or text_of(plain) or short}"
        what = plain if plain is not None else named
        says = "" if what is None else text_of(what) or self.names.resolve(method.scope, what).text or shown(what)
        if OTHERS[word] in {"schedule", "task"}:
            return f"{method.symbol.qualname} {says}".strip()
        return says or (shown(given[0]) if given else short)

    def made(self, method: Method, kind: str, name: str) -> Made:
        """Return one entry; nothing stands before what only the application itself starts."""
        own = Standing(guards=self.everywhere(kind)).joined(method.standing) if kind in ASKED else Standing()
        entry = EntryPoint(
            kind=kind,
            name=name,
            framework=FRAMEWORK_NAME,
            handler=method.id,
            path=method.id.rpartition(":")[0],
            line=method.symbol.line,
            receiver=method.owner if not method.id.startswith(method.owner + ".") else "",
            guards=own.checks,
            registered_on=method.owner,
        )
        return Made(entry, "", "", own.around)

    def everywhere(self, kind: str) -> tuple[Guard, ...]:
        """Return the guards before everything of a kind: those of the application itself know nothing of messages."""
        return tuple(
            guard_of(self.names, place.scope, place.expr, (place.scope, place.line), source)
            for what, place, source in self.settings.globally
            if what == "guard" and (source == "settings" or kind in {"http", "graphql"})
        )
