"""What a change of an application in another language than Python is said to touch."""

import pytest

from release_harness.steps.evidence.model.impact import ImpactAnswer, Label
from release_harness.testing.shop import touched_by

pytest.importorskip("tree_sitter_typescript")


def names(answer: ImpactAnswer) -> dict[str, Label]:
    """Return the affected entry points by name."""
    return {each.entry.name: each.label for each in answer.affected}


NEST = {
    "src/app.module.ts": (
        "import { Module } from '@nestjs/common'\nimport { UsersController } from './users.controller'\n"
        "@Module({ controllers: [UsersController] })\nexport class AppModule {}\n"
    ),
    "src/users.controller.ts": (
        "import { Controller, Get } from '@nestjs/common'\nimport { UsersService } from './users.service'\n"
        "@Controller('users')\nexport class UsersController {\n  constructor(private readonly users: UsersService) {}\n"
        "  @Get() list() { return this.users.list() }\n  @Get('count') count() { return 1 }\n}\n"
    ),
    "src/users.service.ts": (
        "import { User } from './user'\nexport class UsersService {\n  list(): User[] { const found: User[] = []; return found }\n}\n"
    ),
    "src/user.ts": "export interface User {\n  name: string\n}\n",
}


def changed(path: str, old: str, new: str) -> ImpactAnswer:
    """Return what one change of the application touches."""
    assert old in NEST[path]
    return touched_by(NEST | {path: NEST[path].replace(old, new)}, NEST)


@pytest.mark.slow
def test_a_service_that_is_injected_is_surely_run_by_the_route_that_asks_it() -> None:
    """To say that nothing is affected when a service changes would be wrong for most server applications."""
    assert names(changed("src/users.service.ts", "return found", "return found.slice(1)")) == {
        "GET /users": Label.RESOLVED
    }


def test_a_type_that_gained_a_field_runs_nothing() -> None:
    """Interfaces are gone at run time: what changes is the code that fills the field, and that is told."""
    answer = changed("src/user.ts", "name: string", "name: string\n  age: number")

    assert answer.affected == ()
    assert [each.symbol for each in answer.changed] == ["src/user.ts:User.age"]


def test_what_many_may_reach_by_a_guess_is_not_told_as_if_all_of_them_did() -> None:
    """One route surely runs the change; that thirty more have a call of the same name is a guess, and told as one."""
    methods = "".join(f"  @Get('x{number}') x{number}(asked) {{ return asked.rebuild() }}\n" for number in range(30))
    base = NEST | {
        "src/many.controller.ts": "import { Controller, Get } from '@nestjs/common'\n@Controller('many')\nexport class ManyController {\n"
        + methods
        + "}\n",
        "src/app.module.ts": NEST["src/app.module.ts"]
        .replace("[UsersController]", "[UsersController, ManyController]")
        .replace("@Module", "import { ManyController } from './many.controller'\n@Module"),
        "src/users.service.ts": "export class UsersService {\n  list() { return this.rebuild() }\n  rebuild() { return 1 }\n}\n",
    }
    answer = touched_by(
        base | {"src/users.service.ts": base["src/users.service.ts"].replace("return 1", "return 2")}, base
    )

    assert names(answer) == {"GET /users": Label.RESOLVED}
    assert [(each.symbol, each.label) for each in answer.cross_cutting] == [
        ("src/users.service.ts:UsersService.rebuild", Label.POSSIBLE)
    ]
    assert answer.reached_count == 1


GO = {
    "go.mod": "module shop.app/v2\n",
    "main.go": 'package main\n\nimport "shop.app/v2/web"\n\nfunc main() { web.Serve() }\n',
    "web/web.go": (
        'package web\n\nimport "net/http"\n\nfunc Serve() {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc("GET /items", list)\n'
        "\tstart()\n\thttp.ListenAndServe(address, csrf(mux))\n}\n\nfunc list(w http.ResponseWriter, r *http.Request) {}\n\n"
        "func start() { prepare(1) }\n\nfunc prepare(n int) {}\n\n"
        "func csrf(next http.Handler) http.Handler {\n\treturn http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {\n"
        "\t\tif valid(1) {\n\t\t\tnext.ServeHTTP(w, r)\n\t\t}\n\t})\n}\n\nfunc valid(n int) bool { return n > 1 }\n"
    ),
}


def test_a_program_that_puts_middleware_around_its_routes_does_not_run_it() -> None:
    """What checks every request is told with the requests, not with the command that once starts the server."""
    pytest.importorskip("tree_sitter_go")
    checked = touched_by(GO | {"web/web.go": GO["web/web.go"].replace("n > 1", "n > 2")}, GO)
    assert names(checked) == {}
    assert [(each.symbol, each.reason, each.entries_count) for each in checked.cross_cutting] == [
        ("web/web.go:valid", "wraps the router", 1)
    ]
    started = touched_by(GO | {"web/web.go": GO["web/web.go"].replace("prepare(1)", "prepare(2)")}, GO)
    assert names(started) == {"shop": Label.RESOLVED}


def test_a_program_that_makes_a_handler_does_not_run_it() -> None:
    """The server that is started once was told as what every change behind such a route affects."""
    pytest.importorskip("tree_sitter_go")
    made = {
        **GO,
        "web/web.go": GO["web/web.go"].replace(
            'mux.HandleFunc("GET /items", list)', 'made := newHandler(2)\n\tmux.Handle("GET /items", made)'
        )
        + "\ntype handler struct{ n int }\n\n"
        "func newHandler(n int) http.Handler {\n\th := &handler{n: n}\n\treturn http.HandlerFunc(h.serve)\n}\n\n"
        "func (h *handler) serve(w http.ResponseWriter, r *http.Request) { price(1) }\n\nfunc price(n int) int { return n + 1 }\n",
    }
    asked = touched_by(made | {"web/web.go": made["web/web.go"].replace("n + 1", "n + 2")}, made)
    assert names(asked) == {"GET /items": Label.RESOLVED}
    started = touched_by(made | {"web/web.go": made["web/web.go"].replace("{n: n}", "{n: n + 1}")}, made)
    assert names(started) == {"shop": Label.RESOLVED}


def test_the_name_of_a_program_in_a_text_does_not_run_the_program() -> None:
    """It is mostly the name of the product, which stands in metrics, headers and titles."""
    pytest.importorskip("tree_sitter_go")
    named = {
        **GO,
        "web/web.go": GO["web/web.go"].replace("func list(w http.ResponseWriter, r *http.Request) {}", "")
        + '\nfunc list(w http.ResponseWriter, r *http.Request) { w.Header().Set("Server", "shop") }\n',
    }
    started = touched_by(named | {"web/web.go": named["web/web.go"].replace("prepare(1)", "prepare(2)")}, named)
    assert names(started) == {"shop": Label.RESOLVED}
