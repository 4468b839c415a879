"""Topics in which everything is as it must be, for tests to spoil, and what the checker says of them."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from tests.programs.checker.check import wrong_records
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import CONFLICTS, DATASETS, ORDER_STATE, ORDERS, QUARANTINE, RAW
from tests.programs.checker.record import Record

PARTITIONS = 4
KEY = b"order-1"
HOME = partition_of(KEY, PARTITIONS)

CREATED, CHANGED, OPENED, STRANGE = (
    json.dumps({"name": name, "published_at": "2026-01-01T00:00:00Z", "payload": payload}).encode()
    for name, payload in (
        ("order.created", {"id": "order-1", "items": [{"id": "i", "quantity": 2}]}),
        ("order.opened", {"id": "order-1", "note": "corrected"}),
        ("order.opened", {"id": "order-1"}),
        ("strange", {}),
    )
)
MEANINGS = {
    CREATED: Meaning("created", 0, ORDERS, "order-1", "order-1", key_documented=True),
    OPENED: Meaning("opened", 0, ORDERS, "order-1", "order-1"),
    CHANGED: Meaning("opened", 1, ORDERS, "order-1", "order-1"),
    STRANGE: None,
}
SENT = Counter({CREATED: 2, OPENED: 1, CHANGED: 1, STRANGE: 1})

PUBLISHED, RECEIVED = "2026-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"


def entry(event: str, key: str, source: str) -> dict[str, str]:
    """Of a timeline."""
    return {"event": event, "key": key, "source": source, "published_at": PUBLISHED, "received_at": RECEIVED}


TIMELINE = [
    entry("order.created", "order-1", "2:0"),
    entry("order.opened", "order-1", "2:1"),
    entry("order.opened", "order-1", "2:3"),
]

STATE: dict[str, Any] = {
    "order_id": "order-1",
    "status": "open",
    "return_status": "none",
    "provisional": False,
    "missing": [],
    "contradictions": [{"kind": "conflicting_payloads", "facts": [{"source": "2:1"}, {"source": "2:3"}]}],
    "unprocessed": [],
    "items": {"i": {"status": "pending", "ordered": True, "quantity": 2, "returned_quantity": 0, "tax": None}},
    "returns": {},
    "version": 3,
    "timeline": TIMELINE,
    "first_received_at": RECEIVED,
    "last_received_at": RECEIVED,
}

Records = dict[str, list[Record]]


def out(dataset: str, offset: int, source: int, key: bytes | None, value: bytes, **headers: str) -> Record:
    """An output of raw record 2:``source``."""
    given = {"bridge_source": f"2:{source}", "ce_id": f"{dataset}/{source}", **headers}
    return Record(dataset, HOME, offset, key, value, {name: text.encode() for name, text in given.items()})


def correct() -> Records:
    """Fresh ones."""
    bodies = (CREATED, OPENED, CREATED, CHANGED, STRANGE)
    found: Records = {dataset: [] for dataset in DATASETS}
    found[RAW] = [Record(RAW, 2, offset, b"name", body) for offset, body in enumerate(bodies)]
    found[ORDERS] = [
        out(ORDERS, 0, 0, KEY, CREATED),
        out(ORDERS, 1, 1, KEY, OPENED),
        out(ORDERS, 2, 3, KEY, CHANGED, bridge_conflict="true", ce_id="opened~v1:0", bridge_payload_hash="v1:0"),
    ]
    found[CONFLICTS] = [out(CONFLICTS, 0, 3, b"name", CHANGED, bridge_first_source="2:1")]
    found[CONFLICTS][0] = replace(found[CONFLICTS][0], partition=partition_of(b"name", PARTITIONS))
    quarantined = {
        "bridge_error_stage": b"dedupe",
        "bridge_error_topic": RAW.encode(),
        "bridge_error_partition": b"2",
        "bridge_error_offset": b"4",
    }
    found[QUARANTINE] = [Record(QUARANTINE, 2, 0, None, STRANGE, quarantined)]
    found[ORDER_STATE] = [Record(ORDER_STATE, HOME, 0, KEY, json.dumps(STATE).encode())]
    return found


def problems(records: Records) -> list[str]:
    """What is wrong with them."""
    return list(wrong_records(records, SENT, MEANINGS, PARTITIONS))
