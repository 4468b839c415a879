"""Records that somebody else wrote into the topic of orders are put aside, however many, and change nothing."""

from dataclasses import replace

import pytest

from processors.engine.refusals import IN_A_ROW
from schemas import headers as header
from tests.unit.processors.orders.test_unprocessed import CREATED, OPENED, SHIPPED, Table, record
from tests.unit.processors.orders.units import TOPICS, FakeUnit

GIVEN = [header.CE_ID, header.CE_TYPE, header.PAYLOAD_HASH, header.RECEIVED_AT, header.SOURCE]
"""Headers that dedupe gives each record."""


def quarantined(unit: FakeUnit) -> list[bytes | None]:
    return [emitted[3] for emitted in unit.emitted if emitted[0] == TOPICS.quarantine]


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("value", [OPENED.value, b"junk", b"", None])
def test_records_without_a_header_of_dedupe_are_the_datas_fault(name: str, value: bytes | None) -> None:
    """Eleven such records in a row once halted the lane, and no version could process them."""
    table, several = Table(), IN_A_ROW + 1
    foreign = replace(OPENED, value=value, headers=tuple(each for each in OPENED.headers if each[0] != name))
    unit = table.process(CREATED, *[foreign] * several, SHIPPED)
    assert (quarantined(unit), unit.aside) == ([value] * several, several)
    [headers, *_] = [dict(emitted[5]) for emitted in unit.emitted if emitted[0] == TOPICS.quarantine]
    assert headers[header.ERROR_EXCEPTION] == (
        f"ForeignRecordError: it has no {name}: the bridge has not written it".encode()
    )
    [state] = unit.states()
    assert (state["version"], state["unprocessed"], table.kept()) == (2, [], [])


@pytest.mark.parametrize("headers", [(), ((header.CE_TYPE, b"return.processed"),)])
def test_one_that_looks_like_a_return_of_no_order_is_none(headers: tuple[tuple[str, bytes], ...]) -> None:
    returned = replace(record(4, "return.processed", id="R-1"), headers=headers)
    table = Table()
    unit = table.process(returned)
    assert (quarantined(unit), unit.aside, table.rows) == ([returned.value], 1, {})
