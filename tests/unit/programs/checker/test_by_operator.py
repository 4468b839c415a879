"""The checker finds every fault in what an operator publishes again: accepted conflicts and replayed events."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.programs.checker.meaning import Meaning
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import CONFLICTS, ORDER_STATE, ORDERS, QUARANTINE, RAW
from tests.programs.checker.record import Record
from tests.unit.programs.checker.topics import (
    CHANGED,
    HOME,
    KEY,
    MEANINGS,
    OPENED,
    PARTITIONS,
    STATE,
    TIMELINE,
    Records,
    entry,
    out,
    problems,
)

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
    created = [entry("order.created", "order-1", "2:6"), TIMELINE[0]]  # ordered by hash: all else is the same
    rivals = [each | {"payload_hash": f"v1:{place}"} for place, each in enumerate(created)]
    accepted = {"kind": "conflicting_payloads", "subject": None, "facts": rivals}
    state = STATE | {
        "version": 5,
        "timeline": [*created, *TIMELINE[1:], entry("order.serial_numbers_added", "order-1", "2:7")],
        "timeline_count": 5,
        "contradictions": [accepted, *STATE["contradictions"]],
    }
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
