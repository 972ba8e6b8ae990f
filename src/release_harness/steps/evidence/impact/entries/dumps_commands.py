"""Programs that ask a command-line library or a job queue itself what it has; they run in the interpreter of the project, without rh.

Each defines `dump(app)`, which returns dictionaries with `kind`, `name`, `handler` (`module:qualname`) and `guards`.
"""

_NAMES = """
def _named(thing):
    seen = set()
    while thing is not None and id(thing) not in seen:
        seen.add(id(thing))
        inner = getattr(thing, "__wrapped__", None) or getattr(thing, "func", None) if not isinstance(thing, type) else None
        if inner is None or not callable(inner):
            break
        thing = inner
    thing = getattr(thing, "__func__", thing)
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    return "%s:%s" % (getattr(thing, "__module__", ""), thing.__qualname__)
"""

CLICK = (
    _NAMES
    + """
def _visit(command, names, context, found):
    import click
    context = click.Context(command, info_name=names[-1] if names else None, parent=context)
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                _visit(below, names + [name], context, found)
    elif command.callback is not None:
        found.append({"kind": "cli", "name": " ".join(names), "handler": _named(command.callback), "guards": []})


def dump(app):
    found = []
    app = getattr(app, "cli", app)
    _visit(app, [getattr(app, "name", None) or "cli"], None, found)
    return found
"""
)

TYPER = (
    CLICK
    + """

def dump(app):
    import typer
    command = typer.main.get_command(app) if isinstance(app, typer.Typer) else app
    found = []
    _visit(command, [getattr(command, "name", None) or "cli"], None, found)
    return found
"""
)

CELERY = (
    _NAMES
    + """
def dump(app):
    app.loader.import_default_modules()
    app.finalize()
    found = []
    for name, task in sorted(app.tasks.items()):
        if not name.startswith("celery."):
            found.append({"kind": "task", "name": name, "handler": _named(task.run), "guards": []})
    for name, row in sorted((app.conf.beat_schedule or {}).items()):
        task = app.tasks.get(row.get("task", ""))
        if task is not None:
            found.append({"kind": "schedule", "name": name, "handler": _named(task.run), "guards": []})
    return found
"""
)

DRAMATIQ = (
    _NAMES
    + """
def dump(app):
    import dramatiq
    broker = app if hasattr(app, "actors") else dramatiq.get_broker()
    return [
        {"kind": "task", "name": name, "handler": _named(actor.fn), "guards": []}
        for name, actor in sorted(broker.actors.items())
    ]
"""
)

HUEY = (
    _NAMES
    + """
def _inner(function):
    for cell in getattr(function, "__closure__", None) or ():
        held = cell.cell_contents
        if callable(held) and not isinstance(held, type) and hasattr(held, "__qualname__"):
            return held
    return function


def dump(app):
    found = []
    for name, task in sorted(app._registry._registry.items()):
        function = _inner(task.execute)
        kind = "schedule" if hasattr(task, "validate_datetime") else "task"
        found.append({"kind": kind, "name": name, "handler": _named(function), "guards": []})
    return found
"""
)

APSCHEDULER = (
    _NAMES
    + """
def dump(app):
    return [
        {"kind": "schedule", "name": job.id, "handler": _named(job.func), "guards": []}
        for job in app.get_jobs()
    ]
"""
)
