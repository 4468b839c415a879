"""Records that Kafka itself has lost: what may then be missing, and what may not."""

from collections import Counter
from dataclasses import replace

from tests.programs.checker.check import wrong_records
from tests.programs.checker.counter_example import Lost
from tests.programs.checker.losses import NOTHING, Loss, Shortfall
from tests.programs.checker.names import CONFLICTS, ORDER_STATE, ORDERS, QUARANTINE, RAW
from tests.programs.checker.record import Record
from tests.unit.programs.checker.topics import (
    CHANGED,
    CREATED,
    HOME,
    MEANINGS,
    OPENED,
    PARTITIONS,
    SENT,
    STRANGE,
    Records,
)

Cut = tuple[list[Record], Record]


def cut(records: Records, end: int, came_instead: bytes = CREATED) -> Cut:
    """Raw loses its records from ``end`` on, and another record takes their place."""
    raw = records[RAW]
    lost, instead = raw[end:], Record(RAW, 2, end, b"name", came_instead)
    records[RAW] = [*raw[:end], instead]
    return lost, instead


def found(records: Records, shortfall: Shortfall, sent: Counter[bytes] = SENT) -> list[str]:
    return list(wrong_records(records, sent, MEANINGS, PARTITIONS, shortfall=shortfall))


def test_a_loss_of_kafka_is_none_of_the_bridge_and_its_outputs_may_be_there(records: Records) -> None:
    lost, _ = cut(records, 3)
    shortfall = Shortfall([Loss(2, 3, lost, processed=5)], {(RAW, 2): 5})
    assert found(records, shortfall, SENT + Counter([CREATED])) == []


def test_without_being_told_of_it_everything_is_wrong(records: Records) -> None:
    cut(records, 3)
    assert any(isinstance(violation, Lost) for violation in found(records, NOTHING))


def test_what_came_in_place_of_processed_records_may_not_be_skipped_by_a_lane_that_goes_on(records: Records) -> None:
    lost, instead = cut(records, 3)
    assert found(records, Shortfall([Loss(2, 3, lost, processed=5)]), SENT + Counter([CREATED])) == [
        f"{instead}: skipped, another record had been processed at its place"
    ]


def test_what_was_lost_unprocessed_has_no_outputs(records: Records) -> None:
    lost, _ = cut(records, 4)
    shortfall = Shortfall([Loss(2, 4, lost, processed=4)])
    assert found(records, shortfall, SENT + Counter([CREATED]))[0].endswith("should not be there (from raw 2:4)")
    records[QUARANTINE] = []
    assert found(records, shortfall, SENT + Counter([CREATED])) == []


def test_behind_a_halt_nothing_is_expected_and_before_it_everything(records: Records) -> None:
    records[QUARANTINE] = []
    assert found(records, Shortfall(halted={(RAW, 2): 4})) == []
    records[CONFLICTS] = []
    assert len(found(records, Shortfall(halted={(RAW, 2): 4}))) == 1


def test_orders_of_a_halted_lane_are_not_looked_at_and_others_are(records: Records) -> None:
    state = records[ORDER_STATE][0]
    records[ORDER_STATE] = [replace(state, value=b"{}")]
    assert found(records, Shortfall(halted={(ORDERS, HOME): 1})) == []
    assert found(records, Shortfall(halted={(ORDERS, (HOME + 1) % PARTITIONS): 1}))


def test_no_acknowledged_delivery_may_be_lost_beside_those_of_kafka(records: Records) -> None:
    lost, _ = cut(records, 4, STRANGE)
    shortfall = Shortfall([Loss(2, 4, lost, processed=4)], {(RAW, 2): 4})
    more = SENT + Counter([OPENED, CHANGED])
    assert sum(isinstance(violation, Lost) for violation in found(records, shortfall, more)) == 2
