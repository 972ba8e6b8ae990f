"""Functions that a platform starts are found from its configuration or their decorators."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.serverless import Serverless
from release_harness.steps.evidence.impact.link import link_sources


def discover(sources: Mapping[str, str]) -> Discovery:
    """Return what the adapter finds in these files."""
    adapter = Serverless()
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def rows(found: Discovery) -> set[tuple[str, str, str]]:
    """Return kind, name and handler of everything that was found."""
    return {(each.kind, each.name, each.handler) for each in found.entries}


APP = {"src/app.py": "def handler(event, context): ...\n\ndef nightly(event, context): ...\n"}
YML = """
provider:
  name: aws
  runtime: python3.12
functions:
  web:
    handler: src/app.handler
    events:
      - httpApi: 'GET /items'
      - http:
          path: items
          method: post
  night:
    handler: src/app.nightly
    events:
      - schedule: rate(1 day)
  js:
    runtime: nodejs20
    handler: src/index.handler
"""
SAM = """
Globals:
  Function:
    Runtime: python3.12
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Events:
        Api:
          Type: Api
          Properties:
            Path: /items
            Method: get
  Queue:
    Type: AWS::SQS::Queue
"""


def test_serverless_yml_names_handlers_and_what_starts_them() -> None:
    """Routes and schedules stand in the configuration alone; other runtimes are left to their own adapters."""
    found = discover({**APP, "serverless.yml": YML})
    assert rows(found) == {
        ("http", "GET /items", "src/app.py:handler"),
        ("http", "POST /items", "src/app.py:handler"),
        ("schedule", "night rate(1 day)", "src/app.py:nightly"),
    }
    assert found.unknown == ()


def test_sam_templates_join_code_and_handler() -> None:
    """The folder stands in one key and the handler in another."""
    assert rows(discover({**APP, "template.yaml": SAM})) == {("http", "GET /items", "src/app.py:handler")}


def test_a_handler_that_does_not_exist_makes_the_answer_not_whole() -> None:
    """A renamed handler is found by the platform, in production."""
    found = discover({**APP, "serverless.yml": YML.replace("app.nightly", "app.gone")})
    assert found.unknown == ("serverless.yml:14 names the handler src/app.gone, which does not resolve",)


def test_a_handler_out_of_the_tree_is_not_followed() -> None:
    """The configuration comes from the repository under judgement."""
    found = discover({**APP, "serverless.yml": YML.replace("src/app.nightly", "../../etc/app.nightly")})
    assert len(found.unknown) == 1


def test_code_that_describes_functions_names_their_handlers() -> None:
    """CDK describes functions in Python."""
    stack = "from aws_cdk import aws_lambda\n\nclass Stack:\n    def __init__(self):\n        aws_lambda.Function(self, 'Night', handler='app.nightly', code=None)\n"
    assert rows(discover({**APP, "stack.py": stack})) == {("serverless", "Night", "src/app.py:nightly")}


def test_decorators_of_platforms_make_entries() -> None:
    """Chalice, Powertools, Google's and Azure's functions need no configuration."""
    sources = {
        "one.py": "from chalice import Chalice, Rate\napp = Chalice('x')\n\n@app.route('/a', methods=['POST'])\ndef a(): ...\n\n@app.schedule(Rate(1))\ndef b(e): ...\n",
        "two.py": "import functions_framework\n\n@functions_framework.http\ndef c(request): ...\n\n@functions_framework.cloud_event\ndef d(event): ...\n",
        "three.py": "import azure.functions as func\napp = func.FunctionApp()\n\n@app.route(route='e')\ndef e(req): ...\n\n@app.timer_trigger(schedule='0 * * * *')\ndef f(t): ...\n",
        "four.py": "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\napp = APIGatewayRestResolver()\n\n@app.get('/g')\ndef g(): ...\n",
    }
    assert rows(discover(sources)) == {
        ("http", "POST /a", "one.py:a"),
        ("schedule", "b", "one.py:b"),
        ("http", "GET /c", "two.py:c"),
        ("consumer", "d", "two.py:d"),
        ("http", "GET /e", "three.py:e"),
        ("schedule", "0 * * * *", "three.py:f"),
        ("http", "GET /g", "four.py:g"),
    }


def test_routes_of_a_web_framework_are_left_to_its_adapter() -> None:
    """The same decorator name means another library here."""
    assert (
        discover({"app.py": "from flask import Flask\napp = Flask('x')\n\n@app.route('/a')\ndef a(): ...\n"}).entries
        == ()
    )
