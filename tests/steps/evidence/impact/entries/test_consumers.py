"""Functions that take messages from outside are entry points with their topic."""

import pytest

from release_harness.steps.evidence.impact.entries.consumers import Consumers
from release_harness.steps.evidence.impact.link import link_sources


def rows(source: str) -> list[tuple[str, str]]:
    """Return name and handler of every consumer in one file."""
    adapter = Consumers()
    linked = link_sources({"app.py": source}, [adapter])
    found = adapter.assemble(linked.registrations[adapter.name], linked.program)
    assert all(each.kind == "consumer" for each in found.entries)
    return [(each.name, each.handler) for each in found.entries]


@pytest.mark.parametrize(
    ("source", "name", "handler"),
    [
        (
            "from confluent_kafka import Consumer\n\ndef run():\n    c = Consumer({})\n    c.subscribe(['orders'])\n    c.poll(1)\n",
            "orders → app.run",
            "app.py:run",
        ),
        (
            "from aiokafka import AIOKafkaConsumer\n\nasync def run():\n    c = AIOKafkaConsumer('orders')\n    async for m in c:\n        print(m)\n",
            "app.run",
            "app.py:run",
        ),
        (
            "import faust\napp = faust.App('x')\ntopic = app.topic('orders')\n\n@app.agent(topic)\nasync def handle(stream): ...\n",
            "topic → app.handle",
            "app.py:handle",
        ),
        (
            "import pika\nch = pika.BlockingConnection().channel()\n\ndef on_message(*a): ...\n\nch.basic_consume(queue='q', on_message_callback=on_message)\n",
            "q → app.on_message",
            "app.py:on_message",
        ),
        (
            "import nats\n\nasync def handle(msg): ...\n\nasync def main():\n    nc = await nats.connect('x')\n    await nc.subscribe('orders', cb=handle)\n",
            "orders → app.handle",
            "app.py:handle",
        ),
        (
            "from google.cloud import pubsub_v1\ns = pubsub_v1.SubscriberClient()\n\ndef callback(m): ...\n\ns.subscribe('sub', callback=callback)\n",
            "sub → app.callback",
            "app.py:callback",
        ),
        (
            "import boto3\nsqs = boto3.client('sqs')\n\ndef poll():\n    sqs.receive_message(QueueUrl='q')\n",
            "q → app.poll",
            "app.py:poll",
        ),
        (
            "from faststream.kafka import KafkaBroker\nbroker = KafkaBroker()\n\n@broker.subscriber('orders')\nasync def handle(m): ...\n",
            "orders → app.handle",
            "app.py:handle",
        ),
    ],
)
def test_each_library_hands_its_messages_to_a_known_function(source: str, name: str, handler: str) -> None:
    """Nothing in the repository calls these functions; messages do."""
    assert rows(source) == [(name, handler)]


def test_polling_something_else_is_no_consumer() -> None:
    """Processes and selectors are polled too."""
    assert rows("import subprocess\n\ndef wait():\n    p = subprocess.Popen(['x'])\n    p.poll()\n") == []


def test_subscribing_to_a_newsletter_is_no_consumer() -> None:
    """The word alone says nothing."""
    source = (
        "class List:\n    def subscribe(self, who, callback): ...\n\ndef done(): ...\n\nList().subscribe('x', done)\n"
    )
    assert rows(source) == []
