"""What a program of Go runs by itself."""

import pytest

from release_harness.steps.evidence.impact.entries import go_program
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.link.linked import link_sources

pytest.importorskip("tree_sitter_go")


def found(files: dict[str, str]) -> Discovery:
    """Return what is found in some files."""
    linked = link_sources({"go.mod": "module example.com/shop/v2\n"} | files, [go_program.FRAMEWORK])
    return go_program.FRAMEWORK.assemble(linked.registrations["Go"], linked.program)


def names(discovery: Discovery) -> set[tuple[str, str]]:
    """Return kind and name of every entry."""
    return {(each.kind, each.name) for each in discovery.entries}


def test_a_program_is_called_after_its_folder_or_its_module() -> None:
    """A command line that parses its flags itself is a way in like any other."""
    files = {
        "main.go": "package main\n\nfunc main() { run() }\n\nfunc run() {}\n",
        "cmd/import/main.go": "package main\n\nfunc main() {}\n",
        "lib/main.go": "package lib\n\nfunc main() {}\n",
    }
    assert names(found(files)) == {("cli", "shop"), ("cli", "import")}


LOOPS = """package app

import (
\t"context"
\t"time"
)

type Job struct{}

type Pool struct {
\tqueue    chan Job
\tshutdown chan struct{}
}

func (p *Pool) Push(job Job) {
\tselect {
\tcase p.queue <- job:
\tcase <-p.shutdown:
\t\treturn
\t}
}

type worker struct{}

func (w *worker) Run(c <-chan Job, shutdown <-chan struct{}) {
\tfor {
\t\tvar job Job
\t\tselect {
\t\tcase <-shutdown:
\t\t\treturn
\t\tcase job = <-c:
\t\t}
\t\twork(job)
\t}
}

func work(job Job) {}

func NewPool() *Pool {
\tpool := &Pool{queue: make(chan Job)}
\tw := &worker{}
\tgo w.Run(pool.queue, pool.shutdown)
\tgo refresh(time.Hour)
\tgo func() {
\t\tfor {
\t\t\tclean()
\t\t\ttime.Sleep(3)
\t\t}
\t}()
\tgo once()
\tgo func() {
\t\ttime.Sleep(3)
\t\tonce()
\t}()
\treturn pool
}

func refresh(d time.Duration) {
\tfor range time.Tick(d) {
\t\tclean()
\t}
}

func clean() {}

func once() {}
"""


def test_loops_that_are_started_beside_are_schedules_and_workers() -> None:
    """A feed that is refreshed every hour is asked for by nobody, and breaks all the same."""
    discovery = found({"app/app.go": LOOPS})
    assert names(discovery) == {("task", "worker.Run"), ("schedule", "refresh"), ("schedule", "NewPool")}


def test_who_sends_into_a_channel_starts_the_work_of_its_worker_for_later() -> None:
    """The channel goes through a field and a parameter; no call leads from one to the other."""
    edges = [
        (each.source.rpartition(":")[2], each.target.rpartition(":")[2], each.asynchronous)
        for each in found({"app/app.go": LOOPS}).edges
    ]
    assert edges == [("Pool.Push", "worker.Run", True)]
