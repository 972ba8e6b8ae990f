"""Ruby on Rails: routes with the actions they lead to, the filters before them, jobs and rake tasks."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS, clean
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.rails_routes import Line, Place, Routes
from release_harness.steps.evidence.impact.entries.rails_words import block_of, plural
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name
from release_harness.steps.evidence.impact.expressions import dotted, text_of, texts_of, walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

BEFORE = frozenset({"before_action", "prepend_before_action", "append_before_action", "before_filter"})
SKIPPED = frozenset({"skip_before_action", "skip_before_filter"})
JOBS = frozenset({"ApplicationJob", "ActiveJob.Base"})
WORKERS = frozenset({"Sidekiq.Worker", "Sidekiq.Job", "Sidekiq.Workers"})
ROUTE_FILE, JOB, RAKE, CONTROLLER = "routes", "job", "rake", "controller"


class Rails:
    """Reads `config/routes.rb`, controllers, jobs and rake tasks."""

    name = "Rails"
    languages = frozenset({"ruby"})
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

    def included(self, value: Expr | None) -> Sequence[Expr]:
        """Return what `include` names."""
        return value[2] if value is not None and value[0] == "c" and value[1] == ["n", "include"] else ()

    def tasks(self, path: str, facts: FileFacts) -> Iterator[Registration]:
        """Yield the tasks of a rake file."""
        for statement in facts.symbols[0].body:
            if statement.value is not None:
                for name, line in tasks_in([statement.value], "", 0):
                    yield Registration(self.name, RAKE, f"{path}:", line, {"name": name})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put routes, controllers and filters together."""
        names = names_of(program)
        entries: list[EntryPoint] = []
        unknown: list[str] = []
        around: dict[SymbolId, set[str]] = {}
        for each in found:
            path = each.scope.rpartition(":")[0]
            if each.kind == ROUTE_FILE:
                for line in self.routes(names, path):
                    entry, filters = self.entry(names, path, line)
                    entries.append(entry)
                    for one in filters:
                        around.setdefault(one, set()).add(entry.key)
            elif each.kind == RAKE:
                entries.append(self.other("cli", f"rake {each.data['name']}", each.scope, each.line))
            elif each.kind == JOB:
                entries.append(
                    self.other(
                        "task",
                        each.scope.rpartition(":")[2].replace(".", "::"),
                        self.work(names, each.scope),
                        each.line,
                    )
                )
        made = tuple(
            Around(symbol, "filter before actions", frozenset(keys)) for symbol, keys in sorted(around.items())
        )
        unique = {(each.key, each.handler): each for each in entries}
        return Discovery(
            framework=self.name,
            entries=tuple(unique[key] for key in sorted(unique)),
            around=made,
            unknown=tuple(unknown),
        )

    def work(self, names: Names, owner: SymbolId) -> SymbolId:
        """Return the method that a job runs."""
        found = names.find_member(owner, "perform")
        return f"{found}.perform" if found else owner

    def other(self, kind: str, name: str, handler: SymbolId, line: int) -> EntryPoint:
        """Return an entry that is no route."""
        path = handler.rpartition(":")[0]
        return EntryPoint(kind=kind, name=name, framework=self.name, handler=handler, path=path, line=line)

    def routes(self, names: Names, path: str) -> Iterator[Line]:
        """Yield the routes of one application or engine."""
        folder = path.rpartition("/")[0]

        def drawn(name: str) -> Sequence[Expr]:
            module = names.module(f"{folder}/routes/{name}.rb")
            return [each.value for each in module.facts.symbols[0].body if each.value] if module is not None else []

        reader = Routes(drawn)
        module = names.module(path)
        for statement in module.facts.symbols[0].body if module is not None else ():
            value = statement.value
            if value is not None and value[0] == "c" and last_name(value[1]) in {"draw", "routes"}:
                block = block_of(value)
                yield from reader.read(block[1], Place()) if block is not None else ()

    def entry(self, names: Names, path: str, line: Line) -> tuple[EntryPoint, list[SymbolId]]:
        """Return the entry of one route and the filters that stand before it."""
        handler, owner = self.action(names, line)
        guards, filters = self.guards(names, owner, line.action) if owner else ((), [])
        outer = tuple(Guard(name=each, source="router", path=path, line=line.line) for each in line.guards)
        is_told = bool(handler) or not line.controller
        entry = EntryPoint(
            kind="http",
            name=f"{line.verb} {clean(line.path)}",
            framework=self.name,
            handler=handler or f"{path}:",
            path=path,
            line=line.line,
            guards=(*outer, *guards),
            guards_known=is_told,
            confidence=Confidence.HIGH if is_told else Confidence.MEDIUM,
            registered_on=owner,
        )
        return entry, filters

    def action(self, names: Names, line: Line) -> tuple[SymbolId, SymbolId]:
        """Return (method, controller) of a route; the controller stands for an action that only has a view."""
        if not line.controller:
            return "", ""
        table = names.packages.table("ruby")
        for controller in (line.controller, plural(line.controller)):
            constant = ".".join(camel(each) for each in f"{controller}_controller".split("/"))
            owner = table.get(constant) or self.by_path(names, controller)
            if owner:
                found = names.find_member(owner, line.action)
                return (f"{found}.{line.action}" if found else owner), owner
        return "", ""

    def by_path(self, names: Names, controller: str) -> SymbolId:
        """Return the class in the file that Zeitwerk would load; acronyms make the name differ from the path."""
        module = names.module(f"app/controllers/{controller}_controller.rb")
        for symbol in module.facts.symbols if module is not None else ():
            if symbol.kind == "class" and symbol.qualname.endswith("Controller"):
                return f"app/controllers/{controller}_controller.rb:{symbol.qualname}"
        return ""

    def guards(self, names: Names, owner: SymbolId, action: str) -> tuple[tuple[Guard, ...], list[SymbolId]]:
        """Return the filters before an action, those of base classes first, without those that are skipped."""
        found: list[Guard] = []
        filters: list[SymbolId] = []
        for each in reversed([one for one in names.lineage(owner) if ":" in one]):
            for source in [*self.concerns(names, each), each]:
                symbol = names.symbol(source)
                for statement in symbol.body if symbol is not None else ():
                    for call in walk(statement.value):
                        if call[0] == "c" and call[1][0] == "n" and call[1][1] in BEFORE | SKIPPED:
                            self.filtered(names, owner, source, call, action, found)
        for guard in found:
            if ":" in guard.symbol:
                filters.append(guard.symbol)  # noqa: PERF401 - readable as it is
        return tuple(each for each in found if CHECKS.search(each.name)), filters

    def concerns(self, names: Names, owner: SymbolId) -> Iterator[SymbolId]:
        """Yield the modules that a class includes."""
        symbol = names.symbol(owner)
        for statement in symbol.body if symbol is not None else ():
            for each in self.included(statement.value):
                found = names.resolve(owner, each)
                if found.symbol:
                    yield found.symbol

    def filtered(
        self, names: Names, owner: SymbolId, source: SymbolId, call: Expr, action: str, found: list[Guard]
    ) -> None:
        """Add or take away what one filter line says of an action."""
        options = call[3]
        only, without = texts_of(options.get("only")), texts_of(options.get("except"))
        if (only is not None and action not in only) or (without is not None and action in without):
            return
        words = [text_of(each) or (dotted(each) if each[0] in {"n", "a"} else "") for each in call[2]]
        if call[1][1] in SKIPPED:
            if not {"if", "unless"} & options.keys():
                found[:] = [each for each in found if each.name not in words]
            return
        for word in words or (["inline block"] if block_of(call) is not None else []):
            if not word:
                continue
            definer = names.find_member(owner, word)
            symbol = f"{definer}.{word}" if definer else ""
            path = source.rpartition(":")[0]
            found.append(Guard(name=word, source="decorator", symbol=symbol, path=path, line=call[4]))


def tasks_in(statements: Iterable[Expr], prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    """Yield (name, line) of every task, with the namespaces around it."""
    for each in statements:
        if each[0] != "c" or each[1][0] != "n" or depth > 20:  # noqa: PLR2004 - deeper than any real file
            continue
        first = text_of(each[2][0]) if each[2] else None
        if first is None and each[3]:
            first = next(iter(each[3]))
        if first is None and each[2] and each[2][0][0] == "d" and each[2][0][1][0][0]:
            first = text_of(each[2][0][1][0][0])
        block = block_of(each)
        if each[1][1] == "namespace" and block is not None and first:
            yield from tasks_in(block[1], f"{prefix}{first}:", depth + 1)
        elif each[1][1] in {"task", "multitask"} and first:
            yield prefix + first, each[4]


def camel(name: str) -> str:
    """Return `UserSettings` for `user_settings`."""
    return "".join(each[:1].upper() + each[1:] for each in name.split("_"))


FRAMEWORK = Rails()
