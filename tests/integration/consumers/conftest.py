"""The examples of both languages and for warehouses, and topics to run them on."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from bridge.settings import Settings
from bridge.topics import specs
from deploy.local.kafka import LocalKafka
from tests.integration.consumers.order_lines import Start, planned
from tests.integration.consumers.programs import Examples, Program, Runner, java_examples, python_examples
from tests.integration.consumers.transactions import Transactions
from tests.programs.checker.reading import TopicReader

LANGUAGES: dict[str, Callable[[], Examples]] = {"python": python_examples, "java": java_examples}


@pytest.fixture(params=LANGUAGES)
def examples(request: pytest.FixtureRequest) -> Examples:
    """Each test runs once for each language."""
    return LANGUAGES[request.param]()


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str) -> Settings:
    """Settings of a deployment with eight partitions: some have no made-up order."""
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
    """Runs examples on this test's topics."""
    with closing(Runner(kafka.bootstrap_servers, prefix, tmp_path)) as runner:
        yield runner


@pytest.fixture
def reader(kafka: LocalKafka, prefix: str) -> Iterator[TopicReader]:
    """A reader with the group called as the prefix."""
    with closing(TopicReader(kafka.bootstrap_servers, prefix)) as reader:
        yield reader


@pytest.fixture(scope="module")
def environment(kafka: LocalKafka) -> dict[str, str]:
    """For examples with order lines, on the topics of one file of tests."""
    prefix = f"lines-{uuid.uuid4().hex[:8]}"
    return {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "BRIDGE_TOPIC_PREFIX": prefix}


@pytest.fixture(scope="module")
def lines(environment: dict[str, str]) -> Transactions:
    """Writes to the topic of lines, made as by `bridge topics apply`."""
    servers, prefix = environment.values()
    settings = Settings(tenant="acme", kafka_bootstrap_servers=servers, topic_prefix=prefix, order_lines=True)
    [spec] = [spec for spec in specs(settings) if spec.name == settings.topics.order_lines]
    new = NewTopic(spec.name, spec.partitions, spec.replication, config=dict(spec.config))
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([new])[spec.name].result(30)
    return Transactions(servers, spec.name, planned())


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts a program as a group of its own name."""
    programs: list[Program] = []

    def started(name: str, command: list[str]) -> Program:
        variables = {
            "PATH": os.environ["PATH"],
            "GROUP_ID": f"{environment['BRIDGE_TOPIC_PREFIX']}-{name}",
            **environment,
        }
        output = tmp_path / f"{name}-{len(programs)}.log"
        programs.append(Program(command, variables, tmp_path, output))
        return programs[-1]

    yield started
    for program in programs:
        program.stop()
