"""The checker of the exactly-once tests finds every kind of fault: a check that cannot fail proves nothing."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.checker.check import wrong_records
from tests.checker.counter_example import Duplicate, Lost
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


@pytest.fixture
def records() -> Records:
    """Topics in which everything is as it must be."""
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
    _say(records, items={"i": {**STATE["items"]["i"], "status": "cancelled"}})


def _miss_what_is_there(records: Records) -> None:
    _say(records, missing=["order.created"])


def _see_no_contradiction(records: Records) -> None:
    _say(records, contradictions=[])


def _leave_an_event_aside(records: Records) -> None:
    _say(records, unprocessed=[{"event": "order.opened"}])


def _mix_up_the_timeline(records: Records) -> None:
    _say(records, timeline=TIMELINE[::-1])


def _receive_it_at_another_time(records: Records) -> None:
    _say(records, timeline=[TIMELINE[0] | {"received_at": PUBLISHED}, *TIMELINE[1:]])


def _publish_it_at_another_time(records: Records) -> None:
    _say(records, timeline=[TIMELINE[0] | {"published_at": None}, *TIMELINE[1:]])


def _take_one_event_for_two(records: Records) -> None:
    _say(records, timeline=[*TIMELINE[:2], TIMELINE[2] | {"key": "order-2"}])


def _receive_the_last_at_another_time(records: Records) -> None:
    _say(records, last_received_at=PUBLISHED)


def _make_up_a_return(records: Records) -> None:
    _say(records, returns={"r": {}})


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
        (_receive_it_at_another_time, "timeline is not that"),
        (_publish_it_at_another_time, "timeline is not that"),
        (_take_one_event_for_two, "tell other events apart"),
        (_receive_the_last_at_another_time, "last_received_at is"),
        (_make_up_a_return, "returns is"),
        (_fail_on_an_event, "dedupe failed on an event"),
        (_quarantine_in_the_name_of_another, "bridge_error_stage"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_finds_each_kind_of_fault(records: Records, fault: Callable[[Records], None], word: str) -> None:
    fault(records)
    assert any(word in problem for problem in problems(records)), problems(records)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (_lose, Lost),
        (_lose_a_delivery, Lost),
        (_do_not_report_the_conflict, Lost),
        (_duplicate, Duplicate),
        (_pass_a_duplicate, Duplicate),
        (_use_an_id_twice, Duplicate),
    ],
)
def test_what_is_lost_or_comes_twice_is_counted_once(
    records: Records, fault: Callable[[Records], None], kind: type[str]
) -> None:
    fault(records)
    assert [type(problem) for problem in problems(records) if type(problem) is not str] == [kind]


def test_each_lost_delivery_of_one_body_counts(records: Records) -> None:
    sent = SENT + Counter({OPENED: 2})
    assert list(map(type, wrong_records(records, sent, MEANINGS, PARTITIONS))) == [Lost, Lost]


def _traced(record: Record, trace: str) -> Record:
    return replace(record, headers={**record.headers, "traceparent": trace.encode()})


def test_a_copy_of_which_nobody_was_told_does_not_stand_in_for_one_that_was_promised(records: Records) -> None:
    records[RAW][0] = _traced(records[RAW][0], "promised")
    records[RAW][2] = _traced(records[RAW][2], "timed-out")
    sent = SENT - Counter([CREATED])
    assert not list(wrong_records(records, sent, MEANINGS, PARTITIONS, {"promised": CREATED}))
    lost = list(wrong_records(records, sent, MEANINGS, PARTITIONS, {"other": CREATED}))
    assert lost == [f"raw: a delivery lost, other of {CREATED!r}"]
    altered = list(wrong_records(records, sent, MEANINGS, PARTITIONS, {"promised": OPENED}))
    assert list(map(type, altered)) == [Lost]


OTHERWISE, NUMBERED = (
    CHANGED.replace(b"order.opened", name) for name in (b"order.created", b"order.serial_numbers_added")
)
NAME_HOME = partition_of(b"name", PARTITIONS)
PUBLISHED_AGAIN = [
    Record(RAW, 2, 5, b"name", OTHERWISE),
    Record(RAW, 2, 6, b"name", OTHERWISE, {"bridge_accept": b"%d:1" % NAME_HOME}),
    Record(RAW, 2, 7, b"name", NUMBERED, {"bridge_replay": b"2:1"}),
]


@pytest.fixture
def published_again(records: Records, monkeypatch: pytest.MonkeyPatch) -> Records:
    """A conflict that was held back and then accepted, and a refused event that was replayed."""
    monkeypatch.setitem(MEANINGS, OTHERWISE, Meaning("created", 1, ORDERS, "order-1", "order-1", key_documented=True))
    monkeypatch.setitem(MEANINGS, NUMBERED, Meaning("numbered", 0, ORDERS, "order-1", "order-1"))
    conflict = out(CONFLICTS, 1, 5, b"name", OTHERWISE, bridge_first_source="2:0")
    records[CONFLICTS].append(replace(conflict, partition=NAME_HOME))
    records[QUARANTINE].append(Record(QUARANTINE, 2, 1, None, NUMBERED, {"bridge_error_stage": b"ingress"}))
    records[RAW] += PUBLISHED_AGAIN
    own_id = {"bridge_conflict": "true", "ce_id": "created~v1:1", "bridge_payload_hash": "v1:1"}
    records[ORDERS] += [out(ORDERS, 3, 6, KEY, OTHERWISE, **own_id), out(ORDERS, 4, 7, KEY, NUMBERED)]
    accepted = {"kind": "conflicting_payloads", "facts": [{"source": "2:0"}, {"source": "2:6"}]}
    timeline = [
        *TIMELINE,
        entry("order.created", "order-1", "2:6"),
        entry("order.serial_numbers_added", "order-1", "2:7"),
    ]
    state = STATE | {"version": 5, "timeline": timeline, "contradictions": [accepted, *STATE["contradictions"]]}
    records[ORDER_STATE].append(Record(ORDER_STATE, HOME, 1, KEY, json.dumps(state).encode()))
    return records


def test_it_finds_nothing_wrong_with_what_an_operator_has_published_again(published_again: Records) -> None:
    assert problems(published_again) == []


def _publish_another_body(records: Records) -> None:
    records[RAW][-1] = replace(records[RAW][-1], value=OPENED)


def _replay_twice(records: Records) -> None:
    records[RAW].append(replace(records[RAW][-1], offset=8))


def _pass_an_accepted_conflict_twice(records: Records) -> None:
    records[RAW].append(replace(records[RAW][6], offset=8))
    records[ORDERS].append(replace(records[ORDERS][3], offset=9, headers={"bridge_source": b"2:8"}))


def _do_not_accept(records: Records) -> None:
    del records[ORDERS][3]


def _accept_without_a_mark(records: Records) -> None:
    records[ORDERS][3] = out(ORDERS, 3, 6, KEY, OTHERWISE)


def _accept_under_the_events_id(records: Records) -> None:
    records[ORDERS][3].headers["ce_id"] = b"created"  # type: ignore[index]  # the fixture's own dict


def _accept_what_was_passed_on(records: Records) -> None:
    place = b"%d:0" % NAME_HOME
    records[RAW].append(Record(RAW, 2, 8, b"name", CHANGED, {"bridge_accept": place}))
    records[ORDERS].append(out(ORDERS, 9, 8, KEY, CHANGED))


def _refuse_an_event(records: Records) -> None:
    del records[RAW][-1]


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (_publish_another_body, "not the bytes of 2:1"),
        (_replay_twice, "a second time"),
        (_pass_an_accepted_conflict_twice, "should not be there"),
        (_do_not_accept, "lost"),
        (_accept_without_a_mark, "bridge_conflict"),
        (_accept_under_the_events_id, "does not end"),
        (_accept_what_was_passed_on, "should not be there"),
        (_refuse_an_event, "refused, but it is an event"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_finds_each_fault_of_what_is_published_again(
    published_again: Records, fault: Callable[[Records], None], word: str
) -> None:
    fault(published_again)
    assert any(word in problem for problem in problems(published_again)), problems(published_again)
