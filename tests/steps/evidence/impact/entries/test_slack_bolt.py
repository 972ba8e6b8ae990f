"""Slack Bolt: every listener of a chat is a way in, with the middleware that may refuse."""

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.slack_bolt import SlackBolt
from release_harness.steps.evidence.impact.link import link_sources

APP = "from slack_bolt.app import App\napp = App(token='x')\n"


def discover(sources: dict[str, str]) -> Discovery:
    """Return what the adapter finds."""
    adapter = SlackBolt()
    linked = link_sources({"chat/bolt.py": APP, **sources}, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def test_listeners_are_decorated_or_handed_to_what_the_method_gives() -> None:
    """Both forms are common, and a name that stands in an enumeration is read there."""
    found = discover(
        {
            "chat/names.py": "from enum import Enum\nclass Actions(str, Enum):\n    close = 'case-close'\n",
            "chat/views.py": "from chat.bolt import app\nfrom chat.names import Actions\n"
            "@app.action(Actions.close)\ndef close(ack): ...\n"
            "@app.event({'type': 'message', 'subtype': 'bot'})\ndef said(event): ...\n"
            "def listed(ack): ...\ndef slow(body): ...\n"
            "def configure(config):\n    app.command(config.list_name)(listed)\n"
            "    app.command('/report')(ack=listed, lazy=[slow])\n",
        }
    )

    assert {(each.kind, each.name, each.handler) for each in found.entries} == {
        ("event", "slack action case-close", "chat/views.py:close"),
        ("event", "slack event message bot", "chat/views.py:said"),
        ("event", "slack command {config.list_name}", "chat/views.py:listed"),
        ("event", "slack command /report", "chat/views.py:listed"),
        ("event", "slack command /report", "chat/views.py:slow"),
    }


def test_middleware_that_may_refuse_is_a_guard() -> None:
    """A command that loses its check of the role is open to the whole workspace."""
    found = discover(
        {
            "chat/views.py": "from chat.bolt import app\ndef open_session(next): ...\ndef check_role(next): ...\n"
            "@app.command('/close', middleware=[open_session, check_role])\ndef close(ack): ...\n"
            "@app.view('closed')\ndef shown(ack): ...\n",
        }
    )

    assert {each.name: [guard.name for guard in each.guards] for each in found.entries} == {
        "slack command /close": ["check_role"],
        "slack view closed": [],
    }


def test_what_stands_around_all_listeners_is_told_once() -> None:
    """An error handler of the application answers for each of them."""
    found = discover(
        {
            "chat/views.py": "from chat.bolt import app\n@app.error\ndef failed(error): ...\n"
            "@app.middleware\ndef log(next): ...\n@app.message('hi')\ndef hi(say): ...\n",
        }
    )

    assert [(each.symbol, each.reason) for each in found.around] == [
        ("chat/views.py:failed", "exception handler"),
        ("chat/views.py:log", "middleware"),
    ]


def test_methods_of_other_things_are_no_listeners() -> None:
    """`command`, `event` and `view` are common words."""
    found = discover(
        {
            "cli.py": "import click\n@click.command('x')\ndef run(): ...\nclass View:\n    @app.event('x')\n    def f(self): ...\n"
        }
    )

    assert found.entries == ()
