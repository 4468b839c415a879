"""The checker of the exactly-once tests finds every kind of fault: a check that cannot fail proves nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.programs.checker.check import wrong_records
from tests.programs.checker.counter_example import Duplicate, Lost
from tests.programs.checker.names import CONFLICTS, ORDER_STATE, ORDERS, QUARANTINE, RAW
from tests.programs.checker.record import Record
from tests.unit.programs.checker.topics import (
    CHANGED,
    CREATED,
    HOME,
    KEY,
    MEANINGS,
    OPENED,
    PARTITIONS,
    SENT,
    TIMELINE,
    Records,
    out,
    problems,
    say,
)


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


def _have_an_old_state(records: Records) -> None:
    say(records, status="created", version=1, timeline=TIMELINE[:1])


def _have_a_wrong_status(records: Records) -> None:
    say(records, status="created")


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
