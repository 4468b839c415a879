"""A topic is deleted under running services, on a broker that creates what is asked for (Kafka's default). Only `topics
apply` creates it again, as it must be."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.broker import JavaBroker
from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deliveries import deliveries
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.sender import Sender

_A_SECOND = 25
"""Deliveries: somebody needs each topic all the time."""
_QUESTIONS = 20
"""By then all clients have asked for the topic, some of them again. A client that may create it has."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaBroker]:
    """A broker whose log has each request."""
    broker = JavaBroker(tmp_path_factory.mktemp("broker"))
    broker.java_options = "-Dorg.slf4j.simpleLogger.log.kafka.request.logger=debug"
    broker.properties += "auto.create.topics.enable=true\n"  # of two lines with one name the later counts
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def deployment(broker: JavaBroker, tmp_path: Path, fork_server: ForkServer, dataset: str) -> Iterator[Deployment]:
    """Its prefix is the deleted dataset, so no other deployment asks for the same topic."""
    with closing(Deployment(broker.bootstrap_servers, dataset, tmp_path, start=fork_server.start)) as deployment:
        yield deployment


def log_of(broker: JavaBroker) -> Path:
    assert broker.directory is not None
    return broker.directory / "broker.log"


def questions(broker: JavaBroker, topic: str, since: int) -> list[str]:
    """The requests for metadata that named this topic, from this byte of the log on: it has megabytes more."""
    with log_of(broker).open("rb") as log:
        log.seek(since)
        lines = log.read().decode(errors="replace").splitlines()
    return [line for line in lines if '"requestApiKeyName":"METADATA"' in line and f'"name":"{topic}"' in line]


def unread(service: Service, since: int) -> list[str]:
    """Of the lines of its log since it had so many: while it started, a busy machine's Kafka may not have answered."""
    lines = service.log.read_text().splitlines()[since:]
    return [line for line in lines if "the recorded rules cannot be read" in line]


@pytest.mark.parametrize(("dataset", "partitions"), [("inventory", PARTITIONS), ("raw", PARTITIONS), ("rules", 1)])
def test_it_stays_away_until_it_is_applied(
    broker: JavaBroker, deployment: Deployment, dataset: str, partitions: int
) -> None:
    """Then all goes on. Only lanes of raw halt: they have processed records that a new topic does not have."""
    topic, topics = deployment.names.topic(dataset), Broker(deployment.settings)
    ingress, worker = services = deployment.ingress(), deployment.worker("worker")
    for service in services:
        service.wait_ready()
    sender = Sender(deliveries(seed=1), [ingress.port])
    with sender.flowing(), sender.trickling(_A_SECOND):
        deployment.wait_for_progress()
        topics.delete(dataset)
        before = log_of(broker).stat().st_size
        told = {service: len(service.log.read_text().splitlines()) for service in services}

        def says_so(service: Service) -> bool:
            return f"{topic} does not exist" in service.get("/readyz?verbose").body.decode()

        wait_until("they ask", lambda: len(questions(broker, topic, before)) >= _QUESTIONS)
        assert [each for each in questions(broker, topic, before) if '"allowAutoTopicCreation":true' in each] == []
        wait_until("they say so", lambda: all(map(says_so, services)))
        assert dataset not in topics.topics()
        if dataset == "rules":  # twice: the second try is another client's
            wait_until("they say why", lambda: all(len(unread(*each)) > 1 for each in told.items()))
            assert [line for each in told.items() for line in unread(*each) if topic not in line] == []
        applied = deployment.command("topics", "apply", "--yes").result()
        assert (applied.exit_code, topics.topics()[dataset]) == (0, partitions), applied.stderr
        for service in services if dataset != "raw" else (ingress,):
            service.wait_ready()
    if dataset == "raw":
        wait_until("its lanes halt", lambda: len(worker.lanes("halted")) == PARTITIONS)
    else:
        deployment.wait_settled()
