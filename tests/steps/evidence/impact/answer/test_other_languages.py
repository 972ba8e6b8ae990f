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
