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

SAID = {"customer_email": "ada@example.com", "discounts": [{"price_adjustment": 5.5}]}

CREATED, CHANGED, OPENED, STRANGE = (
    json.dumps({"tenant": "demo", "name": name, "published_at": "2026-01-01T00:00:00Z", "payload": payload}).encode()
    for name, payload in (
        ("order.created", {"id": "order-1", "items": [{"id": "i", "quantity": 2}], **SAID}),
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
    """An entry of a timeline."""
    return {"event": event, "key": key, "source": source, "published_at": PUBLISHED, "received_at": RECEIVED}


TIMELINE = [
    entry("order.created", "order-1", "2:0"),
    entry("order.opened", "order-1", "2:1"),
    entry("order.opened", "order-1", "2:3"),
]

_UNSAID_OF_THE_ORDER = (
    *("external_id", "created_at", "placed_at", "channel_type", "channel", "is_historical", "is_exchange", "exchanges"),
    *("associate_id", "demand_location_id", "currency", "price_method", "subtotal", "discount_total"),
    *("shipping_total", "shipping_tax", "tax_total", "grand_total", "current_total", "tax_strategy", "tax_exempt"),
    "extended_attributes",
)
_UNSAID_OF_THE_CUSTOMER = ("customer_id", "external_customer_id", "billing_address", "shipping_address")
_UNSAID_OF_THE_ITEM = (
    *("product_id", "item_type", "list_price", "item_discounts", "order_discounts", "tax", "shipping_service_level"),
    *("fulfillment_location_id", "fulfillment_request_id", "carrier", "tracking_code", "shipped_at"),
    *("cancellation_reason", "replaced_by", "replaces", "swap"),
)

RIVALS = [entry | {"payload_hash": f"v1:{place}"} for place, entry in enumerate(TIMELINE[1:])]
"""As they stand in contradictions."""

STATE: dict[str, Any] = {
    "order_id": "order-1",
    "tenant": "demo",
    "status": "open",
    "fulfillment_status": "unfulfilled",
    "payment_status": "none",
    "return_status": "none",
    "provisional": False,
    "missing": [],
    "incomplete": False,
    "stalled": [],
    "suspected": [],
    "partial_history": True,
    "contradictions": [{"kind": "conflicting_payloads", "subject": None, "facts": RIVALS}],
    "attention": [],
    "unprocessed": [],
    "version": 3,
    "revision": 7,
    "order": {
        **dict.fromkeys(_UNSAID_OF_THE_ORDER),
        "discounts": [{"price_adjustment": 5.5}],
        "customer": {**dict.fromkeys(_UNSAID_OF_THE_CUSTOMER), "customer_email": "ada@example.com"},
    },
    "item_counts": {"pending": 1},
    "items": {
        "i": {
            **dict.fromkeys(_UNSAID_OF_THE_ITEM),
            "status": "pending",
            "ordered": True,
            "quantity": 2,
            "shipped_quantity": 0,
            "returned_quantity": 0,
            "cancelled_quantity": 0,
        }
    },
    "fulfillment_requests": {},
    "payments": {},
    "payment_sums": {},
    "returns": {},
    "refund_requests": {},
    "unmatched_refunds": [],
    "invoices": {},
    "timeline": TIMELINE,
    "timeline_count": 3,
    "truncated": ["fulfillment_requests"],
    "first_received_at": RECEIVED,
    "last_received_at": RECEIVED,
}
"""Where fields follow from clocks and arrivals, the checker cannot know whether these values are true."""

Records = dict[str, list[Record]]


def out(dataset: str, offset: int, source: int, key: bytes | None, value: bytes, **headers: str) -> Record:
    """An output of raw record 2:``source``."""
    given = {"bridge_source": f"2:{source}", "ce_id": f"{dataset}/{source}", **headers}
    return Record(dataset, HOME, offset, key, value, {name: text.encode() for name, text in given.items()})


def correct() -> Records:
    """Fresh topics."""
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
    """What the checker finds wrong."""
    return list(wrong_records(records, SENT, MEANINGS, PARTITIONS))


def say(records: Records, **said: object) -> None:
    """Add a later state that says something else."""
    records[ORDER_STATE].append(Record(ORDER_STATE, HOME, 1, KEY, json.dumps(STATE | said).encode()))
