"""Entry points of frameworks of other languages than Python: what is found, and what only looks like one."""

import pytest

from release_harness.steps.evidence.impact.entries import (
    cobra,
    fastify,
    hono,
    laravel,
    next_js,
    rails,
    spring,
    without_adapter,
)
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework
from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS, discover
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link.linked import link_sources
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint


def found(framework: Framework, files: dict[str, str]) -> Discovery:
    """Return what one framework is found to have in some files."""
    linked = link_sources(files, [framework])
    return framework.assemble(linked.registrations[framework.name], linked.program)


def entry(discovery: Discovery, name: str) -> EntryPoint:
    """Return one entry by its name."""
    return next(each for each in discovery.entries if each.name == name)


def guards(discovery: Discovery, name: str) -> list[str]:
    """Return the names of the guards of one entry."""
    return [each.name for each in entry(discovery, name).guards]


def test_next_serves_folders_exports_and_server_actions() -> None:
    """In Next.js the folder is the route; groups in parentheses are not part of the path."""
    files = {
        "package.json": '{"dependencies": {"next": "14"}}',
        "app/(shop)/items/[id]/page.tsx": "export default function Item() { return <div/>; }",
        "app/api/items/route.ts": "export async function GET() {}\nexport const POST = async () => {};\nexport const dynamic = 'x';",
        "app/layout.tsx": "export default function Layout() { return <div/>; }",
        "pages/api/[...all].ts": "export default function handler(req, res) {}",
        "middleware.ts": "export function middleware(request) {}",
        "lib/actions.ts": "'use server'\nexport async function save() {}\nasync function hidden() {}",
        "components/app/page.tsx": "export default function NoRoute() { return <p/>; }",
    }
    discovery = found(next_js.FRAMEWORK, files)
    assert [each.name for each in discovery.entries] == [
        "save (lib/actions.ts)",
        "ANY /api/{all*}",
        "GET /api/items",
        "POST /api/items",
        "/items/{id}",
    ]
    assert entry(discovery, "/items/{id}").handler == "app/(shop)/items/[id]/page.tsx:Item"
    around = {each.symbol: each.reason for each in discovery.around}
    assert around == {"app/layout.tsx:Layout": "layout", "middleware.ts:middleware": "middleware"}


def test_without_next_a_folder_named_pages_is_no_route() -> None:
    """Many applications keep components in a folder named `pages`."""
    assert not found(
        next_js.FRAMEWORK, {"src/pages/Home.tsx": "export default function Home() { return <p/>; }"}
    ).entries


def test_hono_and_fastify_put_the_prefix_of_a_mount_before_the_path() -> None:
    """Sub-applications and plugins do not name their own prefix."""
    sub = found(
        hono.FRAMEWORK,
        {
            "a.ts": "import { Hono } from 'hono';\nimport items from './b';\nconst app = new Hono();\napp.use('/api/*', requireUser);\napp.route('/api', items);",
            "b.ts": "import { Hono } from 'hono';\nexport default new Hono().get('/items/:id', (c) => c.json(1)).post('/items', check, save);",
        },
    )
    assert guards(sub, "POST /api/items") == ["requireUser", "check"]
    plugin = found(
        fastify.FRAMEWORK,
        {
            "a.js": "const app = require('fastify')();\napp.register(require('./b'), { prefix: '/v1' });",
            "b.js": "module.exports = async function (fastify) { fastify.addHook('preHandler', verify); fastify.route({ method: ['GET', 'HEAD'], url: '/x', handler: h }); };",
        },
    )
    assert [each.name for each in plugin.entries] == ["GET /v1/x", "HEAD /v1/x"]
    assert guards(plugin, "GET /v1/x") == ["verify"]


GO_MOD = {"go.mod": "module example.com/shop\n\ngo 1.22\n"}


def test_a_cobra_command_that_nothing_adds_is_not_mounted() -> None:
    """A command without `AddCommand` cannot be run by anybody."""
    files = GO_MOD | {
        "main.go": 'package main\nimport "github.com/spf13/cobra"\nvar root = &cobra.Command{Use: "app"}\nvar serve = &cobra.Command{Use: "serve [port]", RunE: run}\nvar lost = &cobra.Command{Use: "lost", Run: func(c *cobra.Command, a []string) { run(c, a) }}\nfunc run(c *cobra.Command, a []string) error { return nil }\nfunc main() {\nroot.AddCommand(serve)\nroot.Execute()\n}\n',
    }
    discovery = found(cobra.FRAMEWORK, files)
    assert {each.name: each.mounted for each in discovery.entries} == {"app serve": True, "lost": False}
    assert entry(discovery, "app serve").handler == "main.go:run"


JAVA = """
package shop;
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping(Paths.BASE)
@PreAuthorize("isAuthenticated()")
public class Items {
  private final Stock stock;
  @GetMapping({"/{id}", "/by-id/{id}"}) public String get() { return stock.find(); }
  @RequestMapping(path = "/all", method = RequestMethod.DELETE) @Secured("ADMIN") public void clear() {}
  @Scheduled(cron = "0 0 * * *") public void nightly() {}
  public String helper() { return ""; }
}
"""


def test_spring_follows_constants_and_keeps_guards_of_class_and_method() -> None:
    """Paths are often constants of another class."""
    files = {
        "src/Items.java": JAVA,
        "src/Paths.java": 'package shop; class Paths { static final String BASE = "/items"; }',
    }
    discovery = found(spring.FRAMEWORK, files)
    assert [each.name for each in discovery.entries] == [
        "DELETE /items/all",
        "GET /items/by-id/{id}",
        "GET /items/{id}",
        "Items.nightly 0 0 * * *",
    ]
    assert guards(discovery, "GET /items/{id}") == ['PreAuthorize("isAuthenticated()")']
    assert 'Secured("ADMIN")' in guards(discovery, "DELETE /items/all")


def test_spring_reads_kotlin() -> None:
    """Half of new Spring applications are written in Kotlin."""
    text = 'package shop\n\n@RestController\n@RequestMapping("/k")\nclass Items(private val stock: Stock) {\n    @GetMapping("/{id}")\n    fun get(id: Long): String = stock.find()\n}\n'
    assert entry(found(spring.FRAMEWORK, {"Items.kt": text}), "GET /k/{id}").handler == "Items.kt:Items.get"


RAILS = {
    "config/routes.rb": """
Rails.application.routes.draw do
  root to: "home#index"
  namespace :admin do
    resources :users, only: %i[index destroy] do
      member { post :ban }
      get :export, on: :collection
    end
  end
  resource :profile, only: :show
  get "/about" => "pages#about"
end
""",
    "app/controllers/application_controller.rb": "class ApplicationController < ActionController::Base\n  before_action :require_login\n  def require_login; end\nend\n",
    "app/controllers/admin/users_controller.rb": "class Admin::UsersController < ApplicationController\n  before_action :require_admin, except: [:index]\n  def index; end\n  def destroy; end\n  def ban; end\n  def export; end\n  def require_admin; end\nend\n",
    "app/controllers/pages_controller.rb": "class PagesController < ApplicationController\n  skip_before_action :require_login, only: :about\n  def about; end\nend\n",
    "app/controllers/home_controller.rb": "class HomeController < ApplicationController\n  def index; end\nend\n",
    "app/controllers/profiles_controller.rb": "class ProfilesController < ApplicationController\n  def show; end\nend\n",
    "app/jobs/mail_job.rb": "class MailJob < ApplicationJob\n  def perform(id); end\nend\n",
    "lib/tasks/db.rake": "namespace :db do\n  task clean: :environment do\n    puts 1\n  end\nend\n",
}


def test_rails_routes_lead_to_actions_with_the_filters_of_all_base_classes() -> None:
    """A filter of the base class guards every action unless one line skips it."""
    discovery = found(rails.FRAMEWORK, RAILS)
    assert [each.name for each in discovery.entries if each.kind == "http"] == [
        "DELETE /admin/users/{id}",
        "GET /",
        "GET /about",
        "GET /admin/users",
        "GET /admin/users/export",
        "GET /profile",
        "POST /admin/users/{id}/ban",
    ]
    assert guards(discovery, "DELETE /admin/users/{id}") == ["require_login", "require_admin"]
    assert guards(discovery, "GET /admin/users") == ["require_login"]
    assert guards(discovery, "GET /about") == []
    assert entry(discovery, "POST /admin/users/{id}/ban").handler.endswith(":Admin.UsersController.ban")
    assert entry(discovery, "MailJob").handler == "app/jobs/mail_job.rb:MailJob.perform"
    assert entry(discovery, "rake db:clean").kind == "cli"


def test_laravel_groups_resources_and_middleware() -> None:
    """A group's middleware guards all routes inside it; `api.php` is served below `/api`."""
    files = {
        "routes/api.php": "<?php\nuse App\\Http\\Controllers\\ItemController;\nRoute::get('/ping', fn () => 1);\nRoute::middleware(['auth:api'])->prefix('v1')->group(function () {\n  Route::apiResource('items', ItemController::class)->only(['index', 'destroy']);\n  Route::post('/items/{item}/sell', [ItemController::class, 'sell'])->middleware('can:sell');\n});\n",
        "app/Http/Controllers/ItemController.php": "<?php\nnamespace App\\Http\\Controllers;\nclass ItemController { public function index() {} public function destroy() {} public function sell() {} }\n",
        "app/Console/Commands/Clean.php": "<?php\nnamespace App\\Console\\Commands;\nuse Illuminate\\Console\\Command;\nclass Clean extends Command { protected $signature = 'shop:clean {--all}'; public function handle() {} }\n",
        "app/Models/Route.php": "<?php\nnamespace App\\Models;\nclass Route { public function get($a, $b) { return $this->get('/no', 'Route@x'); } }\n",
    }
    discovery = found(laravel.FRAMEWORK, files)
    assert [each.name for each in discovery.entries] == [
        "artisan shop:clean",
        "DELETE /api/v1/items/{item}",
        "GET /api/ping",
        "GET /api/v1/items",
        "POST /api/v1/items/{item}/sell",
    ]
    assert guards(discovery, "POST /api/v1/items/{item}/sell") == ["auth:api", "can:sell"]
    handler = entry(discovery, "DELETE /api/v1/items/{item}").handler
    assert handler == "app/Http/Controllers/ItemController.php:ItemController.destroy"


@pytest.mark.slow
def test_a_page_reaches_the_service_behind_the_route_that_it_asks() -> None:
    """A change in a service affects the page that fetches from it; across files the way is medium at best. Slow: all adapters."""
    files = {
        "server/app.ts": "import express from 'express';\nimport users from './users';\nconst app = express();\napp.use('/api', users);\n",
        "server/users.ts": "import { Router } from 'express';\nimport { Users } from './service';\nconst router = Router();\nconst svc = new Users();\nrouter.get('/users/:id', async (req, res) => { res.json(await svc.find(1)); });\nexport default router;\n",
        "server/service.ts": "export class Users { async find(id: number) { return id; } }\n",
        "web/page.tsx": "export function Page() { const load = async () => { await fetch(`/api/users/${id}`); }; return <div/>; }\n",
    }
    linked = link_sources(files, FRAMEWORKS)
    graph = linked.graph(discover(linked, FRAMEWORKS))
    reached = graph.reaching(["server/service.ts:Users.find"], [Node("web/page.tsx:Page")])
    assert [each.confidence for each in reached.values()] == [Confidence.MEDIUM]


def test_a_framework_without_adapter_is_named_and_its_client_is_not() -> None:
    """`0 of 105 entry points` reads as safe; where a framework serves that nobody reads, the answer has to say so."""
    files = {
        "server/router.ts": "import { initTRPC } from '@trpc/server';\nexport const t = initTRPC.create();",
        "server/other.ts": "import { TRPCError } from '@trpc/server';\nexport const e = TRPCError;",
        "server/router.test.ts": "import { Hapi } from '@hapi/hapi';\nexport const h = Hapi;",
        "web/page.tsx": "import { Link } from 'react-router';\nimport { createTRPCReact } from '@trpc/react-query';\nexport const x = Link;",
    }
    discovery = found(without_adapter.FRAMEWORK, files)
    assert discovery.entries == ()
    assert discovery.unknown == (
        "there is no adapter for tRPC, which 2 files import: its entry points are not in the list",
    )
