"""HTTP in Go: patterns, nested routers, handlers behind conversions and makers, and middleware that is a function around a handler."""

import pytest

from release_harness.steps.evidence.impact.entries import go_http
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.link.linked import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

pytest.importorskip("tree_sitter_go")
GO_MOD = {"go.mod": "module example.com/shop\n\ngo 1.22\n"}
HEAD = 'package a\n\nimport "net/http"\n\n'
TYPES = (
    "type session struct{}\n\ntype csrf struct{}\n\nfunc (s *session) handle(next http.Handler) http.Handler { return next }\n\n"
    "func (c *csrf) handle(next http.Handler) http.Handler { return next }\n\n"
    "func compress(next http.Handler) http.Handler { return next }\n\n"
    "func save(w http.ResponseWriter, r *http.Request) {}\n\n"
)


def found(files: dict[str, str]) -> Discovery:
    """Return what is found in some files."""
    linked = link_sources(GO_MOD | files, [go_http.FRAMEWORK])
    return go_http.FRAMEWORK.assemble(linked.registrations["Go HTTP"], linked.program)


def entry(discovery: Discovery, name: str) -> EntryPoint:
    """Return one entry by its name."""
    return next(each for each in discovery.entries if each.name == name)


def guards(discovery: Discovery, name: str) -> list[str]:
    """Return the names of the guards of one entry."""
    return [each.name for each in entry(discovery, name).guards]


def served(body: str, **files: str) -> Discovery:
    """Return what one package with a function around it is found to have."""
    return found({"a.go": f"{HEAD}{TYPES}{body}", **{f"{name}.go": text for name, text in files.items()}})


def test_go_routers_nest_groups_and_functions_that_are_handed_a_router() -> None:
    """A group's middleware guards its own routes and not those of its sibling."""
    files = {
        "main.go": 'package main\nimport (\n"github.com/gin-gonic/gin"\n"example.com/shop/items"\n)\nfunc main() {\nr := gin.Default()\nopen := r.Group("/v1")\nclosed := r.Group("/v1")\nclosed.Use(RequireUser())\nopen.GET("/health", Health)\nitems.Register(closed.Group("/items"))\nr.Run()\n}\nfunc Health(c *gin.Context) {}\n',
        "items/items.go": 'package items\nimport "github.com/gin-gonic/gin"\nfunc Register(g *gin.RouterGroup) {\ng.DELETE("/:id", Remove)\n}\nfunc Remove(c *gin.Context) {}\n',
    }
    discovery = found(files)
    assert guards(discovery, "GET /v1/health") == []
    assert guards(discovery, "DELETE /v1/items/{id}") == ["RequireUser()"]
    assert entry(discovery, "DELETE /v1/items/{id}").handler == "items/items.go:Remove"


def test_go_reads_patterns_of_the_standard_mux_and_nested_chi_routes() -> None:
    """`GET /x` is a pattern of Go 1.22; chi nests routes in functions."""
    files = {
        "a.go": 'package a\nimport "net/http"\nfunc A() {\nmux := http.NewServeMux()\nmux.HandleFunc("GET /items/{id}", get)\nmux.Handle("/static/", files)\nm := map[string]int{}\n_ = m\n}\nfunc get(w http.ResponseWriter, r *http.Request) {}\n',
        "b.go": 'package a\nimport "github.com/go-chi/chi/v5"\nfunc B() {\nr := chi.NewRouter()\nr.Route("/admin", func(r chi.Router) {\nr.Use(AdminOnly)\nr.With(audit).Post("/users", create)\n})\n}\nfunc create() {}\n',
    }
    discovery = found(files)
    assert [each.name for each in discovery.entries] == ["ANY /static", "GET /items/{id}", "POST /admin/users"]
    assert guards(discovery, "POST /admin/users") == ["AdminOnly"]


def test_what_wraps_a_go_router_stands_before_all_of_its_routes() -> None:
    """`session.handle(csrf.handle(mux))` is how net/http has middleware; what does not give a handler back is none."""
    discovery = served(
        "func serve(h http.Handler) error { return nil }\n\nfunc A() http.Handler {\n\tsession := &session{}\n\tcsrfMiddleware := &csrf{}\n"
        '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\tserve(mux)\n'
        "\treturn compress(session.handle(csrfMiddleware.handle(mux)))\n}\n\n"
        'func B() http.Handler {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("GET /open", save)\n\treturn mux\n}\n'
    )
    around = {each.symbol: each.entries for each in discovery.around}
    assert around == {
        "a.go:compress": frozenset({"http POST /items"}),
        "a.go:csrf.handle": frozenset({"http POST /items"}),
        "a.go:session.handle": frozenset({"http POST /items"}),
    }
    assert guards(discovery, "POST /items") == ["session.handle", "csrfMiddleware.handle"]
    assert guards(discovery, "GET /open") == []


WRAPPED = {
    "at once": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\treturn auth(compress(mux))\n',
    "by steps": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\th := compress(mux)\n\th = auth(h)\n\treturn h\n',
    "typed": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\tvar h http.Handler = mux\n\tif on {\n\t\th = auth(h)\n\t}\n\treturn h\n',
    "elsewhere": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\treturn finished(mux)\n',
    "before": '\tmux := http.NewServeMux()\n\th := auth(mux)\n\tmux.HandleFunc("POST /items", save)\n\treturn h\n',
    "curried": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\treturn authWith("x")(mux)\n',
    "cut": '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\treturn auth(http.TimeoutHandler(mux, 1, ""))\n',
}


@pytest.mark.parametrize("case", sorted(WRAPPED))
def test_a_wrapped_router_is_followed_through_variables_and_functions(case: str) -> None:
    """A guard that moves from one line to two is no loss."""
    discovery = served(
        "func auth(next http.Handler) http.Handler { return next }\n\n"
        "func authWith(key string) func(http.Handler) http.Handler { return auth }\n\n"
        "func finished(h http.Handler) http.Handler {\n\treturn compress(auth(h))\n}\n\n"
        f"func A() http.Handler {{\n{WRAPPED[case]}}}\n"
    )
    assert [each.partition("(")[0].removesuffix("With") for each in guards(discovery, "POST /items")] == ["auth"]


def test_a_router_that_another_library_is_handed_has_guards_that_are_not_known() -> None:
    """A chain of middleware that is built by a library may check anything."""
    chained = HEAD.replace('"net/http"', '(\n\t"net/http"\n\t"github.com/justinas/alice"\n)')
    body = '\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n'
    files = {"a.go": f"{chained}{TYPES}func A() http.Handler {{\n{body}\treturn alice.New(compress).Then(mux)\n}}\n"}
    assert entry(found(files), "POST /items").guards_known is False
    files = {"a.go": f"{HEAD}{TYPES}func A() {{\n{body}\thttp.ListenAndServe(address, mux)\n}}\n"}
    assert entry(found(files), "POST /items").guards_known is True


def test_a_router_below_another_keeps_its_patterns_and_gets_the_guards_around_both() -> None:
    """In net/http a router sees the whole path, unless a prefix is cut off before."""
    discovery = served(
        'func api() http.Handler {\n\tinner := http.NewServeMux()\n\tinner.HandleFunc("GET /v1/items", save)\n'
        "\treturn (&session{}).handle(inner)\n}\n\n"
        'func A(base string) http.Handler {\n\tmux := http.NewServeMux()\n\tmux.Handle("/v1/", api())\n'
        '\tmux.HandleFunc("GET /{$}", save)\n\troot := http.NewServeMux()\n'
        '\troot.Handle("/shop/", http.StripPrefix("/shop", compress(mux)))\n\treturn root\n}\n'
    )
    assert {each.name for each in discovery.entries} == {"GET /shop/v1/items", "GET /shop"}
    assert [each.symbol for each in entry(discovery, "GET /shop/v1/items").guards] == ["a.go:session.handle"]
    assert guards(discovery, "GET /shop") == []


def test_what_wraps_the_handler_of_one_route_stands_before_that_route_alone() -> None:
    """`requireUser(http.HandlerFunc(save))` checks one route."""
    discovery = served(
        "func requireUser(next http.HandlerFunc) http.Handler { return next }\n\n"
        'func A() http.Handler {\n\tmux := http.NewServeMux()\n\tmux.Handle("POST /items", compress(requireUser(save)))\n'
        '\tmux.HandleFunc("GET /items", save)\n\treturn mux\n}\n'
    )
    assert guards(discovery, "POST /items") == ["requireUser"]
    assert entry(discovery, "POST /items").handler == "a.go:save"
    assert guards(discovery, "GET /items") == []


MADE = {
    "a maker": 'mux.Handle("/fever/", newFever())',
    "a variable": 'fever := newFever()\n\tmux.Handle("/fever/", fever)',
    "a conversion": 'f := &fever{}\n\tmux.Handle("/fever/", http.HandlerFunc(f.serve))',
    "curried": 'mux.Handle("/fever/", authWith("x")(newFever()))',
}


@pytest.mark.parametrize("case", sorted(MADE))
def test_the_function_that_runs_is_found_behind_makers_and_conversions(case: str) -> None:
    """A route whose handler is a variable would reach nothing."""
    discovery = served(
        "type fever struct{}\n\nfunc (f *fever) serve(w http.ResponseWriter, r *http.Request) {}\n\n"
        "func authWith(key string) func(http.Handler) http.Handler { return nil }\n\n"
        "func newFever() http.Handler {\n\tf := &fever{}\n\treturn http.HandlerFunc(f.serve)\n}\n\n"
        f"func A() {{\n\tmux := http.NewServeMux()\n\t{MADE[case]}\n}}\n"
    )
    assert entry(discovery, "ANY /fever").handler == "a.go:fever.serve"


def test_a_type_that_handles_requests_itself_runs_its_method() -> None:
    """What has `ServeHTTP` is a handler."""
    discovery = served(
        "type files struct{}\n\nfunc (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {}\n\n"
        'func A() {\n\tmux := http.NewServeMux()\n\tmux.Handle("/files/", &files{})\n}\n'
    )
    assert entry(discovery, "ANY /files").handler == "a.go:files.ServeHTTP"


@pytest.mark.parametrize(
    ("body", "checks"),
    [
        ("http.Error(w, text, http.StatusForbidden)", True),
        ("w.WriteHeader(401)", True),
        ("answer(w, newAuthFailureResponse())", True),
        ("w.Header().Set(name, text)", False),
    ],
)
def test_middleware_that_turns_requests_away_is_a_guard_whatever_it_is_called(body: str, checks: bool) -> None:  # noqa: FBT001
    """Half of all checks are called `Middleware`."""
    discovery = served(
        "func Middleware(next http.Handler) http.Handler {\n\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n"
        f"\t\t{body}\n\t}})\n}}\n\n"
        'func A() http.Handler {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n\treturn Middleware(mux)\n}\n'
    )
    assert guards(discovery, "POST /items") == (["Middleware"] if checks else [])


def test_a_setting_as_prefix_gives_no_second_name_to_a_route() -> None:
    """The same route below a prefix that may be empty is one route, and so is a router that is named by its method."""
    discovery = served(
        'func A(base string) http.Handler {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("POST /items", save)\n'
        '\troot := http.NewServeMux()\n\troot.HandleFunc("POST /items", mux.ServeHTTP)\n\tif base != text {\n'
        '\t\troot.Handle(base+"/", http.StripPrefix(base, mux))\n\t} else {\n\t\troot.Handle("/", mux)\n\t}\n\treturn root\n}\n'
    )
    assert [each.name for each in discovery.entries] == ["POST /items"]
