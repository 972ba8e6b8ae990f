"""What the types of Go tell: results, items, channels, methods in other files, and who satisfies an interface."""

import pytest

from release_harness.steps.evidence.impact.graph import Node, ReferenceGraph
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence

pytest.importorskip("tree_sitter_go")
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
MODEL = (
    "package model\n\ntype Job struct{}\n\nfunc (j *Job) Run() {}\n\ntype Jobs []*Job\n\nfunc (j Jobs) All() {}\n\n"
    "type Failure struct{}\n\nfunc (f *Failure) Translate() string { return say() }\n\nfunc say() string { return text }\n"
)


def graph_of(body: str, **files: str) -> ReferenceGraph:
    """Link a package `app` that uses the package `model`."""
    app = f'package app\n\nimport "example.org/x/model"\n\n{body}'
    others = {
        f"app/{name}.go": f'package app\n\nimport "example.org/x/model"\n\n{text}' for name, text in files.items()
    }
    return link_sources(
        {"go.mod": "module example.org/x\n", "model/model.go": MODEL, "app/app.go": app, **others}
    ).graph()


def how_sure(graph: ReferenceGraph, seed: str, target: str = "app/app.go:page") -> Confidence | None:
    """Return how sure the best way is; None when there is none."""
    found = graph.reaching([seed], [Node(target)]).get((Node(target), seed))
    return None if found is None else found.confidence


TYPED = {
    "a second result": "func make2() (*model.Job, *model.Failure) { return nil, nil }\nfunc page() {\n\tjob, failed := make2()\n\tfailed.Translate()\n\tjob.Run()\n}\n",
    "an item of a slice": "func page(jobs []*model.Job, failed []model.Failure) {\n\tjobs[0].Run()\n\tfailed[1].Translate()\n}\n",
    "a loop over a slice": "func page(jobs []*model.Job, failed []model.Failure) {\n\tfor _, each := range jobs {\n\t\teach.Run()\n\t}\n\tfor _, one := range failed {\n\t\tone.Translate()\n\t}\n}\n",
    "a loop over a named slice": "func page(jobs model.Jobs, failed map[string]*model.Failure) {\n\tfor _, each := range jobs {\n\t\teach.Run()\n\t}\n\tfailed[name].Translate()\n}\n",
    "a channel": "func page(jobs chan *model.Job, failed <-chan model.Failure) {\n\tjob := <-jobs\n\tjob.Run()\n\tfor one := range failed {\n\t\tone.Translate()\n\t}\n}\n",
    "what is made": "func page() {\n\tjob := new(model.Job)\n\tjob.Run()\n\tfailed := make([]*model.Failure, 3)\n\tfailed = append(failed, nil)\n\tfailed[0].Translate()\n}\n",
    "several arguments": "func page(failed model.Failure, jobs ...*model.Job) {\n\tfailed.Translate()\n\tfor _, each := range jobs {\n\t\teach.Run()\n\t}\n}\n",
}


@pytest.mark.parametrize("case", sorted(TYPED))
def test_a_method_is_found_by_the_type_of_its_receiver(case: str) -> None:
    """Go says every type; a guess by the name of the method would be a waste of it."""
    graph = graph_of(TYPED[case])
    assert how_sure(graph, "model/model.go:Job.Run") is HIGH
    assert how_sure(graph, "model/model.go:say") is HIGH
    assert graph.unresolved_calls_count == 0


def test_an_index_is_no_item() -> None:
    """The first name of a loop over a slice is a number."""
    graph = graph_of("func page(jobs []*model.Job) {\n\tfor each := range jobs {\n\t\teach.Run()\n\t}\n}\n")
    assert how_sure(graph, "model/model.go:Job.Run") is LOW


SATISFIED = (
    "type finder interface {\n\tFind(name string) error\n\tclose()\n}\n\ntype page_ struct{ f finder }\n\n"
    "func page(f finder) { f.Find(name) }\n\n"
    "type one struct{}\n\nfunc (o *one) Find(name string) error { return nil }\nfunc (o *one) close() {}\n\n"
    "type two struct{ *one }\n\ntype half struct{}\n\nfunc (h *half) Find(name string) error { return nil }\n\n"
    "type other struct{}\n\nfunc (o *other) Find() error { return nil }\nfunc (o *other) close() {}\n"
)


def test_a_call_through_an_interface_may_be_any_type_that_satisfies_it_and_no_other() -> None:
    """Nothing in Go names the interface that a type satisfies; its methods, and how many arguments they take, do."""
    graph = graph_of(SATISFIED)
    assert how_sure(graph, "app/app.go:one.Find") is MEDIUM
    assert how_sure(graph, "app/app.go:half.Find") is None
    assert how_sure(graph, "app/app.go:other.Find") is None


def test_methods_of_a_type_in_several_files_satisfy_an_interface_together() -> None:
    """Large types are spread over the files of their package."""
    graph = graph_of(
        "type store interface {\n\tLoad(id int)\n\tSave(id int)\n}\n\nfunc page(s store) { s.Load(1) }\n\ntype disk struct{}\n",
        load="func (d *disk) Load(id int) {}\n",
        save="func (d disk) Save(id int) {}\n",
    )
    assert how_sure(graph, "app/load.go:disk.Load") is MEDIUM


def test_an_interface_that_everything_satisfies_leads_nowhere_and_is_counted() -> None:
    """A call of an interface with fifty types behind it says nothing of any of them."""
    many = "".join(f"type t{number} struct{{}}\n\nfunc (t *t{number}) Close() {{}}\n\n" for number in range(50))
    graph = graph_of(f"type closer interface {{\n\tClose()\n}}\n\nfunc page(c closer) {{ c.Close() }}\n\n{many}")
    assert how_sure(graph, "app/app.go:t3.Close") is None
    assert any("interface" in cause for cause in graph.dropped)
