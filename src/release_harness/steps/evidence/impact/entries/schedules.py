"""Files that start Python: crontabs, scheduled workflows, Procfiles, systemd units, supervisord, CronJobs of Kubernetes."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from configparser import ConfigParser, Error
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.packaging import named_entries, script_of, target_symbol
from release_harness.steps.evidence.impact.entries.plain_yaml import Leaf, leaves
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.entries.registering import Maker
from release_harness.steps.evidence.impact.entries.shell_words import Started, started
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

TEXT_LIMIT_CHARACTERS = 500_000
FILES_LIMIT = 2000
_CRON_LINE = re.compile(
    r"^\s*(@\w+|(?:[\d*,/\-A-Za-z]+\s+){4}[\d*,/\-A-Za-z]+)\s+(?:(?:root|www-data|app|nobody)\s+)?(?P<command>\S.*)$"
)
_UNIT = (".service", ".timer")


class Line(NamedTuple):
    """One command that a file says, and when or as what it runs."""

    path: str
    line: int
    when: str
    command: str


class Schedules:
    """The adapter of files that start Python."""

    name = "schedules"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""
    whole_tree = True

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return nothing: these files are no Python."""
        del file
        return ()

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return one entry for each command that starts something of this tree."""
        del found
        maker = Maker(self.name, program)
        scripts = {script_of(each): each.target for each in named_entries(program) if script_of(each)}
        entries: dict[tuple[str, str], EntryPoint] = {}
        for line in _lines(program):
            for each in started(line.command):
                symbol = _symbol(program, each, scripts, line.path)
                if symbol:
                    name = f"{line.when}: {_shown(each)}"
                    entry = maker.entry("schedule", name, symbol, line.line, registered_on=line.path)
                    entries.setdefault((name, symbol), entry)
        return Discovery(framework=self.name, entries=tuple(entries.values()))


def _shown(each: Started) -> str:
    first = {"module": f"python -m {each.name}", "file": f"python {each.name}"}.get(each.kind, each.name)
    return " ".join((first, *each.arguments))[:160]


def _symbol(program: ProgramView, each: Started, scripts: dict[str, str], path: str) -> SymbolId:
    """Return the symbol that a command starts, or empty when it is nothing of this tree."""
    if each.kind == "script":
        return target_symbol(program, scripts[each.name]) if each.name in scripts else ""
    if each.kind == "module":
        found = program.resolve_dotted(each.name).symbol
        inner = program.resolve_dotted(f"{each.name}.__main__").symbol
        return inner if inner.endswith("__main__.py:") else found if found.endswith(":") else ""
    name = each.name.lstrip("./").removeprefix("app/")
    near = path.rpartition("/")[0]
    for candidate in (name, each.name.lstrip("./"), f"{near}/{name}" if near else name):
        if candidate in program.paths:
            return f"{candidate}:"
    return ""


def _lines(program: ProgramView) -> Iterator[Line]:
    count = 0
    for path in program.all_paths:
        reader = _reader_of(path)
        if reader is None or is_test_path(path):
            continue
        count += 1
        text = program.read_text(path) if count <= FILES_LIMIT else None
        if text is not None and len(text) <= TEXT_LIMIT_CHARACTERS:
            yield from reader(path, text)


def _reader_of(path: str) -> Callable[[str, str], Iterator[Line]] | None:
    base = path.rpartition("/")[2]
    if path.startswith(".github/workflows/") and base.endswith((".yml", ".yaml")):
        return _workflow
    if base.startswith("Procfile"):
        return _procfile
    if base == "crontab" or base.endswith((".cron", ".crontab")) or "/cron.d/" in f"/{path}":
        return _crontab
    if base.endswith(".service"):
        return _unit
    if base.startswith("supervisor") and base.endswith((".conf", ".ini")):
        return _supervisor
    if base.endswith((".yml", ".yaml")):
        return _manifest
    return None


def _crontab(path: str, text: str) -> Iterator[Line]:
    for number, row in enumerate(text.splitlines(), 1):
        match = None if row.lstrip().startswith("#") else _CRON_LINE.match(row[:2000])
        if match:
            yield Line(path, number, f"cron {match[1].strip()}", match["command"])


def _procfile(path: str, text: str) -> Iterator[Line]:
    for number, row in enumerate(text.splitlines(), 1):
        name, colon, command = row.partition(":")
        if colon and re.fullmatch(r"[\w-]+", name.strip()):
            yield Line(path, number, f"process {name.strip()}", command.strip())


def _unit(path: str, text: str) -> Iterator[Line]:
    for number, row in enumerate(text.splitlines(), 1):
        key, equals, command = row.partition("=")
        if equals and key.strip() in {"ExecStart", "ExecStartPre", "ExecStartPost"}:
            yield Line(path, number, f"unit {path.rpartition('/')[2]}", command.strip().lstrip("-@:+!"))


def _supervisor(path: str, text: str) -> Iterator[Line]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return
    for section in parser.sections():
        command = parser.get(section, "command", fallback="")
        if section.startswith("program:") and command:
            yield Line(path, 1, section.replace(":", " "), command)


def _workflow(path: str, text: str) -> Iterator[Line]:
    found = list(leaves(text))
    times = [each.value for each in found if "schedule" in each.keys and each.keys[-1] == "cron"]
    if times:
        for each in found:
            if each.keys[0] == "jobs" and each.keys[-1] == "run":
                yield Line(path, each.line, f"workflow {', '.join(times)}", each.value)


def _manifest(path: str, text: str) -> Iterator[Line]:
    """Yield the commands of CronJobs of Kubernetes; other manifests start services, not schedules."""
    if "CronJob" not in text and "CronWorkflow" not in text:
        return
    documents: dict[str, list[Leaf]] = {}
    for each in leaves(text):
        first = each.keys[0] if each.keys and each.keys[0].startswith("document ") else ""
        documents.setdefault(first, []).append(each._replace(keys=each.keys[1:]) if first else each)
    for rows in documents.values():
        if any(each.keys == ("kind",) and each.value in {"CronJob", "CronWorkflow"} for each in rows):
            when = next((each.value for each in rows if each.keys and each.keys[-1] == "schedule"), "")
            yield from _containers(path, rows, when)


def _containers(path: str, rows: Sequence[Leaf], when: str) -> Iterator[Line]:
    words: dict[tuple[str, ...], list[Leaf]] = {}
    for each in rows:
        for key in ("command", "args"):
            if key in each.keys:
                words.setdefault(each.keys[: each.keys.index(key)], []).append(each)
    for found in words.values():
        command = " ".join(_quoted(each.value) for each in found)
        yield Line(path, found[0].line, f"cron {when}", command)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'" if re.search(r"[\s;|&]", word) else word
