"""Orders that versions 1 and 2 wrote become what today's rules make of them; those of version 1 are made from raw."""

import json
import shutil
import signal
import time

import orjson
from confluent_kafka import Producer
from msgspec.structs import replace

from processors.orders.canonical import parts_of
from processors.orders.older_rows import load
from processors.orders.row import Row, dump
from processors.orders.table import ORDER, TOTALS_KEY
from tests.integration.alarms import Alarms
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until

_WITH_ID = ("fulfillment_request.", "return.")
OLDER = "bridge_orders_of_older_rules"
_MINUTES = 3
"""Minutes between samples: the alert needs six hours."""


def test_rows_of_older_versions_are_brought_up_to_this_one_after_a_kill_too(deployment: Deployment) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.load.send(4000)
    deployment.check()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    shutil.rmtree(deployment.data_dir("worker"))
    assert made_older(deployment) > 100
    again = deployment.worker("worker", test_fault="after-commit:KILL:3")
    assert again.wait() == -signal.SIGKILL
    assert b"{}" in last_states(deployment).values(), "some are left"
    last = deployment.worker("worker")
    last.wait_ready()
    wait_until("all are done", lambda: b"{}" not in last_states(deployment).values())
    wait_until("that is told", lambda: last.metric(OLDER) == 0)
    deployment.check()


def test_orders_that_wait_for_what_raw_does_not_have_are_an_alarm(deployment: Deployment, alarms: Alarms) -> None:
    """As after brokers were restored from older disks. Nobody waits for what raw has forgotten."""
    worker = deployment.worker("worker")
    worker.wait_ready()
    opened = next(each for each in deployment.load.unsent(100) if each.name == "order.opened")
    deployment.load.send_all([opened])
    deployment.wait_settled()
    alarms.was_well(worker=worker.page)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    shutil.rmtree(deployment.data_dir("worker"))
    assert made_older(deployment, source="0:1000000") == 1
    waiting = deployment.worker("waiting")
    wait_until("it waits", lambda: "raw ends before that" in waiting.log.read_text() and waiting.metric(OLDER) == 1)
    alarms.goes_on(waiting=waiting.page)
    alarms.assert_raised("BridgeOrdersOfOlderRules warning", minutes=_MINUTES)


def last_states(deployment: Deployment) -> dict[bytes | None, bytes | None]:
    return {each.key: each.value for each in deployment.records("order-state")}


def made_older(deployment: Deployment, source: str | None = None) -> int:
    """Put rows as versions 1 and 2 wrote them, by turns, into the changelog, with states that say nothing. `source`:
    where rows of version 1 have their events from, if not from where they are."""
    topics, now = deployment.settings.topics, time.time_ns() // 1_000_000
    rows = {(each.partition, each.key): each.value for each in deployment.records("orders-changelog")}
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    older = 0
    for (partition, key), row in rows.items():
        assert key is not None
        if row and key.startswith(ORDER):
            written = of_version_2(load(row)) if older % 2 else of_version_1(load(row), source)
            producer.produce(topics.orders_changelog, written, key, partition, timestamp=now)
            producer.produce(topics.order_state, b"{}", key.removeprefix(ORDER), partition, timestamp=now)
            older += 1
        elif row and key == TOTALS_KEY:
            totals = {name: count for name, count in json.loads(row).items() if not name.startswith("rules:")}
            producer.produce(topics.orders_changelog, orjson.dumps(totals), key, partition, timestamp=now)
    assert producer.flush(60) == 0
    return older


def of_version_2(row: Row) -> bytes:
    assert row.summary is not None
    row.version, row.summary = 2, replace(row.summary, rules=2)
    return dump(row)


def of_version_1(row: Row, source: str | None) -> bytes:
    """Version 1 kept nothing of payments, and little of other events; here it keeps only ids."""
    parts = [(*parts_of(fact.place), fact) for fact in row.facts]
    assert row.summary is not None
    head = {
        "order_id": row.order_id,
        "tenant": row.tenant,
        "rules_version": 1,
        "summary": {"status": row.summary.status, "provisional": row.summary.provisional, "incomplete": False},
        "facts": [
            [event, key, at or "raw-0", payload_hash, fact.received_at, source or fact.source, fact.conflict]
            for at, event, key, payload_hash, fact in parts
        ],
        "folded": {},
        "unprocessed": [],
    }
    kept = [{"id": key.partition(":")[0]} if event.startswith(_WITH_ID) else {} for _, event, key, *_ in parts]
    return b"\n".join(map(orjson.dumps, (head, *kept)))
