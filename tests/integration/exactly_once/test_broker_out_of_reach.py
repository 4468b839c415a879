"""One of three brokers is out of reach of its peers or of a worker: what `/readyz` says, and who goes on."""

import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from bridge.kafka.partitioner import partition_for
from schemas.events import EVENT_NAMES
from tests.integration.alarms import OF_DELIVERIES, Alarms
from tests.integration.broker_signals import frozen
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, PARTITIONS, Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.chaos.cluster import Cluster, cluster
from tests.programs.chaos.marks import MarksReader
from tests.programs.chaos.standing import Marks
from tests.programs.checker.names import RAW

WITHIN = 60.0
"""Seconds within which a standstill must be told."""

FROZEN = 40.0
"""Seconds for which a broker is frozen. It is replaced as a leader after nine, and then asked no more than it must
be."""

ANSWERS_S = 2.0
"""Seconds within which the other brokers answer."""

PACE_S = 0.2
"""Seconds between deliveries while a broker is frozen. Each partition gets one a second."""

_BETWEEN_S = 0.05
"""Seconds between deliveries of which so many must be taken in a row."""

TRIES = 3

UNREAD = 'cause="rules_unread"'

LONG = 100.0
"""Seconds of watching: enough to see a standstill that is not told."""


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers, with a relay on every connection."""
    with cluster(3, tmp_path_factory.mktemp("brokers"), relayed=True) as made:
        yield made


@pytest.fixture
def replicated(brokers: Cluster, tmp_path: Path, prefix: str, fork_server: ForkServer) -> Iterator[Deployment]:
    """A deployment on the three brokers. Before the test, all of them are there and in sync; after it, they are
    healed."""
    started = Deployment(brokers.bootstrap_servers, prefix, tmp_path, replication=3, start=fork_server.start)
    with closing(started) as deployment:
        brokers.wait_in_sync()
        yield deployment
        brokers.heal()


def test_a_broker_that_is_silent_is_told_with_the_partition_that_needs_it_and_the_process_goes_on(
    brokers: Cluster, tmp_path: Path, prefix: str, alarms: Alarms, fork_server: ForkServer
) -> None:
    """First the broker leads and does not answer. Then nobody leads the partitions that only it has."""
    started = Deployment(brokers.bootstrap_servers, prefix, tmp_path, replication=1, start=fork_server.start)
    with closing(started) as deployment:
        worker = deployment.worker("worker")
        worker.wait_ready()
        alarms.was_well(worker=worker.page)
        number = _leaders(brokers, deployment)[0]
        deployment.load.send(200)
        named, broker = f"{deployment.names.topic(RAW)}/0: ".encode(), f"broker {number}".encode()
        with frozen(brokers.nodes[number]):
            wait_until("it names both", lambda: named in (said := _readyz(worker)) and broker in said, seconds=WITHIN)
            assert worker.status("/livez") == 200
            page = wait_until("it counts, and others answer", lambda: _one_silent(worker))
            # Some deliveries contradict others or must not pass, and raise alerts of their own. How many got through
            # before is chance. With the same page twice, none of these counts grows.
            alarms.look(worker=page)
            alarms.goes_on_as(worker=page)
        worker.wait_ready()
        assert worker.runs
        deployment.check()
    chance = ["BridgeLaneNotReady", "BridgeTransactionOpen"]  # of what the silent broker leads, and what was under way
    alarms.assert_raised("BridgePartitionUnanswered critical", others=[*chance, *OF_DELIVERIES])


def test_a_partition_that_stands_still_because_its_broker_is_cut_off_its_peers_is_never_ready_for_a_minute(
    brokers: Cluster, replicated: Deployment
) -> None:
    """The broker serves its clients and believes that it leads. Whether a worker follows it there is chance."""
    worker = replicated.worker("worker")
    brokers.tell("worker", worker.pid)
    worker.wait_ready()
    number = _leaders(brokers, replicated)[0]
    with replicated.load.flowing():
        brokers.cut_off_its_peers(number)
        silent = _longest_silence(brokers, number, replicated, worker)
        brokers.heal()
        worker.wait_ready()
    assert worker.runs
    assert silent < WITHIN, "it stood still, and said that it was ready"
    replicated.check()


def test_an_ingress_goes_on_in_all_partitions_where_a_broker_is_cut_off_its_peers(
    brokers: Cluster, replicated: Deployment
) -> None:
    """The broker takes what it is sent and never acknowledges it. It tells everybody who asks that it still leads."""
    ingress = replicated.ingress()
    brokers.tell("ingress", ingress.pid)
    ingress.wait_ready()
    number = _leaders(brokers, replicated)[0]
    deliveries = Deliveries(ingress)
    deliveries.until_taken_in_a_row(3 * PARTITIONS)
    brokers.cut_off_its_peers(number)
    deliveries.until_taken_in_a_row(100 * PARTITIONS)
    wait_until("another one leads", lambda: number not in _leaders(brokers, replicated, without=number).values())


def test_a_frozen_broker_is_no_outage_while_the_two_others_answer(brokers: Cluster, replicated: Deployment) -> None:
    """One in three answers to whether Kafka is there came from the frozen broker: readiness once went on and off with
    it. If a busy machine keeps another broker from answering, too, the test tries again."""
    ingress, worker = replicated.ingress(), replicated.worker("worker")
    ingress.wait_ready()
    worker.wait_ready()
    number, deliveries = _leaders(brokers, replicated)[0], Deliveries(ingress)
    for _ in range(TRIES):
        deliveries.until_taken_in_a_row(3 * PARTITIONS)
        before = {service: service.log.stat().st_size for service in (ingress, worker)}
        with _asking_all_but(brokers, number) as slowest_s, frozen(brokers.nodes[number]):
            wrong = _while_frozen(ingress, deliveries)
        wrong += [f"{each.log.stem}: Kafka is away" for each, at in before.items() if _was_away(each, at)]
        if not wrong or slowest_s() < ANSWERS_S:
            break
        brokers.wait_in_sync()
    assert not wrong


@contextmanager
def _asking_all_but(brokers: Cluster, number: int) -> Iterator[Callable[[], float]]:
    """Meanwhile the other brokers are asked all the time. The function given tells, in the end, the seconds of their
    slowest answer."""
    servers, stop, slowest_s = _servers(brokers, number).split(","), threading.Event(), 0.0

    def ask() -> None:
        nonlocal slowest_s
        for server in itertools.cycle(servers):
            began = time.monotonic()
            AdminClient({"bootstrap.servers": server}).list_topics(timeout=PATIENCE)  # a new one knows no other broker
            slowest_s = max(slowest_s, time.monotonic() - began)
            if stop.wait(0.5):
                return

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            yield lambda: slowest_s
        finally:
            stop.set()
        asking.result()


def _while_frozen(ingress: Service, deliveries: "Deliveries") -> list[str]:
    """What went wrong while the broker was frozen."""
    refused = ingress.metric("bridge_ingress_refused_total", UNREAD)
    until = time.monotonic() + FROZEN
    while time.monotonic() < until:
        deliveries.send()
        time.sleep(PACE_S)  # a pace: nothing is waited for
    deliveries.until_taken_in_a_row(3 * PARTITIONS)
    wrong = [] if ingress.status("/readyz") == 200 else ["the ingress is not ready"]
    return wrong if ingress.metric("bridge_ingress_refused_total", UNREAD) == refused else [*wrong, UNREAD]


def _was_away(service: Service, since: int) -> bool:
    return b"Kafka is away" in service.log.read_bytes()[since:]


class Deliveries:
    """Deliveries one after the other, to each raw partition in turn."""

    def __init__(self, ingress: Service) -> None:
        self._ingress = ingress
        named = {partition_for(name.encode(), PARTITIONS): name for name in EVENT_NAMES}
        self._names = itertools.cycle(named[partition] for partition in range(PARTITIONS))
        self._numbers = itertools.count()

    def until_taken_in_a_row(self, count: int) -> None:
        """Return once so many were taken one after the other. AssertionError: they never were."""
        taken, until = 0, time.monotonic() + PATIENCE
        while taken < count:
            assert time.monotonic() < until, f"not within {PATIENCE:g} s: {count} in a row are taken, {taken} are"
            taken = taken + 1 if self.send() == 200 else 0
            time.sleep(_BETWEEN_S)  # a steady pace, unlike the growing pauses of waits

    def send(self) -> int:
        """Send the next delivery, and return the answer's status."""
        event = {"tenant": TENANT, "name": next(self._names), "payload": {"id": str(next(self._numbers))}}
        return self._ingress.request("POST", "/webhooks/newstore", json.dumps(event).encode(), BEARER).status


def _readyz(worker: Service) -> bytes:
    answer = worker.get("/readyz")
    return answer.body if answer.status == 503 else b""


def _longest_silence(brokers: Cluster, number: int, deployment: Deployment, worker: Service) -> float:
    """The longest time, in seconds, for which a raw partition had records and stood still while the worker said that it
    was ready. The watch ends when the worker goes on in all partitions without the broker that is cut off, or after so
    many seconds that nobody can miss a standstill. A partition that cannot be asked is not known to stand still. One
    that has moved did so before the answer came."""
    began = time.monotonic()
    moved, committed = dict.fromkeys(range(PARTITIONS), began), dict.fromkeys(range(PARTITIONS), -1)
    led_anew: dict[int, int] = {}  # by partition, the end of its log after another broker had begun to lead it
    longest = 0.0
    while (now := time.monotonic()) < began + LONG:
        ready, known = worker.status("/readyz") == 200, _raw(brokers, number, deployment)
        answered = time.monotonic()
        for partition, before in committed.items():
            mark = known.get(partition)
            if not ready or mark is None or mark.committed != before or mark.end <= mark.committed:
                moved[partition], committed[partition] = answered, mark.committed if mark else before
        longest = max(longest, now - min(moved.values()))
        for partition, leader in _leaders(brokers, deployment, without=number).items():
            if leader not in {-1, number} and partition in known:
                led_anew.setdefault(partition, known[partition].end)
        if len(led_anew) == PARTITIONS and all(committed[each] > end for each, end in led_anew.items()):
            break
        time.sleep(0.5)
    return longest


def _raw(brokers: Cluster, without: int, deployment: Deployment) -> dict[int, Marks]:
    """Asked by a client that never heard of the broker that is cut off. That broker's word would count as anybody's."""
    try:
        with closing(MarksReader(_servers(brokers, without), deployment.names, PARTITIONS)) as marks:
            found = marks.read()
    except KafkaException:
        return {}
    return {number: mark for (topic, number), mark in found.items() if topic == deployment.names.topic(RAW)}


def _one_silent(worker: Service) -> str:
    """The worker's metrics once they tell of partitions without an answer, and of another broker that has answered. One
    time in three the silent one was asked last."""
    page = worker.page() or ""
    told = re.search(r"^bridge_source_partitions_unanswered [1-9]", page, re.MULTILINE)
    return page if told and re.search(r"^bridge_kafka_up 1", page, re.MULTILINE) else ""


def _leaders(brokers: Cluster, deployment: Deployment, without: int | None = None) -> dict[int, int]:
    """The broker that leads each raw partition, as all but the broker ``without`` say. A broker that is cut off would
    say what it believes."""
    topic = deployment.names.topic(RAW)
    found = AdminClient({"bootstrap.servers": _servers(brokers, without)}).list_topics(topic, timeout=PATIENCE)
    return {number: partition.leader for number, partition in found.topics[topic].partitions.items()}


def _servers(brokers: Cluster, without: int | None) -> str:
    return ",".join(node.bootstrap_servers for number, node in brokers.nodes.items() if number != without)
