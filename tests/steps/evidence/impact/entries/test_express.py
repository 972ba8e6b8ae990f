"""Routes of Express applications, as people write them."""

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.express import FRAMEWORK
from release_harness.steps.evidence.impact.link.linked import link_sources


def found(**files: str) -> Discovery:
    """Return what Express is found to have in files whose names are given with underscores for slashes and dots."""
    named = {name.replace("__", "/").replace("_js", ".js").replace("_ts", ".ts"): text for name, text in files.items()}
    linked = link_sources(named, [FRAMEWORK])
    return FRAMEWORK.assemble(linked.registrations[FRAMEWORK.name], linked.program)


def names(discovery: Discovery) -> list[str]:
    """Return the names of all entries."""
    return [each.name for each in discovery.entries]


APP = """
const express = require('express');
const users = require('./routes/users');
const auth = require('./auth');
const app = express();
app.use('/api', auth.required, users);
app.get('/health', (req, res) => { res.send('ok'); });
module.exports = app;
"""
USERS = """
const { Router } = require('express');
const { validate } = require('../validate');
const list = (req, res) => { res.send([]); };
const router = Router();
router.get('/users/:id', validate('id'), list);
router.route('/users').get(list).post(validate('user'), list);
module.exports = router;
"""
AUTH = "exports.required = (req, res, next) => { next(); };"


def test_a_mounted_router_gets_the_prefix_and_the_guards_of_its_mount() -> None:
    """A route's own file names neither its whole path nor who checks before it."""
    discovery = found(app_js=APP, routes__users_js=USERS, auth_js=AUTH)
    assert names(discovery) == ["GET /api/users", "GET /api/users/{id}", "GET /health", "POST /api/users"]
    one = next(each for each in discovery.entries if each.name == "GET /api/users/{id}")
    assert one.handler == "routes/users.js:list"
    assert [each.name for each in one.guards] == ["auth.required", 'validate("id")']
    assert one.guards[0].symbol == "auth.js:required"
    assert one.mounted is True


def test_an_inline_handler_is_a_symbol_that_keeps_its_name_when_lines_shift() -> None:
    """What changes in an inline handler has to lead to its route, also after an import was added above it."""
    before = found(app_js=APP, routes__users_js=USERS, auth_js=AUTH)
    after = found(app_js="const fs = require('fs');\n" + APP, routes__users_js=USERS, auth_js=AUTH)
    handlers = [next(e.handler for e in each.entries if e.name == "GET /health") for each in (before, after)]
    assert handlers[0] == handlers[1] == "app.js:<get /health>"


def test_a_router_that_nothing_mounts_is_said_not_to_be_mounted() -> None:
    """A router file without its `use` line is a feature that nobody can reach."""
    discovery = found(app_js=APP.replace("app.use('/api', auth.required, users);", ""), routes__users_js=USERS)
    one = next(each for each in discovery.entries if each.name.startswith("GET /users"))
    assert one.mounted is False
    assert "router" in one.why_not_mounted


def test_a_mount_that_is_computed_makes_it_untold_and_not_false() -> None:
    """Routers that are read from a folder at run time are mounted, but no text says where."""
    app = APP.replace(
        "app.use('/api', auth.required, users);",
        "fs.readdirSync('./routes').forEach((name) => { app.use('/api', require('./routes/' + name)); });",
    )
    discovery = found(app_js=app, routes__users_js=USERS)
    one = next(each for each in discovery.entries if "users" in each.name)
    assert one.mounted is None


def test_routers_in_a_list_are_mounted_one_by_one() -> None:
    """Many projects keep their routers in a list and mount them in a loop."""
    app = """
    const express = require('express');
    const users = require('./routes/users');
    const rows = [{ path: '/v1', route: users }, { path: '/v2', route: users }];
    const app = express();
    rows.forEach((row) => { app.use(row.path, row.route); });
    """
    discovery = found(app_js=app, routes__users_js=USERS)
    assert "GET /v1/users" in names(discovery)
    assert "POST /v2/users" in names(discovery)


def test_a_function_that_is_handed_the_application_registers_on_it() -> None:
    """`module.exports = (app) => …` is the oldest way to split an application."""
    app = "const express = require('express'); const app = express(); require('./routes')(app);"
    routes = "module.exports = (app) => { app.post('/orders', check, (req, res) => { res.end(); }); };"
    discovery = found(app_js=app, routes_js=routes)
    assert names(discovery) == ["POST /orders"]
    assert [each.name for each in discovery.entries[0].guards] == ["check"]
    assert discovery.entries[0].mounted is True


def test_middleware_stands_before_later_routes_only() -> None:
    """Express runs in the order in which it is told: a route above `use(auth)` is open."""
    app = """
    import express from 'express';
    import { requireUser } from './auth';
    const app = express();
    app.get('/open', h);
    app.use(requireUser);
    app.get('/closed', h);
    """
    guards = {each.name: [one.name for one in each.guards] for each in found(app_ts=app).entries}
    assert guards == {"GET /open": [], "GET /closed": ["requireUser"]}


def test_settings_and_clients_are_no_routes() -> None:
    """`app.get("title")` reads a setting and `axios.get("/x", options)` asks another server."""
    app = """
    const express = require('express');
    const axios = require('axios');
    const app = express();
    const title = app.get('title');
    axios.get('/remote', { headers: {} });
    function load(client) { client.get('/other', done); }
    """
    assert names(found(app_js=app)) == []


def test_circular_files_and_routers_end() -> None:
    """Two files that import each other, and a router mounted on itself, must not hang the check."""
    a = "const express = require('express'); const b = require('./b'); const r = express.Router(); r.use('/b', b); r.use('/self', r); r.get('/x', h); module.exports = r;"
    b = "const express = require('express'); const a = require('./a'); const r = express.Router(); r.use('/a', a); module.exports = r;"
    assert any(each.endswith("/x") for each in names(found(a_js=a, b_js=b)))
