"""Ruby on Rails: routes with the actions they lead to, what stands around them, templates, jobs and rake tasks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS, clean
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    HookEdge,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.rails_controllers import (
    BEFORE,
    SKIPPED,
    applies,
    condition_of,
    filters_of,
    opens,
    settings_of,
)
from release_harness.steps.evidence.impact.entries.rails_jobs import (
    ENQUEUES,
    enqueuing_edges,
    schedules,
    setting_edges,
    work_of,
)
from release_harness.steps.evidence.impact.entries.rails_routes import Line, Place, Routes
from release_harness.steps.evidence.impact.entries.rails_views import RENDERS, Views
from release_harness.steps.evidence.impact.entries.rails_words import block_of, plural
from release_harness.steps.evidence.impact.entries.reading import base_of, index_of, is_test_path, last_name
from release_harness.steps.evidence.impact.expressions import dotted
from release_harness.steps.evidence.impact.facts import Expr, FileFacts
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of
from release_harness.steps.evidence.impact.lexical.ruby_values import camel
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

JOBS = frozenset({"ApplicationJob", "ActiveJob.Base"})
WORKERS = frozenset({"Sidekiq.Worker", "Sidekiq.Job", "Sidekiq.Workers"})
ROUTE_FILE, JOB, RAKE, RENDERS_IT, ENQUEUES_IT, AROUND_IT, MAILER = (
    "routes", "job", "rake", "render", "enqueue", "middleware", "mailer",
)  # fmt: skip
INITIALIZERS = re.compile(r"(?:^|/)config/(?:initializers/.+|application|environment|environments/\w+)\.rb\Z")
_MIDDLEWARE = frozenset({"use", "insert_before", "insert_after", "insert", "unshift", "swap"})
_PLAIN_BASES = frozenset({"ActionController.Base", "ActionController.API", "ActionController.Metal"})


class Rails:
    """Reads `config/routes.rb`, controllers, templates, jobs, their schedules and rake tasks."""

    name = "Rails"
    languages = frozenset({"ruby", "erb", "builder"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note the files that register something."""
        path, facts = file.path, file.facts
        if is_test_path(path) or path.startswith(("spec/", "vendor/")) or "/spec/" in path:
            return
        if path.endswith("config/routes.rb"):
            yield Registration(self.name, ROUTE_FILE, f"{path}:", 1, {})
        if path.endswith(".rake") or path.rpartition("/")[2] == "Rakefile":
            yield from self.tasks(path, facts)
        for symbol in facts.symbols:
            bases = {dotted(each) for each in symbol.bases}
            included = {dotted(one) for each in symbol.body for one in self.included(each.value)}
            is_job = bool(bases & JOBS) or any(each.endswith("Job") for each in bases) or bool(included & WORKERS)
            if symbol.kind == "class" and is_job and symbol.qualname != "ApplicationJob":
                yield Registration(self.name, JOB, f"{path}:{symbol.qualname}", symbol.line, {})
            if symbol.kind == "class" and any(each.endswith("Mailer") or each == "ActionMailer.Base" for each in bases):
                yield Registration(self.name, MAILER, f"{path}:{symbol.qualname}", symbol.line, {})
        yield from self.calls(path, facts)

    def calls(self, path: str, facts: FileFacts) -> Iterator[Registration]:
        """Yield the calls that render, enqueue, or put something around every request."""
        calls = index_of(facts).calls
        for kind, words in ((RENDERS_IT, RENDERS), (ENQUEUES_IT, ENQUEUES), (AROUND_IT, _MIDDLEWARE)):
            for each in (one for word in sorted(words & calls.keys()) for one in calls[word]):
                if kind == AROUND_IT and last_name(base_of(each.call)) != "middleware":
                    continue
                scope = f"{path}:{each.scope.qualname}"
                yield Registration(self.name, kind, scope, each.call[4], {"call": each.call})

    def included(self, value: Expr | None) -> Sequence[Expr]:
        """Return what `include` names."""
        return value[2] if value is not None and value[0] == "c" and value[1] == ["n", "include"] else ()

    def tasks(self, path: str, facts: FileFacts) -> Iterator[Registration]:
        """Yield the tasks of a rake file."""
        for symbol in facts.symbols:
            for flag in symbol.flags:
                if flag.startswith("task:"):
                    data = {"name": flag.removeprefix("task:")}
                    yield Registration(self.name, RAKE, f"{path}:{symbol.qualname}", symbol.line, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put routes, controllers, filters, templates and jobs together."""
        names = names_of(program)
        application = _Application(names, self.name)
        by_kind: dict[str, list[Registration]] = {}
        for each in found:
            by_kind.setdefault(each.kind, []).append(each)
        for each in by_kind.get(ROUTE_FILE, ()):
            application.read_routes(each.scope.rpartition(":")[0])
        for each in by_kind.get(RAKE, ()):
            application.add("cli", f"rake {each.data['name']}", each.scope, each.line)
        for each in by_kind.get(JOB, ()):
            application.add_job(each.scope, each.line)
        for each in by_kind.get(MAILER, ()):
            application.add_mailer(each.scope)
        application.entries.extend(schedules(names, program, self.name))
        written = [(each.scope, each.line, each.data["call"]) for each in by_kind.get(RENDERS_IT, ())]
        application.edges.extend(application.views.edges(written))
        sent = [(each.scope, each.line, each.data["call"]) for each in by_kind.get(ENQUEUES_IT, ())]
        application.edges.extend(enqueuing_edges(names, sent))
        for each in by_kind.get(AROUND_IT, ()):
            application.add_middleware(each.scope, each.data["call"])
        return application.discovery([each for each in names.paths if INITIALIZERS.search(each)])


class _Application:
    """What is found of one tree."""

    def __init__(self, names: Names, framework: str) -> None:
        self.names = names
        self.framework = framework
        self.views = Views(names)
        self.entries: list[EntryPoint] = []
        self.edges: list[HookEdge] = []
        self.around: dict[tuple[SymbolId, str], set[str]] = {}
        self._everywhere: list[tuple[SymbolId, str]] = []

    def discovery(self, initializers: Sequence[str]) -> Discovery:
        """Return all of it."""
        unique = {(each.key, each.handler): each for each in self.entries}
        http = frozenset(each.key for each in self.entries if each.kind == "http")
        made = [Around(symbol, reason, frozenset(keys)) for (symbol, reason), keys in sorted(self.around.items())]
        made += [Around(symbol, reason, http) for symbol, reason in sorted(set(self._everywhere))]
        made += [Around(f"{path}:", "runs when the application starts") for path in initializers if unique]
        return Discovery(
            framework=self.framework,
            entries=tuple(unique[key] for key in sorted(unique)),
            edges=tuple(dict.fromkeys(self.edges)),
            around=tuple(made),
        )

    def add(self, kind: str, name: str, handler: SymbolId, line: int) -> None:
        """Add an entry that is no route."""
        path = handler.rpartition(":")[0]
        self.entries.append(
            EntryPoint(kind=kind, name=name, framework=self.framework, handler=handler, path=path, line=line)
        )

    def add_job(self, owner: SymbolId, line: int) -> None:
        """Add a job with the lines of its class that say how it runs."""
        self.add("task", owner.rpartition(":")[2].replace(".", "::"), work_of(self.names, owner), line)
        self.edges.extend(setting_edges(self.names, owner))

    def add_mailer(self, owner: SymbolId) -> None:
        """Let each method of a mailer render its templates."""
        scope = self.names.scope(owner)
        for name, bound in scope.bound.items() if scope is not None else ():
            if bound.symbol is not None:
                self._render(f"{owner}.{name}", owner, name, bound.symbol.line)

    def add_middleware(self, scope: SymbolId, call: Expr) -> None:
        """Let a class of the repository that is put into the stack stand around every request."""
        for each in call[2]:
            owner = self.names.resolve(scope, each).symbol if each[0] in {"n", "a"} else ""
            definer = self.names.find_member(owner, "call") if owner else ""
            if definer:
                self._everywhere.append((f"{definer}.call", "Rack middleware"))

    def _render(self, source: SymbolId, owner: SymbolId, action: str, line: int) -> None:
        for each in self.views.of_action(owner, action):
            self.edges.append(HookEdge(source, each, Confidence.HIGH, "renders", line))

    def read_routes(self, path: str) -> None:
        """Add the routes of one application or engine."""
        folder = path.rpartition("/")[0]

        def drawn(name: str) -> Sequence[Expr]:
            module = self.names.module(f"{folder}/routes/{name}.rb")
            return [each.value for each in module.facts.symbols[0].body if each.value] if module is not None else []

        reader = Routes(drawn)
        module = self.names.module(path)
        for statement in module.facts.symbols[0].body if module is not None else ():
            value = statement.value
            if value is not None and value[0] == "c" and last_name(value[1]) in {"draw", "routes"}:
                block = block_of(value)
                for line in reader.read(block[1], Place()) if block is not None else ():
                    self._add_route(path, line)

    def _add_route(self, path: str, line: Line) -> None:
        handler, owner = self.action(line)
        if owner and not handler:
            return  # nothing answers it: no method and no template
        outer = tuple(Guard(name=each, source="router", path=path, line=line.line) for each in line.guards)
        is_told = bool(handler) or not line.controller
        entry = EntryPoint(
            kind="http",
            name=f"{line.verb} {clean(line.path)}",
            framework=self.framework,
            handler=handler or f"{path}:",
            path=path,
            line=line.line,
            guards=(*outer, *self._filters(owner, line.action)) if owner else outer,
            guards_known=is_told,
            confidence=Confidence.HIGH if is_told else Confidence.MEDIUM,
        )
        self.entries.append(entry)
        if owner:
            self._stand_around(owner, line.action, entry.key)
            if handler.rpartition(".")[2] == line.action:
                self._render(handler, owner, line.action, line.line)

    def action(self, line: Line) -> tuple[SymbolId, SymbolId]:
        """Return (method, controller) of a route; a template stands for an action that has no method."""
        if not line.controller:
            return "", ""
        table = self.names.packages.table("ruby")
        for controller in (line.controller, plural(line.controller)):
            constant = ".".join(camel(each) for each in f"{controller}_controller".split("/"))
            owner = table.get(constant) or self.by_path(controller)
            if owner:
                return self._handler(owner, line.action), owner
        return "", ""

    def _handler(self, owner: SymbolId, action: str) -> SymbolId:
        found = self.names.find_member(owner, action)
        if found:
            return f"{found}.{action}"
        views = self.views.of_action(owner, action)
        if views:
            return views[0]
        outside = {each for each in self.names.lineage(owner) if ":" not in each}
        is_plain = bool(outside) and outside <= _PLAIN_BASES and not self.names.find_member(owner, "action_missing")
        return "" if is_plain else owner

    def by_path(self, controller: str) -> SymbolId:
        """Return the class in the file that Zeitwerk would load; acronyms make the name differ from the path."""
        module = self.names.module(f"app/controllers/{controller}_controller.rb")
        for symbol in module.facts.symbols if module is not None else ():
            if symbol.kind == "class" and symbol.qualname.endswith("Controller"):
                return f"app/controllers/{controller}_controller.rb:{symbol.qualname}"
        return ""

    def _filters(self, owner: SymbolId, action: str) -> tuple[Guard, ...]:
        """Return the checks before an action, those of base classes first, without those that are skipped."""
        found: list[Guard] = []
        for each in settings_of(self.names, owner):
            if not applies(each, action):
                continue
            words, when, path = filters_of(each), condition_of(each), each.source.rpartition(":")[0]
            if opens(each):
                name = f"{each.word} {' '.join(words)}".rstrip()
                found.append(Guard(name=name, source="option", path=path, line=each.call[4], weak=True, when=when))
            if each.word in SKIPPED:
                # One that is skipped under a condition is there only otherwise.
                left = [replace(one, when=one.when or f"not {when}") for one in found if when and one.name in words]
                found = [one for one in found if one.name not in words] + left
            for word in words if each.word in BEFORE else ():
                definer = self.names.find_member(owner, word)
                symbol = f"{definer}.{word}" if definer else ""
                made = Guard(name=word, source="decorator", symbol=symbol, path=path, line=each.call[4], when=when)
                found.append(made)
        return tuple(each for each in found if each.weak or CHECKS.search(each.name))

    def _stand_around(self, owner: SymbolId, action: str, key: str) -> None:
        """Note the filters, handlers of errors, settings and the layout around one action."""
        for each in settings_of(self.names, owner):
            if each.word in SKIPPED or not applies(each, action):
                continue
            self.around.setdefault((each.symbol, each.reason), set()).add(key)
            for word in filters_of(each) if each.reason != "setting of the controller" else ():
                definer = self.names.find_member(owner, word)
                if definer:
                    self.around.setdefault((f"{definer}.{word}", each.reason), set()).add(key)
        for view in self.views.layouts(owner):
            self.around.setdefault((view, "layout"), set()).add(key)


FRAMEWORK = Rails()
