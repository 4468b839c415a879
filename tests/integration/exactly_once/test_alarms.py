"""Which alerts a running deployment raises: none in a minute of simulated orders, told as an hour at the same pace, and
for each fault its own.

Other faults are made and tested elsewhere: a broker that is away, a full disk, a migration, a lost event."""

import signal
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from confluent_kafka import Producer

from processors.engine.refusals import IN_A_ROW
from tests.deploy.observability.moments import behind_one, total, unanswered
from tests.integration.alarms import Alarms, settled
from tests.integration.exactly_once.deployment import BEARER, KEY, PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import event
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.chaos.clock import Clock
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import RAW

MINUTES: Final = 2
"""Minutes between two samples of the hour, as promtool is told. In truth it is a second or two, in which Kafka is asked
once. Counters are scaled up accordingly, so rates are true. What takes an hour to come about is not seen."""
NO_IMPORT: Final = 4
"""With this seed nobody imports old orders. Those are late by months, which is an alarm by itself."""
HOUR: Final = 60 // MINUTES
QUARTER_OF_AN_HOUR: Final = 15
WEEK: Final = 7 * 24 * 4
"""In quarters of an hour."""
DAYS: Final = 4 * 24 * 4
"""Likewise."""
CONNECTIONS: Final = 4
BEGUN: Final = b"".join(
    line + b"\r\n"
    for line in (
        b"POST /webhooks/newstore HTTP/1.1",
        b"Host: bridge",
        b"Authorization: Bearer " + KEY.encode(),
        b"Content-Length: 9",
        b"",
    )
)
"""A request without its body."""
BURN: Final = ("BridgeAvailabilityBurn critical", "BridgeAvailabilityBurn warning")
OUTAGE: Final = (
    "BridgeKafkaAway",
    "BridgeNotAcknowledged",
    "BridgeTooMuchInFlight",
    "BridgeAvailabilityBurn",
    "BridgeTransactionOpen",
)
"""Of a broker that a busy machine leaves without CPU for seconds, which count as minutes here."""
STAYS: Final = {"session_timeout": "60s"}
"""A worker that a busy machine keeps waiting for some seconds, which count as minutes, stays in its group."""
BACK_S: Final = 300
OFTEN: Final = 6
"""So many starts in a day are an alarm; half as many are one in half an hour."""
OPENED: Final = "order.opened"
UNUSUAL: Final = 10_000
"""More waiting records than this are an alarm."""


def test_simulation_told_as_an_hour_is_quiet_and_what_ends_it_is_told(deployment: Deployment, alarms: Alarms) -> None:
    """First NewStore sends no more, then the services are gone."""
    ingress, worker = deployment.ingress(), deployment.worker("worker", test_looks_a_question="1", **STAYS)
    for service in (ingress, worker):
        service.wait_ready()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    sent = ("--orders", "5000", "--rate", "55", "--duplicates", "0.2", "--seed", str(NO_IMPORT), "--start", now)
    simulated = deployment.command("simulate", *sent, ingress_port=str(ingress.port))
    page = ""
    for _ in range(HOUR + 1):
        page = asked_again(worker, page)
        alarms.look(ingress=ingress.page(), worker=page)
        assert simulated.runs
    simulated.end()
    assert worker.metric("bridge_events_total", 'outcome="unique"') > HOUR
    refused = ingress.metric("bridge_ingress_refused_total") > 0
    was_away = refused or any("Kafka is away" in service.log.read_text() for service in (ingress, worker))
    others = OUTAGE if was_away else ()
    alarms.assert_quiet(MINUTES, others=others)
    stopped = alarms.anew()

    stopped.look(ingress=None)
    stopped.look(WEEK, ingress=(accepted := settled(ingress.page)))
    stopped.look(QUARTER_OF_AN_HOUR, ingress=accepted)
    was_long_ago = {*others, "BridgeNoEventForADay"}  # samples repeat the last event's time while its counter grows
    stopped.assert_raised(
        "BridgeNothingAccepted critical", others=was_long_ago, minutes=QUARTER_OF_AN_HOUR, quiet=False
    )

    silent = alarms.anew()
    silent.look(DAYS, ingress=accepted)
    silent_for_days = ("BridgeNoEventForADay critical", "BridgeNoEventForADay warning")
    silent.assert_raised(*silent_for_days, others=others, minutes=QUARTER_OF_AN_HOUR, quiet=False)

    gone = alarms.anew()
    gone.was_well(ingress=ingress.page, worker=worker.page)
    for service in (ingress, worker):
        service.signal(signal.SIGKILL)
        service.wait()
    gone.goes_on(ingress=ingress.page, worker=worker.page)
    gone.assert_raised("BridgeIngressAway critical", "BridgeWorkerAway critical", "BridgeProcessAway warning")


def asked_again(worker: Service, before: str) -> str:
    """The worker's metrics once it has asked Kafka again since ``before``, so that a transaction which has ended is not
    told as open once more. Events come all the time, so another answer has other numbers."""

    def another() -> str:
        page = worker.page() or ""
        return page if source_ends(page) != source_ends(before) else ""

    return wait_until("it has asked Kafka again", another)


def source_ends(page: str) -> set[str]:
    return {line for line in page.splitlines() if line.startswith("bridge_source_high_watermark_offset")}


def test_each_fault_of_a_deployment_that_runs_raises_its_alarm(
    deployment: Deployment, alarms: Alarms, tmp_path: Path
) -> None:
    clock = Clock(tmp_path / "clock")
    settings = {
        "http_max_connections": str(CONNECTIONS),
        "test_clock": str(clock.path),
        "ingress_ack_timeout": "60s",  # a Kafka that a busy machine keeps silent causes no refusals
    }
    ingress, worker = deployment.ingress(**settings), deployment.worker("worker")
    for service in (ingress, worker):
        service.wait_ready()
    take_all_connections(ingress, alarms.anew())
    stand_back(ingress, worker, clock, alarms.anew())
    leave_a_transaction_open(deployment, worker, alarms.anew())
    get_stuck_in_a_roll_out(deployment, worker, tmp_path, alarms.anew())
    alarms.was_well(ingress=ingress.page)
    for _ in range(OFTEN):
        ingress.signal(signal.SIGKILL)
        ingress.wait()
        ingress = deployment.ingress(**settings)
        ingress.wait_ready()
        alarms.look(then=1, ingress=ingress.page())
    alarms.assert_raised("BridgeRestarting critical", "BridgeRestarting warning")


def take_all_connections(ingress: Service, alarms: Alarms) -> None:
    """Callers begin a request and go away. Until they go, nobody else gets a connection."""
    alarms.was_well(ingress=ingress.page)
    with ExitStack() as opened:
        for _ in range(CONNECTIONS):
            opened.enter_context(socket.create_connection(("127.0.0.1", ingress.port))).sendall(BEGUN)
        wait_until("there is none for another", lambda: ingress.status("/livez") is None)
    wait_until("there is room again", lambda: ingress.status("/livez") == 200)
    cause = 'cause="body_not_received"'
    wait_until("it has seen them go", lambda: ingress.metric("bridge_ingress_refused_total", cause) == CONNECTIONS)
    alarms.goes_on(ingress=ingress.page)
    alarms.assert_raised("BridgeConnectionsRefused warning", *BURN)


def stand_back(ingress: Service, worker: Service, clock: Clock, alarms: Alarms) -> None:
    """Events lie there for minutes before they are processed. Here the ingress's clock is behind when one comes."""
    alarms.was_well(ingress=ingress.page, worker=worker.page)
    clock.set_ahead(-BACK_S)
    body = event("an-order", "order.created").body
    assert ingress.request("POST", "/webhooks/newstore", body, BEARER).status == 200
    clock.set_ahead(0)
    wait_until("it is processed", lambda: worker.metric("bridge_end_to_end_seconds_sum") > BACK_S / 2)
    alarms.goes_on(ingress=ingress.page, worker=worker.page)
    alarms.assert_raised("BridgeCleanedLate warning")


def leave_a_transaction_open(deployment: Deployment, worker: Service, alarms: Alarms) -> None:
    """As when somebody replays something and is frozen."""
    alarms.was_well(worker=worker.page)
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    replay = Producer({"bootstrap.servers": servers, "transactional.id": f"{deployment.names.group}-replay"})
    replay.init_transactions(PATIENCE)
    replay.begin_transaction()
    replay.produce(deployment.names.topic(RAW), b"never", partition=0)
    assert replay.flush(PATIENCE) == 0
    place = f"{deployment.names.topic(RAW)}/0"
    alarms.goes_on_as(worker=wait_until("the worker has seen it", lambda: seen_open(worker, place)))
    replay.abort_transaction(PATIENCE)
    alarms.assert_raised("BridgeTransactionOpen critical")


def seen_open(worker: Service, place: str) -> str:
    """The worker's metrics once Kafka has told it of the transaction at ``place``."""
    page = worker.page() or ""
    return page if place in behind_one(page) and not unanswered(page) else ""


def get_stuck_in_a_roll_out(deployment: Deployment, worker: Service, directory: Path, alarms: Alarms) -> None:
    """A worker of the next version beside one of this version."""
    alarms.was_well(worker=worker.page)
    told = directory / "newstore_kafka_bridge-99.dist-info" / "METADATA"
    told.parent.mkdir()
    told.write_text("Metadata-Version: 2.1\nName: newstore-kafka-bridge\nVersion: 99\n")
    following = deployment.worker("following", ("env", f"PYTHONPATH={directory}"))
    wait_for_lanes(worker, following)
    alarms.goes_on(worker=worker.page, following=following.page)
    following.signal(signal.SIGTERM)
    following.wait()
    alarms.assert_raised("BridgeVersionsMixed warning")


def test_a_halted_lane_is_told_by_alerts_and_by_commands_and_so_is_what_waits_behind_it(
    deployment: Deployment, alarms: Alarms
) -> None:
    worker = deployment.worker("worker", test_mutation="fail-on-poison")
    worker.wait_ready()
    alarms.was_well(worker=worker.page)
    deployment.load.send_all(event(f"order-{n}", OPENED, note="poison for dedupe") for n in range(IN_A_ROW + 1))
    lane = (deployment.names.topic(RAW), partition_of(OPENED.encode(), PARTITIONS))
    wait_until("it has halted", lambda: lane in worker.lanes("halted"))
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    producer = Producer({"bootstrap.servers": servers})
    for _ in range(UNUSUAL):
        producer.produce(lane[0], b"whatever", partition=lane[1])
    assert producer.flush(PATIENCE) == 0
    waits = settled(worker.page, lambda page: total(page, "bridge_consumer_lag_events") > UNUSUAL)
    alarms.goes_on_as(worker=waits)
    for command in ("doctor", "status"):
        said = wait_until("it names the lane", partial(tells_halted, deployment, worker, command, lane))
        assert "docs/engine.md#when-a-lane-halts" in said
    alarms.assert_raised("BridgeLaneHalted critical", "BridgeLag warning", "BridgeQuarantined warning")


def tells_halted(deployment: Deployment, worker: Service, command: str, lane: tuple[str, int]) -> str:
    """What a command says, if that is that this lane has halted: a worker may be too busy to be heard in time."""
    said = deployment.command(command, worker_url=f"http://127.0.0.1:{worker.port}").result().stdout
    return said if f"{lane[0]}/{lane[1]} halted" in said.replace("has halted", "halted") else ""
