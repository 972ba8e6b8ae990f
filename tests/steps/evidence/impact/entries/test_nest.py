"""Entry points of NestJS: what its routes are called, and what stands before them."""

import pytest

from release_harness.steps.evidence.impact.entries import nest
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.link.linked import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

pytest.importorskip("tree_sitter_typescript")


def found(files: dict[str, str]) -> Discovery:
    """Return what is found in some files."""
    linked = link_sources(files, [nest.FRAMEWORK])
    return nest.FRAMEWORK.assemble(linked.registrations["NestJS"], linked.program)


def names(discovery: Discovery) -> set[str]:
    """Return the names of all entry points."""
    return {each.name for each in discovery.entries}


def entry(discovery: Discovery, name: str) -> EntryPoint:
    """Return one entry by its name."""
    return next(each for each in discovery.entries if each.name == name)


def guards(discovery: Discovery, name: str) -> list[str]:
    """Return the names of the guards of one entry."""
    return [each.name for each in entry(discovery, name).guards]


def around(discovery: Discovery) -> dict[tuple[str, str], int]:
    """Return what stands around how many entries."""
    return {(each.symbol.rpartition(":")[2], each.reason): len(each.entries or ()) for each in discovery.around}


NEST = {
    "src/app.module.ts": """
import { Module } from '@nestjs/common';
import { UsersController } from './users.controller';
@Module({ controllers: [UsersController] })
export class AppModule {}
""",
    "src/users.controller.ts": """
import { Controller, Get, Delete, UseGuards } from '@nestjs/common';
import { AuthGuard } from './auth.guard';
import { AdminGuard } from './auth.guard';
@Controller('users')
@UseGuards(AuthGuard)
export class UsersController {
  @Get(':id') find() { return 1; }
  @Delete(':id') @UseGuards(AdminGuard) remove() { return 1; }
}
""",
    "src/auth.guard.ts": "export class AuthGuard {}\nexport class AdminGuard {}\n",
    "src/orphan.controller.ts": """
import { Controller, Get } from '@nestjs/common';
@Controller('orphans') export class OrphanController { @Get() list() { return []; } }
""",
    "src/main.ts": """
import { NestFactory } from '@nestjs/core';
async function bootstrap() { const app = await NestFactory.create(AppModule); app.setGlobalPrefix('api'); }
""",
}


def test_nest_puts_prefix_and_guards_together_from_outside_to_inside() -> None:
    """The guard of a class stands before that of its method, and a removed one has to be seen."""
    discovery = found(NEST)
    assert guards(discovery, "DELETE /api/users/{id}") == ["AuthGuard", "AdminGuard"]
    assert guards(discovery, "GET /api/users/{id}") == ["AuthGuard"]
    assert entry(discovery, "GET /api/users/{id}").guards[0].symbol == "src/auth.guard.ts:AuthGuard"
    assert entry(discovery, "GET /api/users/{id}").mounted is True


def test_a_nest_controller_that_no_module_lists_is_not_mounted() -> None:
    """An agent that forgets the module hands in a route that nobody can call."""
    assert entry(found(NEST), "GET /api/orphans").mounted is False


def with_module(body: str) -> dict[str, str]:
    """Return the application with a module that configures middleware."""
    module = f"export class AppModule {{\n  configure(consumer) {{ {body} }}\n}}\n"
    text = NEST["src/app.module.ts"].replace("export class AppModule {}", module)
    check = "export class AuthMiddleware { use() {} }\nexport class HtmlMiddleware { use() {} }\n"
    text = "import { AuthMiddleware, HtmlMiddleware } from './check';\nconst BOARD = '/board';\n" + text
    return NEST | {"src/app.module.ts": text, "src/check.ts": check}


@pytest.mark.parametrize(
    ("chain", "stands"),
    [
        ("consumer.apply(AuthMiddleware).forRoutes('users')", {"GET", "DELETE"}),
        ("consumer.apply(AuthMiddleware).forRoutes(UsersController)", {"GET", "DELETE"}),
        ("consumer.apply(AuthMiddleware).forRoutes('*')", {"GET", "DELETE"}),
        ("consumer.apply(AuthMiddleware).forRoutes('*wildcard')", {"GET", "DELETE"}),
        ("consumer.apply(AuthMiddleware).forRoutes('orders')", set()),
        ("consumer.apply(AuthMiddleware).forRoutes(BOARD)", set()),
        ("consumer.apply(AuthMiddleware).forRoutes({ path: 'users/:id', method: RequestMethod.DELETE })", {"DELETE"}),
        (
            "consumer.apply(AuthMiddleware).exclude({ path: 'users/(.*)', method: RequestMethod.GET }).forRoutes('users')",
            {"DELETE"},
        ),
    ],
)
def test_middleware_that_checks_is_a_guard_of_the_routes_it_is_applied_to(chain: str, stands: set[str]) -> None:
    """`consumer.apply(…).forRoutes(…)` is how sessions and tokens are checked in many applications."""
    discovery = found(with_module(chain))
    every = {each: guards(discovery, f"{each} /api/users/{{id}}") for each in ("GET", "DELETE")}
    assert {each for each, held in every.items() if "AuthMiddleware" in held} == stands
    assert all(each.guards_known for each in discovery.entries)


def test_middleware_that_checks_nothing_stands_around_and_is_no_guard() -> None:
    """A page that is filled in is no protection; to call it one would hide that there is none."""
    discovery = found(with_module("consumer.apply(HtmlMiddleware).forRoutes('*wildcard')"))
    assert guards(discovery, "GET /api/users/{id}") == ["AuthGuard"]
    assert entry(discovery, "GET /api/users/{id}").guards_known is True
    assert around(discovery)["HtmlMiddleware", "middleware"] == 3


def test_middleware_for_computed_routes_makes_guards_not_known() -> None:
    """It may stand before any route; to say "no guard" would be a claim."""
    discovery = found(with_module("consumer.apply(AuthMiddleware).forRoutes(...routes())"))
    assert entry(discovery, "GET /api/users/{id}").guards_known is False


def test_a_function_that_is_applied_is_no_middleware() -> None:
    """Every function of JavaScript has a method `apply`."""
    files = NEST | {
        "src/log.ts": "import { X } from '@nestjs/common';\nexport function log(f, args) { return f.apply(this, args); }\n"
    }
    assert all(each.guards_known for each in found(files).entries)


def test_versions_are_part_of_the_path_only_where_the_application_says_so() -> None:
    """A route is known by the path that users call, with its version, and some have none."""
    controller = """
import { Controller, Get, Version, VERSION_NEUTRAL } from '@nestjs/common';
@Controller('items')
export class UsersController {
  @Get() list() { return 1; }
  @Get('new') @Version('2') fresh() { return 1; }
  @Get('any') @Version(VERSION_NEUTRAL) any() { return 1; }
}
"""
    main = NEST["src/main.ts"].replace(
        "app.setGlobal", "app.enableVersioning({ defaultVersion: '1', type: X }); app.setGlobal"
    )
    files = NEST | {"src/users.controller.ts": controller}
    uri = names(found(files | {"src/main.ts": main.replace("X", "VersioningType.URI")}))
    header = names(found(files | {"src/main.ts": main.replace("X", "VersioningType.HEADER")}))
    assert {"GET /api/v1/items", "GET /api/v2/items/new", "GET /api/items/any"} <= uri
    assert {"GET /api/items", "GET /api/items/new", "GET /api/items/any"} <= header


def test_paths_that_are_left_out_of_the_prefix_have_none() -> None:
    """A health check or a sitemap is served beside the prefix."""
    left_out = "['orphans', `${board()}{/*rest}`, ...pages.map((each) => `/${each}{/*rest}`)]"
    main = NEST["src/main.ts"].replace("('api')", f"('api', {{ exclude: {left_out} }})")
    assert names(found(NEST | {"src/main.ts": main})) == {
        "GET /orphans",
        "GET /api/users/{id}",
        "DELETE /api/users/{id}",
    }


def test_decorators_that_the_repository_puts_together_are_taken_apart() -> None:
    """`applyDecorators` hides the guards of a route behind one word of the repository's own."""
    files = NEST | {
        "src/scope.ts": """
import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { AdminGuard, AuthGuard } from './auth.guard';
export function RequiresScope(...scopes) { return applyDecorators(SetMetadata('scopes', scopes), UseGuards(AuthGuard, AdminGuard)); }
export const HasPermission = (name) => SetMetadata('permission', name);
export const Page = (name) => SetMetadata('page', name);
""",
        "src/users.controller.ts": """
import { Controller, Get, Delete } from '@nestjs/common';
import { HasPermission, Page, RequiresScope } from './scope';
@Controller('users')
export class UsersController {
  @Get(':id') @HasPermission('read') find() { return 1; }
  @Delete(':id') @HasPermission('delete') @Page('x') @RequiresScope('all') remove() { return 1; }
}
""",
    }
    discovery = found(files)
    assert guards(discovery, "DELETE /api/users/{id}") == [
        "AuthGuard",
        "AdminGuard",
        'HasPermission("delete")',
        'RequiresScope("all")',
    ]
    assert guards(discovery, "GET /api/users/{id}") == []
    assert around(discovery)["AdminGuard", "guard"] == 1


def test_what_the_application_says_for_all_stands_around_what_is_asked_from_outside_alone() -> None:
    """No guard stands before a schedule, an event or a job: Nest calls them itself."""
    files = NEST | {
        "src/app.module.ts": """
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { UsersController } from './users.controller';
import { AuthGuard, Caught } from './auth.guard';
@Module({ controllers: [UsersController], providers: [{ provide: APP_GUARD, useClass: AuthGuard }, { provide: APP_FILTER, useClass: Caught }] })
export class AppModule {}
""",
        "src/auth.guard.ts": "export class AuthGuard {}\nexport class AdminGuard {}\nexport class Caught {}\n",
        "src/cron.ts": """
import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
@Injectable() export class CronService { @Cron(CronExpression.EVERY_HOUR) clean() { return 1; } }
""",
    }
    discovery = found(files)
    assert guards(discovery, "CronService.clean CronExpression.EVERY_HOUR") == []
    assert guards(discovery, "GET /api/orphans") == ["AuthGuard"]
    assert around(discovery)["Caught", "exception filter"] == 3


def test_interceptors_and_pipes_stand_around_the_routes_that_name_them() -> None:
    """What hides values from an answer is as important as the answer."""
    files = NEST | {
        "src/users.controller.ts": """
import { Controller, Get, UseInterceptors, UsePipes } from '@nestjs/common';
import { Hide, Trim } from './hide';
@Controller('users') @UsePipes(new Trim())
export class UsersController { @Get(':id') @UseInterceptors(Hide) find() { return 1; } @Get() list() { return 1; } }
""",
        "src/hide.ts": "export class Hide {}\nexport class Trim {}\n",
    }
    held = around(found(files))
    assert (held["Hide", "interceptor"], held["Trim", "pipe"]) == (1, 2)


def test_who_is_asked_is_found_by_the_strategy_that_a_guard_names() -> None:
    """`AuthGuard("jwt")` is of a library; what it runs before every route is a class of the repository."""
    files = NEST | {
        "src/users.controller.ts": """
import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
@Controller('users')
export class UsersController {
  @Get() @UseGuards(AuthGuard('jwt')) list() { return 1; }
  @Post() @UseGuards(AuthGuard('api-key')) add() { return 1; }
  @Get('open') open() { return 1; }
}
""",
        "src/jwt.strategy.ts": """
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { HeaderAPIKeyStrategy } from 'passport-headerapikey';
@Injectable() export class JwtStrategy extends PassportStrategy(Strategy) { validate(payload) { return 1; } }
@Injectable() export class KeyStrategy extends PassportStrategy(HeaderAPIKeyStrategy, 'api-key') { validate(key) { return 1; } }
""",
    }
    held = {each.symbol.rpartition(":")[2]: each.entries for each in found(files).around}
    assert held["JwtStrategy.validate"] == frozenset({"http GET /api/users"})
    assert held["KeyStrategy.validate"] == frozenset({"http POST /api/users"})


QUEUE = {
    "src/queue.ts": "export const MAIL = 'mail';\nexport const WELCOME = 'welcome';\n",
    "src/mail.service.ts": """
import { InjectQueue } from '@nestjs/bull';
import { Injectable } from '@nestjs/common';
import { MAIL, WELCOME } from './queue';
@Injectable() export class MailService {
  constructor(@InjectQueue(MAIL) private readonly mail: Queue, private readonly events: EventEmitter2) {}
  welcome() { return this.mail.add(WELCOME, {}); }
  any(name: string) { return this.mail.add(name, {}); }
  tell() { this.events.emit(Changed.getName(), new Changed()); }
}
export class Changed { static getName() { return 'changed'; } }
""",
    "src/mail.processor.ts": """
import { Processor, Process } from '@nestjs/bull';
import { OnEvent } from '@nestjs/event-emitter';
import { MAIL, WELCOME } from './queue';
import { Changed } from './mail.service';
@Processor(MAIL) export class MailProcessor {
  @Process({ concurrency: 2, name: WELCOME }) greet(job) { return 1; }
  @Process('bye') leave(job) { return 1; }
  @OnEvent(Changed.getName()) told() { return 1; }
}
""",
}


def test_a_job_is_followed_to_the_method_that_takes_it_later() -> None:
    """The route that enqueues answers at once; what it started fails somewhere else."""
    discovery = found(QUEUE)
    edges = {
        (each.source.rpartition(".")[2], each.target.rpartition(".")[2]): (each.confidence.value, each.asynchronous)
        for each in discovery.edges
    }
    assert edges == {
        ("welcome", "greet"): ("high", True),
        ("any", "greet"): ("medium", True),
        ("any", "leave"): ("medium", True),
        ("tell", "told"): ("high", False),
    }
    assert "MailProcessor.greet welcome" in names(discovery)


def test_a_worker_of_a_queue_is_an_entry_point_without_a_decorator_of_its_own() -> None:
    """In newer libraries one method takes all jobs of a queue."""
    files = {
        "src/mail.processor.ts": """
import { Processor, WorkerHost, InjectQueue } from '@nestjs/bullmq';
@Processor('mail') export class MailProcessor extends WorkerHost { async process(job) { return 1; } }
export class MailService { constructor(@InjectQueue('mail') private mail: Queue) {} send() { return this.mail.add('x', {}); } }
"""
    }
    discovery = found(files)
    assert names(discovery) == {"MailProcessor.process"}
    assert [each.target.rpartition(":")[2] for each in discovery.edges] == ["MailProcessor.process"]
