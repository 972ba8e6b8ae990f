"""Routers inside routers: which way leads from an application to a route, with its prefix and the guards on it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.guards import merged, registered_again
from release_harness.steps.evidence.impact.entries.reading import is_test_path, joined, path_of, short_name
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

WAYS_LIMIT = 32
DEPTH_LIMIT = 24


class Router(NamedTuple):
    """An application, router or blueprint."""

    prefix: str = ""
    guards: tuple[Guard, ...] = ()
    guards_known: bool = True
    is_app: bool = False


class Mount(NamedTuple):
    """One router that hangs on another."""

    parent: str
    child: str
    prefix: str = ""
    prefix_known: bool = True
    guards: tuple[Guard, ...] = ()
    guards_known: bool = True
    carries: bool = True
    """Whether the guards of the parent stand before the child too; not so for a mounted application."""
    replaces: bool = False
    """Whether the prefix stands instead of the child's own, as in Flask."""


class Way(NamedTuple):
    """A way from an application to a router."""

    prefix: str
    prefix_known: bool
    guards: tuple[Guard, ...]
    guards_known: bool


class Route(NamedTuple):
    """One route as registered."""

    on: str
    kind: str
    methods: tuple[str, ...]
    """Empty for routes that have none, such as websockets."""
    path: str
    path_known: bool
    handler: SymbolId
    receiver: SymbolId
    file: str
    line: int
    guards: tuple[Guard, ...] = ()
    guards_known: bool = True


class Tree:
    """All routers of one framework in a program."""

    def __init__(self, framework: str) -> None:
        """Start empty."""
        self.framework = framework
        self.routers: dict[str, Router] = {}
        self._mounts: dict[str, list[Mount]] = {}
        self._ways: dict[str, tuple[Way, ...]] = {}
        self.computed: list[str] = []
        """Mounts whose child could not be read, one sentence each; then no router can be said to be unmounted."""

    def add_mount(self, mount: Mount) -> None:
        """Note that one router hangs on another."""
        self._mounts.setdefault(mount.child, []).append(mount)

    def mounts_of(self, name: str) -> tuple[Mount, ...]:
        """Return where a router hangs."""
        return tuple(self._mounts.get(name, ()))

    @property
    def has_app(self) -> bool:
        """Whether the repository makes an application at all, outside its tests."""
        return any(each.is_app and not is_test_path(path_of(name)) for name, each in self.routers.items())

    def ways(self, name: str) -> tuple[Way, ...]:
        """Return all ways from an application of the product to a router, at most WAYS_LIMIT."""
        if name not in self._ways:
            self._ways[name] = tuple(dict.fromkeys(self._find(name, ())))[:WAYS_LIMIT]
        return self._ways[name]

    def _find(self, name: str, seen: tuple[str, ...]) -> Iterator[Way]:
        router = self.routers.get(name, Router())
        if name in seen or len(seen) > DEPTH_LIMIT:
            return
        mounts = [each for each in self._mounts.get(name, ()) if not is_test_path(path_of(each.parent))]
        found = False
        for mount in mounts:
            for way in self._find(mount.parent, (*seen, name)):
                found = True
                prefix = mount.prefix if mount.replaces else _added(mount.prefix, router.prefix)
                yield Way(
                    _added(way.prefix, prefix),
                    way.prefix_known and mount.prefix_known,
                    merged(way.guards if mount.carries else (), mount.guards, router.guards),
                    (way.guards_known or not mount.carries) and mount.guards_known and router.guards_known,
                )
        if router.is_app and not found and not is_test_path(path_of(name)):
            yield _own(router)

    def entries(self, route: Route) -> Iterator[EntryPoint]:
        """Yield the entry points of a route: one for each method and each way to it."""
        ways = self.ways(route.on)
        mounted, why = (True, "") if ways else self._why_not(route.on)
        router = self.routers.get(route.on, Router())
        for way in ways or (_own(router),):
            path = joined(way.prefix, route.path) if (way.prefix or route.path) else "/"
            for method in route.methods or ("",):
                yield EntryPoint(
                    kind=route.kind,
                    name=f"{method} {path}".lstrip(),
                    framework=self.framework,
                    handler=route.handler,
                    receiver=route.receiver,
                    path=route.file,
                    line=route.line,
                    guards=merged(way.guards, route.guards),
                    guards_known=way.guards_known and route.guards_known,
                    mounted=mounted,
                    registered_on=route.on,
                    why_not_mounted=why,
                    confidence=Confidence.HIGH if way.prefix_known and route.path_known else Confidence.MEDIUM,
                )

    def _why_not(self, name: str) -> tuple[bool | None, str]:
        if not self.has_app:
            return None, f"no {self.framework} application is made in this repository"
        if self.computed:
            return None, self.computed[0]
        parents = self._mounts.get(name)
        if parents:
            return (
                False,
                f"`{short_name(name)}` hangs on `{short_name(parents[0].parent)}`, which no application reaches",
            )
        return False, f"no application includes `{short_name(name)}`"


def _own(router: Router) -> Way:
    return Way(router.prefix, prefix_known=True, guards=router.guards, guards_known=router.guards_known)


def _added(first: str, second: str) -> str:
    if not first or not second:
        return first or second
    return (
        first.rstrip("/") + "/" + second.lstrip("/")
        if second.startswith("/") or first.endswith("/")
        else first + second
    )


def without_repeats(entries: Iterable[EntryPoint]) -> tuple[EntryPoint, ...]:
    """Return entries without those that say the same of the same handler; a mounted one wins."""
    held: dict[tuple[str, str, str], list[EntryPoint]] = {}
    for each in entries:
        held.setdefault((each.key, each.handler, each.receiver), []).append(each)
    return tuple(registered_again([each for each in same if each.mounted] or same[:1]) for same in held.values())
