"""The checker of the exactly-once tests finds every kind of fault: a check that cannot fail proves nothing."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.checker.check import wrong_records
from tests.checker.meaning import Meaning
from tests.checker.murmur2 import partition_of
from tests.checker.names import CONFLICTS, DATASETS, ORDER_STATE, ORDERS, QUARANTINE, RAW
from tests.checker.record import Record

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

TIMELINE = [
    {"event": "order.created", "source": "2:0"},
    {"event": "order.opened", "source": "2:1"},
    {"event": "order.opened", "source": "2:3"},
]

STATE = {
    "order_id": "order-1",
    "status": "open",
    "return_status": "none",
    "provisional": False,
    "missing": [],
    "contradictions": [{"kind": "conflicting_payloads", "facts": [{"source": "2:1"}, {"source": "2:3"}]}],
    "unprocessed": [],
    "items": {"i": {"status": "pending", "ordered": True, "quantity": 2, "returned_quantity": 0, "tax": None}},
    "version": 3,
    "timeline": TIMELINE,
}

Records = dict[str, list[Record]]


def out(dataset: str, offset: int, source: int, key: bytes | None, value: bytes, **headers: str) -> Record:
    """An output of raw record 2:``source``."""
    given = {"bridge_source": f"2:{source}", "ce_id": f"{dataset}/{source}", **headers}
    return Record(dataset, HOME, offset, key, value, {name: text.encode() for name, text in given.items()})


@pytest.fixture
def records() -> Records:
    """Topics in which everything is as it must be."""
    bodies = (CREATED, OPENED, CREATED, CHANGED, STRANGE)
    found: Records = {dataset: [] for dataset in DATASETS}
    found[RAW] = [Record(RAW, 2, offset, b"name", body) for offset, body in enumerate(bodies)]
    found[ORDERS] = [
        out(ORDERS, 0, 0, KEY, CREATED),
        out(ORDERS, 1, 1, KEY, OPENED),
        out(ORDERS, 2, 3, KEY, CHANGED, bridge_conflict="true"),
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
    return list(wrong_records(records, SENT, MEANINGS, PARTITIONS))


def test_it_finds_nothing_where_nothing_is_wrong(records: Records) -> None:
    assert problems(records) == []


def _lose(records: Records) -> None:
    del records[ORDERS][1]


def _duplicate(records: Records) -> None:
    records[ORDERS].append(replace(records[ORDERS][0], offset=9))


def _pass_a_duplicate(records: Records) -> None:
    records[ORDERS].append(out(ORDERS, 9, 2, KEY, CREATED))


def _alter(records: Records) -> None:
    records[ORDERS][0] = replace(records[ORDERS][0], value=CREATED + b" ")


def _take_another_key(records: Records) -> None:
    records[ORDERS][0] = replace(records[ORDERS][0], key=b"order-2")


def _take_another_partition(records: Records) -> None:
    records[ORDERS][0] = replace(records[ORDERS][0], partition=(HOME + 1) % PARTITIONS)


def _take_another_topic(records: Records) -> None:
    records["inventory"].append(records[ORDERS].pop(0))


def _swap(records: Records) -> None:
    records[ORDERS][:2] = records[ORDERS][1::-1]


def _do_not_report_the_conflict(records: Records) -> None:
    records[CONFLICTS].clear()


def _do_not_mark_the_conflict(records: Records) -> None:
    records[ORDERS][2] = out(ORDERS, 2, 3, KEY, CHANGED)


def _do_not_quarantine(records: Records) -> None:
    records[QUARANTINE].clear()


def _lose_a_delivery(records: Records) -> None:
    del records[RAW][2]


def _store_what_nobody_sent(records: Records) -> None:
    records[RAW].append(Record(RAW, 2, 9, b"name", b"{}"))


def _name_no_source(records: Records) -> None:
    records[ORDERS][0] = replace(records[ORDERS][0], headers={})


def _name_another_first_source(records: Records) -> None:
    headers = {**records[CONFLICTS][0].headers, "bridge_first_source": b"2:0"}
    records[CONFLICTS][0] = replace(records[CONFLICTS][0], headers=headers)


def _use_an_id_twice(records: Records) -> None:
    headers = {**records[ORDERS][0].headers, "ce_id": records[ORDERS][1].headers["ce_id"]}
    records[ORDERS][0] = replace(records[ORDERS][0], headers=headers)


def _have_a_state_of_no_order(records: Records) -> None:
    records[ORDER_STATE].append(replace(records[ORDER_STATE][0], key=b"order-2"))


def _have_the_state_elsewhere(records: Records) -> None:
    records[ORDER_STATE][0] = replace(records[ORDER_STATE][0], partition=(HOME + 1) % PARTITIONS)


def _have_no_state(records: Records) -> None:
    records[ORDER_STATE].clear()


def _say(records: Records, **said: object) -> None:
    """A later state, which says something else."""
    records[ORDER_STATE].append(Record(ORDER_STATE, HOME, 1, KEY, json.dumps({**STATE, **said}).encode()))


def _have_an_old_state(records: Records) -> None:
    _say(records, status="created", version=1, timeline=TIMELINE[:1])


def _have_a_wrong_status(records: Records) -> None:
    _say(records, status="created")


def _have_a_wrong_item(records: Records) -> None:
    _say(records, items={"i": {**STATE["items"]["i"], "status": "cancelled"}})  # type: ignore[index]


def _miss_what_is_there(records: Records) -> None:
    _say(records, missing=["order.created"])


def _see_no_contradiction(records: Records) -> None:
    _say(records, contradictions=[])


def _leave_an_event_aside(records: Records) -> None:
    _say(records, unprocessed=[{"event": "order.opened"}])


def _mix_up_the_timeline(records: Records) -> None:
    _say(records, timeline=TIMELINE[::-1])


def _fail_on_an_event(records: Records) -> None:
    failed = {**records[QUARANTINE][0].headers, "bridge_error_reason": b"handler_failed", "bridge_error_offset": b"0"}
    records[QUARANTINE].append(Record(QUARANTINE, 2, 1, None, CREATED, failed))


def _quarantine_in_the_name_of_another(records: Records) -> None:
    headers = {**records[QUARANTINE][0].headers, "bridge_error_stage": b"orders"}
    records[QUARANTINE][0] = replace(records[QUARANTINE][0], headers=headers)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (_lose, "lost"),
        (_duplicate, "duplicate"),
        (_pass_a_duplicate, "should not be there"),
        (_alter, "altered"),
        (_take_another_key, "misplaced"),
        (_take_another_partition, "misplaced"),
        (_take_another_topic, "lost"),
        (_swap, "out of order"),
        (_do_not_report_the_conflict, "lost"),
        (_do_not_mark_the_conflict, "bridge_conflict"),
        (_do_not_quarantine, "lost"),
        (_lose_a_delivery, "lost"),
        (_store_what_nobody_sent, "nobody sent this"),
        (_name_no_source, "should not be there"),
        (_name_another_first_source, "bridge_first_source"),
        (_use_an_id_twice, "ce_id"),
        (_have_a_state_of_no_order, "no event of such an order"),
        (_have_the_state_elsewhere, "misplaced"),
        (_have_no_state, "no state"),
        (_have_an_old_state, "timeline is not that"),
        (_have_a_wrong_status, "status is 'created', not 'open'"),
        (_have_a_wrong_item, "items is"),
        (_miss_what_is_there, "missing is"),
        (_see_no_contradiction, "contradictions is"),
        (_leave_an_event_aside, "unprocessed is"),
        (_mix_up_the_timeline, "not in the order"),
        (_fail_on_an_event, "dedupe failed on an event"),
        (_quarantine_in_the_name_of_another, "bridge_error_stage"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_finds_each_kind_of_fault(records: Records, fault: Callable[[Records], None], word: str) -> None:
    fault(records)
    assert any(word in problem for problem in problems(records)), problems(records)
