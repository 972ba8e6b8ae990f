"""The language of `config/routes.rb`: resources, namespaces, scopes, members and plain routes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.rails_words import (
    DEPTH_LIMIT,
    MANY,
    ONE,
    VERBS,
    block_of,
    chosen_actions,
    plain_path,
    plural,
    replaced,
    singular,
    under,
)
from release_harness.steps.evidence.impact.entries.reading import joined
from release_harness.steps.evidence.impact.expressions import dotted, text_of, texts_of
from release_harness.steps.evidence.impact.facts import Expr


class Place(NamedTuple):
    """Where in the nested blocks a line stands."""

    path: str = ""
    module: str = ""
    controller: str = ""
    member: str = ""
    """Path of one member of the resource around, such as `/users/:user_id`."""
    collection: str = ""
    guards: tuple[str, ...] = ()
    api_only: bool = False
    in_resource: str = ""
    """`many` or `one` directly inside a resource, else empty."""


class Line(NamedTuple):
    """One route."""

    verb: str
    path: str
    controller: str
    """With its modules: `admin/users`; empty for redirects and mounted applications."""
    action: str
    line: int
    target: str
    """What is mounted or redirected to, when no controller answers."""
    guards: tuple[str, ...]


class Routes:
    """Reads the blocks of one application's routes."""

    def __init__(self, drawn: Callable[[str], Sequence[Expr]]) -> None:
        """Take a way to the files that `draw(:name)` names."""
        self.drawn = drawn
        self.unknown: list[tuple[int, str]] = []
        self.concerns: dict[str, Expr] = {}

    def read(self, statements: Iterable[Expr], place: Place, depth: int = 0) -> Iterator[Line]:
        """Yield the routes of some statements."""
        if depth > DEPTH_LIMIT:
            return
        for each in statements:
            if each[0] == "c":
                yield from self.call(each, place, depth + 1)
            elif each[0] in {"b", "l"}:
                yield from self.read(each[1], place, depth + 1)

    def call(self, call: Expr, place: Place, depth: int) -> Iterator[Line]:
        """Yield the routes of one call."""
        word = str(call[1][-1]) if call[1][0] in {"n", "a"} else ""
        if call[1][0] == "a" and word == "each" and block_of(call) is not None:
            yield from self.each(call, place, depth)
            return
        if call[1][0] == "a" and word not in {"draw", "routes"}:
            return
        if word in VERBS or word == "match":
            yield from self.plain(call, word, place)
        elif word == "root":
            yield from self.plain(
                [
                    "c",
                    call[1],
                    [["s", "/"], *[each for each in call[2] if each[0] == "s"]],
                    call[3] if not any(each[0] == "s" for each in call[2]) else {"to": call[2][0]},
                    call[4],
                ],
                "get",
                place,
            )
        elif word in {"resources", "resource"}:
            yield from self.resources(call, word == "resources", place, depth)
        elif word == "mount":
            yield from self.mounted(call, place)
        elif word == "concerns":
            for name in texts_of(["l", call[2]]) or ():
                block = self.concerns.get(name)
                yield from self.read(block[1], place, depth) if block is not None else ()
        else:
            yield from self.nested(call, word, place, depth)

    def each(self, call: Expr, place: Place, depth: int) -> Iterator[Line]:
        """Yield the routes of `%w[a b].each do |name| … end`, once for every text."""
        block = block_of(call)
        words = texts_of(call[1][1])
        if block is None:
            return
        for each in words or ["{…}"]:
            yield from self.read(
                [replaced(one, block[2][0] if block[2] else "", each) for one in block[1]], place, depth
            )

    def nested(self, call: Expr, word: str, place: Place, depth: int) -> Iterator[Line]:
        """Yield the routes of a block that changes where its lines stand."""
        block = block_of(call)
        first = text_of(call[2][0]) if call[2] else None
        if word == "draw" and block is None and first:
            yield from self.read(self.drawn(first), place, depth)
            return
        if block is None:
            if word.startswith("devise_for") and first:
                yield Line("ANY", joined(place.path, first), "", "", call[4], "devise", place.guards)
            return
        if word == "concern" and first:
            self.concerns[first] = block
            return
        yield from self.read(block[1], self.inner_place(call, word, first, place), depth)

    def inner_place(self, call: Expr, word: str, first: str | None, place: Place) -> Place:
        """Return where the lines of a block stand; blocks that are not known change nothing."""
        inner = place._replace(in_resource="")
        if word == "namespace" and first is not None:
            path = text_of(call[3].get("path"))
            module = under(place.module, text_of(call[3].get("module")) or first)
            whole = joined(self.here(place), path if path is not None else first)
            return inner._replace(path=whole, module=module, member="", collection="", controller="")
        if word == "scope":
            return self.scoped(call, first, inner, place)
        if word == "controller":
            return self.scoped(call, None, inner, place)._replace(controller=first or place.controller)
        if word == "member":
            return inner._replace(path=place.member, in_resource="member")
        if word == "collection":
            return inner._replace(path=place.collection, in_resource="collection")
        if word in {"authenticate", "authenticated", "constraints"}:
            checked = dotted(call[2][0]) if call[2] else ""
            guard = f"{word} {first or checked}".strip()
            return place if word == "constraints" and not checked else place._replace(guards=(*place.guards, guard))
        return place

    def scoped(self, call: Expr, first: str | None, inner: Place, place: Place) -> Place:
        """Return the place inside a `scope`."""
        options = call[3]
        path = text_of(options.get("path")) or first or ""
        module = text_of(options.get("module"))
        return inner._replace(
            path=joined(self.here(place), path),
            module=under(place.module, module) if module else place.module,
            controller=text_of(options.get("controller")) or place.controller,
        )

    def here(self, place: Place) -> str:
        """Return the path that a block inside a resource stands under."""
        return place.member if place.in_resource == "many" else place.path

    def resources(self, call: Expr, many: bool, place: Place, depth: int) -> Iterator[Line]:  # noqa: FBT001 - one of two words
        """Yield the routes of resources, and of the block inside them."""
        options = call[3]
        base = self.here(place)
        for name in [each for each in (text_of(one) for one in call[2]) if each]:
            path = text_of(options.get("path"))
            whole = joined(base, path if path is not None else name)
            controller = text_of(options.get("controller")) or (name if many else plural(name))
            module = under(place.module, text_of(options.get("module")) or "")
            table = MANY if many else ONE
            chosen = chosen_actions(options, table)
            key = text_of(options.get("param")) or "id"
            for action in chosen:
                for verb, tail in table[action]:
                    yield Line(
                        verb,
                        whole + tail.replace(":id", f":{key}"),
                        under(module, controller),
                        action,
                        call[4],
                        "",
                        place.guards,
                    )
            block = block_of(call)
            inner_name = f":{singular(name.rpartition('/')[2])}_{key}"
            member = f"{whole}/:{key}" if many else whole
            inner = Place(
                path=whole,
                module=module,
                controller=controller,
                member=f"{whole}/{inner_name}" if many else whole,
                collection=whole,
                guards=place.guards,
                in_resource="many" if many else "one",
            )
            for each in texts_of(options.get("concerns")) or ():
                block_of_concern = self.concerns.get(each)
                yield from self.read(block_of_concern[1], inner, depth) if block_of_concern is not None else ()
            if block is not None:
                yield from self.inside(block, inner, member, depth)

    def inside(self, block: Expr, inner: Place, member: str, depth: int) -> Iterator[Line]:
        """Yield the routes of the block of a resource; `member do` stands under one of them by its own key."""
        for each in block[1]:
            if each[0] == "c" and each[1] == ["n", "member"]:
                yield from self.nested(each, "member", inner._replace(member=member), depth)
            elif each[0] == "c" and text_of(each[3].get("on")) == "member":
                yield from self.call(each, inner._replace(path=member, in_resource="member"), depth)
            elif each[0] == "c" and (text_of(each[3].get("on")) == "collection" or each[1] == ["n", "collection"]):
                inside = inner._replace(path=inner.collection, in_resource="collection")
                yield from self.call(each, inside, depth)
            else:
                yield from self.read([each], inner, depth)

    def plain(self, call: Expr, word: str, place: Place) -> Iterator[Line]:
        """Yield the routes of `get "x" => "a#b"`, `match … via:` and the like."""
        options = dict(call[3])
        targets = self.targets(call, options)
        verbs = [word.upper()]
        via = options.get("via")
        if via is not None:
            several = texts_of(via) or ["all"]
            verbs = ["ANY" if each == "all" else each.upper() for each in several]
        elif word == "match":
            verbs = ["ANY"]
        for path, target in targets:
            whole = joined(self.here(place), path)
            controller, action, other = self.target(path, target or options.get("to"), options, place)
            for verb in verbs:
                yield Line(verb, plain_path(whole), controller, action, call[4], other, place.guards)

    def targets(self, call: Expr, options: dict[str, Expr]) -> list[tuple[str, Expr | None]]:
        """Return (path, target) of one line; pairs that are options are put to the options."""
        targets: list[tuple[str, Expr | None]] = []
        for each in call[2]:
            for key, value in each[1] if each[0] == "d" else ():
                name = text_of(key) if key else None
                if name and (name.startswith("/") or (value[0] in {"s", "c"} and name not in {"via", "to"})):
                    targets.append((name, value))
                elif name:
                    options[name] = value
            plain = text_of(each)
            if plain is not None:
                targets.append((plain, None))
        return targets

    def target(self, path: str, target: Expr | None, options: dict[str, Expr], place: Place) -> tuple[str, str, str]:
        """Return (controller, action, other target) of one route."""
        text = text_of(target)
        given = text_of(options.get("controller"))
        module = under(place.module, text_of(options.get("module")) or "")
        action = text_of(options.get("action"))
        if text and "#" in text:
            controller, _, named = text.partition("#")
            return under(module, controller) if not controller.startswith("/") else controller[1:], named, ""
        if target is not None and text is None:
            return "", "", dotted(target[1] if target[0] == "c" else target) or "a Rack application"
        controller = given or place.controller
        if text:
            action = text
        parts = [each for each in path.split("/") if each and not each.startswith((":", "("))]
        if not controller and len(parts) > 1:
            return under(module, "/".join(parts[:-1])), action or parts[-1].replace("-", "_"), ""
        named = action or (parts[-1].replace("-", "_") if parts else "")
        return (under(module, controller) if controller else "", named, "" if controller else path)

    def mounted(self, call: Expr, place: Place) -> Iterator[Line]:
        """Yield the place of a mounted application."""
        where = text_of(call[3].get("at"))
        target = dotted(call[2][0]) if call[2] and call[2][0][0] in {"n", "a"} else ""
        for each in call[2]:
            if each[0] == "d":
                for key, value in each[1]:
                    target = dotted(key) if key and key[0] in {"n", "a"} else target
                    where = text_of(value) or where
        yield Line(
            "ANY", joined(self.here(place), where or "/"), "", "", call[4], target or "a Rack application", place.guards
        )
