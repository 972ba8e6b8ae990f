"""Guards of Express, Fastify, NestJS, Spring, Rails and Laravel: one that goes, stands under a condition or is switched off is seen."""

from collections.abc import Mapping, Sequence

import pytest

from release_harness.testing.shop import guard_moves, touched_by, with_comments, with_edits

Edit = tuple[str, str, str]
"""Path, what stands there, and what stands there instead."""

# fmt: off
BASES: Mapping[str, Mapping[str, str]] = {
    "express": {
        "app.js": """\
const express = require('express');
const { requireAuth } = require('./auth');
const { config } = require('./config');
const app = express();
const router = express.Router();
function show(req, res) { res.send(1); }
router.post('/b', show);
app.post('/a', requireAuth, show);
app.use('/r', requireAuth, router);
""",
        "auth.js": """\
function requireAuth(req, res, next) {
  if (!req.user) { return res.status(401).end(); }
  next();
}
module.exports = { requireAuth };
""",
        "config.js": """\
module.exports = { config: {} };
""",
    },
    "fastify": {
        "app.js": """\
const fastify = require('fastify')();
const { verify } = require('./auth');
fastify.post('/a', { preHandler: [verify] }, async (req, reply) => 1);
fastify.post('/b', { onRequest: verify }, async (req, reply) => 1);
fastify.listen({ port: 3000 });
""",
        "auth.js": """\
async function verify(req, reply) { if (!req.user) { reply.code(401).send(); } }
module.exports = { verify };
""",
    },
    "hooks": {
        "app.js": """\
const fastify = require('fastify')();
const { verify } = require('./auth');
fastify.addHook('onRequest', verify);
fastify.post('/a', async (req, reply) => 1);
""",
        "auth.js": """\
async function verify(req, reply) { if (!req.user) { reply.code(401).send(); } }
module.exports = { verify };
""",
    },
    "nest": {
        "app.controller.ts": """\
import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { AuthGuard } from './auth.guard';
import { Public } from './public';
@Controller('items')
@UseGuards(AuthGuard)
export class ItemsController {
  @Post('a')
  a() { return 1; }
  @Post('b')
  @UseGuards(AuthGuard)
  b() { return 1; }
}
""",
        "auth.guard.ts": """\
import { CanActivate, Injectable, UnauthorizedException } from '@nestjs/common';
@Injectable()
export class AuthGuard implements CanActivate {
  canActivate(context) {
    if (!context.user) { throw new UnauthorizedException(); }
    return true;
  }
}
""",
        "public.ts": """\
import { SetMetadata } from '@nestjs/common';
export const Public = () => SetMetadata('isPublic', true);
""",
        "app.module.ts": """\
import { Module } from '@nestjs/common';
import { ItemsController } from './app.controller';
@Module({ controllers: [ItemsController], providers: [] })
export class AppModule {}
""",
        "main.ts": """\
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
async function bootstrap() { const app = await NestFactory.create(AppModule); await app.listen(3000); }
bootstrap();
""",
    },
    "spring": {
        "src/main/java/app/Items.java": """\
package app;
import org.springframework.web.bind.annotation.*;
import org.springframework.security.access.prepost.PreAuthorize;
import jakarta.annotation.security.PermitAll;
@RestController
@RequestMapping("/items")
public class Items {
  @PreAuthorize("hasRole('ADMIN')")
  @PostMapping("/a")
  public String a() { return ""; }
  @PostMapping("/b")
  public String b() { return ""; }
}
""",
        "src/main/java/app/Security.java": """\
package app;
import org.springframework.context.annotation.*;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
@Configuration
public class Security {
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    http.authorizeHttpRequests(auth -> auth.requestMatchers("/public/**").permitAll().anyRequest().authenticated());
    return http.build();
  }
}
""",
    },
    "rails": {
        "config/routes.rb": """\
Rails.application.routes.draw do
  resources :items, only: [:create, :index]
end
""",
        "app/controllers/application_controller.rb": """\
class ApplicationController < ActionController::Base
  protect_from_forgery with: :exception
  before_action :authenticate_user!
end
""",
        "app/controllers/items_controller.rb": """\
class ItemsController < ApplicationController
  before_action :require_admin
  def create
    head :ok
  end
  def index
    head :ok
  end
  private
  def require_admin
    head :forbidden unless current_user.admin?
  end
end
""",
    },
    "laravel": {
        "routes/web.php": """\
<?php
use Illuminate\\Support\\Facades\\Route;
use App\\Http\\Controllers\\ItemController;
Route::middleware(['auth'])->group(function () {
    Route::post('/a', [ItemController::class, 'store'])->middleware('can:edit');
});
Route::post('/b', [ItemController::class, 'other'])->middleware('auth');
""",
        "app/Http/Controllers/ItemController.php": """\
<?php
namespace App\\Http\\Controllers;
class ItemController extends Controller {
    public function __construct() { $this->middleware('verified'); }
    public function store() { return 1; }
    public function other() { return 1; }
}
""",
        "composer.json": """\
{"require":{"laravel/framework":"^10"}}""",
        "bootstrap/app.php": """\
<?php
return Application::configure()->withRouting(web: __DIR__.'/../routes/web.php')->create();
""",
    },
}
CASES: Sequence[tuple[str, str, Sequence[Edit], Mapping[str, str]]] = [
    ("express", "route mw gone", [("app.js", "'/a', requireAuth, show", "'/a', show")], {"POST /a": "removed"}),
    ("express", "mount mw gone", [("app.js", "'/r', requireAuth, router", "'/r', router")], {"POST /r/b": "removed"}),
    ("express", "ternary", [("app.js", "'/a', requireAuth, show", "'/a', config.open ? (q, r, n) => n() : requireAuth, show")], {"POST /a": "unknown"}),
    ("express", "spread cond", [("app.js", "'/a', requireAuth, show", "'/a', ...(config.auth ? [requireAuth] : []), show")], {"POST /a": "weakened"}),
    ("express", "use under if", [("app.js", "app.use('/r', requireAuth, router);", "if (config.auth) { app.use('/r', requireAuth); }\napp.use('/r', router);")], {"POST /r/b": "weakened"}),
    ("express", "unless()", [("app.js", "'/a', requireAuth, show", "'/a', unless(requireAuth), show")], {"POST /a": "unknown"}),
    ("express", "body next early", [("auth.js", "  if (!req.user)", "  if (process.env.OPEN) { return next(); }\n  if (!req.user)")], {"POST /a": "weakened"}),
    ("express", "body loses 401", [("auth.js", "  if (!req.user) { return res.status(401).end(); }\n", "")], {"POST /a": "changed"}),
    ("nest", "class guard gone", [("app.controller.ts", "@UseGuards(AuthGuard)\nexport", "export")], {"POST /items/a": "removed"}),
    ("nest", "@Public added", [("app.controller.ts", "  @Post('a')", "  @Public()\n  @Post('a')")], {"POST /items/a": "weakened"}),
    ("nest", "canActivate early true", [("auth.guard.ts", "    if (!context", "    if (process.env.OPEN) { return true; }\n    if (!context")], {"POST /items/a": "weakened"}),
    ("nest", "canActivate true", [("auth.guard.ts", "    if (!context.user) { throw new UnauthorizedException(); }\n", "")], {"POST /items/a": "changed"}),
    ("nest", "cond decorators", [("app.controller.ts", "@UseGuards(AuthGuard)\nexport", "@UseGuards(...(process.env.X ? [AuthGuard] : []))\nexport")], {"POST /items/a": "unknown"}),
    ("fastify", "prehandler gone", [("app.js", "{ preHandler: [verify] }, ", "")], {"POST /a": "removed"}),
    ("fastify", "prehandler ternary", [("app.js", "preHandler: [verify]", "preHandler: process.env.X ? [verify] : []")], {"POST /a": "weakened"}),
    ("spring", "PreAuthorize gone", [("src/main/java/app/Items.java", '  @PreAuthorize("hasRole(\'ADMIN\')")\n', "")], {"POST /items/a": "weakened"}),
    ("spring", "PermitAll instead", [("src/main/java/app/Items.java", '@PreAuthorize("hasRole(\'ADMIN\')")', "@PermitAll")], {"POST /items/a": "weakened"}),
    ("spring", "PermitAll on b", [("src/main/java/app/Items.java", '  @PostMapping("/b")', '  @PermitAll\n  @PostMapping("/b")')], {"POST /items/b": "weakened"}),
    ("spring", "expr changed", [("src/main/java/app/Items.java", "hasRole('ADMIN')", "permitAll()")], {"POST /items/a": "weakened"}),
    ("spring", "matcher widened", [("src/main/java/app/Security.java", "/public/**", "/**")], {"POST /items/a": "weakened", "POST /items/b": "weakened"}),
    ("spring", "anyRequest permitAll", [("src/main/java/app/Security.java", "anyRequest().authenticated()", "anyRequest().permitAll()")], {"POST /items/a": "weakened", "POST /items/b": "weakened"}),
    ("spring", "csrf disable", [("src/main/java/app/Security.java", "    http.authorize", "    http.csrf(c -> c.disable());\n    http.authorize")], {"POST /items/a": "weakened", "POST /items/b": "weakened"}),
    ("rails", "before gone", [("app/controllers/items_controller.rb", "  before_action :require_admin\n", "")], {"GET /items": "weakened", "POST /items": "weakened"}),
    ("rails", "before only", [("app/controllers/items_controller.rb", "before_action :require_admin\n", "before_action :require_admin, only: [:index]\n")], {"POST /items": "weakened"}),
    ("rails", "before if", [("app/controllers/items_controller.rb", "before_action :require_admin\n", "before_action :require_admin, if: :strict?\n")], {"GET /items": "weakened", "POST /items": "weakened"}),
    ("rails", "before modifier if", [("app/controllers/items_controller.rb", "before_action :require_admin\n", "before_action :require_admin if ENV['X']\n")], {"GET /items": "weakened", "POST /items": "weakened"}),
    ("rails", "skip_before", [("app/controllers/items_controller.rb", "  before_action :require_admin\n", "  before_action :require_admin\n  skip_before_action :authenticate_user!\n")], {"GET /items": "weakened", "POST /items": "weakened"}),
    ("rails", "skip forgery", [("app/controllers/items_controller.rb", "  before_action :require_admin\n", "  before_action :require_admin\n  skip_forgery_protection\n")], {"POST /items": "weakened"}),
    ("rails", "skip verify_authenticity_token", [("app/controllers/items_controller.rb", "  before_action :require_admin\n", "  before_action :require_admin\n  skip_before_action :verify_authenticity_token\n")], {"POST /items": "weakened"}),
    ("rails", "app before gone", [("app/controllers/application_controller.rb", "  before_action :authenticate_user!\n", "")], {"GET /items": "weakened", "POST /items": "weakened"}),
    ("rails", "body early", [("app/controllers/items_controller.rb", "    head :forbidden", "    return if ENV['OPEN']\n    head :forbidden")], {"GET /items": "changed"}),
    ("laravel", "middleware gone", [("routes/web.php", "->middleware('auth')", "")], {"POST /b": "weakened"}),
    ("laravel", "group gone", [("routes/web.php", "Route::middleware(['auth'])->group", "Route::prefix('')->group")], {"POST /{…}/a": "weakened"}),
    ("laravel", "withoutMiddleware", [("routes/web.php", "->middleware('can:edit')", "->middleware('can:edit')->withoutMiddleware('auth')")], {"POST /a": "weakened"}),
    ("laravel", "withoutMiddleware csrf", [("routes/web.php", "->middleware('auth')", "->middleware('auth')->withoutMiddleware([VerifyCsrfToken::class])")], {"POST /b": "weakened"}),
    ("laravel", "ternary", [("routes/web.php", "->middleware('auth')", "->middleware(config('x') ? ['auth'] : [])")], {"POST /b": "unknown"}),
    ("laravel", "ctor gone", [("app/Http/Controllers/ItemController.php", "$this->middleware('verified');", "")], {"POST /a": "weakened", "POST /b": "weakened"}),
    ("laravel", "ctor only", [("app/Http/Controllers/ItemController.php", "$this->middleware('verified');", "$this->middleware('verified')->only('store');")], {"POST /b": "weakened"}),
    ("hooks", "hook gone", [("app.js", "fastify.addHook('onRequest', verify);\n", "")], {"POST /a": "removed"}),
    ("hooks", "hook under if", [("app.js", "fastify.addHook('onRequest', verify);", "if (process.env.X) { fastify.addHook('onRequest', verify); }")], {"POST /a": "weakened"}),
    ("hooks", "hook behind &&", [("app.js", "fastify.addHook('onRequest', verify);", "process.env.X && fastify.addHook('onRequest', verify);")], {"POST /a": "weakened"}),
]
# fmt: on


@pytest.mark.parametrize(
    ("framework", "name", "edits", "expected"), CASES, ids=[f"{each[0]}: {each[1]}" for each in CASES]
)
def test_a_guard_that_lets_more_in_is_seen(
    framework: str, name: str, edits: Sequence[Edit], expected: Mapping[str, str]
) -> None:
    """Each framework has its own spelling of the same hole."""
    base = BASES[framework]

    assert guard_moves(touched_by(with_edits(base, edits), base)) == expected, name


@pytest.mark.parametrize("framework", BASES)
def test_without_a_change_of_guards_nothing_is_told(framework: str) -> None:
    """The other side of each hole: a comment in every file moves no guard."""
    assert touched_by(with_comments(BASES[framework]), BASES[framework]).guards == ()
