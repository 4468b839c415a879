"""Both languages' examples, and topics to run them on."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from bridge.settings import Settings
from bridge.topics import specs
from deploy.local.kafka import LocalKafka
from tests.integration.consumers.programs import Examples, Runner, java_examples, python_examples
from tests.programs.checker.reading import TopicReader

LANGUAGES: dict[str, Callable[[], Examples]] = {"python": python_examples, "java": java_examples}


@pytest.fixture(params=LANGUAGES)
def examples(request: pytest.FixtureRequest) -> Examples:
    """Each test runs once for each language."""
    return LANGUAGES[request.param]()


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str) -> Settings:
    """Of a deployment with eight partitions, more than there are made-up orders in some of them."""
    return Settings(tenant="acme", kafka_bootstrap_servers=kafka.bootstrap_servers, topic_prefix=prefix)


@pytest.fixture
def topics(kafka: LocalKafka, settings: Settings) -> Any:
    """The topics that consumers read, as `bridge topics apply` makes them."""
    wanted = [spec for spec in specs(settings) if spec.name in (settings.topics.orders, settings.topics.order_state)]
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    new = [NewTopic(spec.name, spec.partitions, spec.replication, config=dict(spec.config)) for spec in wanted]
    for created in admin.create_topics(new).values():
        created.result(30)
    return settings.topics


@pytest.fixture
def runner(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Iterator[Runner]:
    """For this test's topics."""
    with closing(Runner(kafka.bootstrap_servers, prefix, tmp_path)) as runner:
        yield runner


@pytest.fixture
def reader(kafka: LocalKafka, prefix: str) -> Iterator[TopicReader]:
    """Of the group called as the prefix."""
    with closing(TopicReader(kafka.bootstrap_servers, prefix)) as reader:
        yield reader
