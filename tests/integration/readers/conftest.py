"""One deployment whose public topics have what a simulation leaves there."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.settings import Settings
from commands.terminal.fenced_producer import fenced_producer
from deploy.local.kafka import LocalKafka
from tests.integration.commands.exports import written
from tests.integration.consumers.transactions import Row, Transaction, Transactions
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.orders import LONG_AGO
from tests.integration.readers.plenty import plenty
from tests.integration.waiting import PATIENCE
from tests.programs.checker.names import RAW
from tests.programs.checker.record import Record

INTERRUPTED = "interrupted"
_INTERRUPTIONS = 3
_MOST_BYTES = 1 << 16
_RECORDS = 200
_ORDERS = 35
"""Whole lives, of 13 events and more. All other records are `plenty`."""
_SETTINGS = {"partitions": "4", "order_lines": "true"}


@pytest.fixture(scope="module")
def empty(kafka: LocalKafka, fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The deployment before anything was sent to it."""
    directory, prefix = tmp_path_factory.mktemp("readers"), f"readers-{uuid.uuid4().hex[:8]}"
    start = fork_server.start
    with closing(Deployment(kafka.bootstrap_servers, prefix, directory, settings=_SETTINGS, start=start)) as deployment:
        yield deployment
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
        made = [name for name in admin.list_topics(timeout=PATIENCE).topics if name.startswith(f"{prefix}.")]
    for deleted in admin.delete_topics(made).values():
        deleted.result()


@pytest.fixture(scope="module")
def simulated(empty: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, int]:
    """Deliveries by outcome, of webhook and export file together."""
    return _fill(empty, tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def deployment(empty: Deployment, simulated: Mapping[str, int]) -> Deployment:
    """At least 2,000 simulated records of each public topic, with re-deliveries, conflicts and broken bodies; a body
    over the limit, and a deleted order."""
    return empty


@pytest.fixture(scope="module")
def codecs(deployment: Deployment) -> Mapping[str, Sequence[Record]]:
    """Topics with the same records, one for each other codec that a deployment may choose."""
    mend_aiokafka()  # as every process of the bridge does
    records = deployment.records(RAW)[:_RECORDS]
    of_codecs = {f"{deployment.settings.topic_prefix}.{codec}": codec for codec in ("lz4", "snappy", "zstd", "none")}
    admin = AdminClient({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    for created in admin.create_topics([NewTopic(topic, 1, 1) for topic in of_codecs]).values():
        created.result(PATIENCE)
    for topic, codec in of_codecs.items():
        settings = deployment.settings.model_copy(update={"compression": codec})
        asyncio.run(_write(settings, topic, records))
    return dict.fromkeys(of_codecs, records)


@pytest.fixture(scope="module")
def interrupted(deployment: Deployment) -> Sequence[Record]:
    """The committed records of a topic whose writer was interrupted before each, as a killed worker is."""
    servers, topic = ",".join(deployment.settings.kafka_bootstrap_servers), deployment.names.topic(INTERRUPTED)
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(PATIENCE)
    rows = [Row("key", each.value, each.headers) for each in deployment.records(RAW)[:_INTERRUPTIONS]]
    planned = [
        each for row in rows for each in (Transaction([row._replace(value=b"{}")], False), Transaction([row], True))
    ]
    transactions = Transactions(servers, topic, iter(planned))
    transactions.write(len(planned))
    return transactions.committed


async def _write(settings: Settings, topic: str, records: Sequence[Record]) -> None:
    async with fenced_producer(settings, f"{topic}.writer") as producer, producer.transaction():
        sent = [
            await producer.send(topic, each.value, each.key, headers=list(each.headers.items())) for each in records
        ]
        await asyncio.gather(*sent)


def _fill(deployment: Deployment, directory: Path) -> Mapping[str, int]:
    assert deployment.command("topics", "apply", "--yes").result().exit_code == 0
    # A Kafka that is silent for seconds makes no delivery come twice.
    ingress = deployment.ingress(ingress_max_body_bytes=str(_MOST_BYTES), ingress_ack_timeout="60s")
    worker = deployment.worker("worker", orders_since=LONG_AGO)
    ingress.wait_ready()
    worker.wait_ready()
    shares = ("--duplicates", "0.05", "--conflicts", "0.03", "--malformed", "0.03")
    url = f"http://127.0.0.1:{ingress.port}/webhooks/newstore"
    patient = ("--answer-within", "60s")
    simulate = ("simulate", "--orders", str(_ORDERS), "--seed", "7", *shares, *patient, "--url", url, "-o", "json")
    bodies, outcomes = plenty(deployment.settings.tenant)
    backfill = deployment.command("backfill", "--yes", str(written(directory / "plenty.export", bodies)))
    sent, stored = deployment.command(*simulate).result(), backfill.result()
    assert (sent.exit_code, stored.exit_code) == (0, 0), sent.stderr + stored.stderr
    unknown = {"tenant": deployment.settings.tenant, "name": "something.new", "payload": {"id": "ä"}}
    statuses = [
        ingress.request("POST", "/webhooks/newstore", body, BEARER).status
        for body in (json.dumps(unknown).encode(), b"x" * (_MOST_BYTES + 1))
    ]
    assert statuses == [200, 400]
    deployment.wait_settled()
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    producer.produce(deployment.settings.topics.order_state, None, "deleted")
    assert producer.flush(PATIENCE) == 0
    return outcomes + Counter(json.loads(sent.stdout)["expected"])
