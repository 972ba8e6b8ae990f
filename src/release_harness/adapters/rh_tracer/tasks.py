"""Tasks of queues, whether a worker runs them or a test runs them at once."""

from __future__ import annotations

import functools
from typing import Any

from .core import Holder, trace
from .watching import dispatch, quietly, replace_attribute


def _open_task(name: str, function: Any) -> Holder | None:
    holder = trace.open("task", name)
    if holder is not None:
        holder.name_it(name, function)
    return holder


def watch_celery(module: Any) -> None:
    """Workers and `apply`, also by `task_always_eager`, run a task by what `build_tracer` returns."""

    def make(original: Any) -> Any:
        def build_tracer(name: str, task: Any, *arguments: Any, **named: Any) -> Any:
            run = original(name, task, *arguments, **named)

            @functools.wraps(run)
            def trace_task(*given: Any, **more: Any) -> Any:
                holder = quietly(_open_task, str(name), getattr(task, "run", None))
                try:
                    return run(*given, **more)
                finally:
                    trace.close(holder)

            return trace_task

        return build_tracer

    replace_attribute(module, "build_tracer", make)


def watch_rq(module: Any) -> None:
    """RQ's workers and its synchronous queues perform the job itself."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        job = arguments[0]
        return _open_task(str(job.func_name), quietly(lambda: job.func))

    dispatch(module.Job, "perform", start=start)


def watch_dramatiq(module: Any) -> None:
    """A worker thread processes a message for an actor."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        thread, message = arguments[0], arguments[1]
        actor = quietly(thread.broker.get_actor, message.actor_name)
        return _open_task(str(message.actor_name), getattr(actor, "fn", None))

    dispatch(module._WorkerThread, "process_message", start=start)  # noqa: SLF001 - the class of all workers


def watch_arq(module: Any) -> None:
    """arq looks the coroutine function of a job up in its worker."""

    def make(original: Any) -> Any:
        def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807 - it takes the place of that
            original(self, *arguments, **named)
            quietly(_watch_functions, self)

        return __init__

    replace_attribute(module.Worker, "__init__", make)


def _watch_functions(worker: Any) -> None:
    for name, function in list(worker.functions.items()):
        function.coroutine = _awaited(str(name), function.coroutine)


def _awaited(name: str, coroutine: Any) -> Any:
    @functools.wraps(coroutine)
    async def run(*arguments: Any, **named: Any) -> Any:
        holder = quietly(_open_task, name, coroutine)
        try:
            return await coroutine(*arguments, **named)
        finally:
            trace.close(holder)

    return run


def watch_huey(module: Any) -> None:
    """huey executes tasks in its consumer, or at once when it is immediate."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        task = arguments[1]
        kind = type(task)
        run = vars(kind).get("execute")
        closed = [each.cell_contents for each in getattr(run, "__closure__", None) or ()]
        functions = [each for each in closed if callable(each) and hasattr(each, "__code__")]
        return _open_task(f"{kind.__module__}.{task.name}", functions[0] if functions else run)

    dispatch(module.Huey, "_execute", start=start)
