"""Which raw records somebody asks about, whatever others wrote into a topic."""

from typing import Any

import pytest

from bridge.kafka.reading import Record, Source
from commands.explain import finding
from commands.explain.asked import At, EventId, Trace
from commands.explain.finding import origin, raw_records
from schemas import headers as header
from tests.unit.commands.explain.cases import TOPICS, case_of, quarantined, raw

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_a_record_is_found_by_its_trace_behind_one_that_has_no_value_for_it() -> None:
    """Kafka headers may lack a value: the search ended in a traceback."""
    without: Any = [(header.TRACEPARENT, None)]
    wanted = raw(2, headers=[(header.TRACEPARENT, f"00-{TRACE}-b7ad6b7169203331-01".encode())])
    assert await raw_records(case_of(raw(1, headers=without), wanted), Trace(TRACE, TRACE)) == [wanted]


@pytest.mark.parametrize("name", [header.SOURCE, header.ERROR_TOPIC, header.ERROR_PARTITION, header.ERROR_OFFSET])
def test_a_header_without_a_value_names_no_record(name: str) -> None:
    record = quarantined(5, "0:100")
    headers: Any = [*(each for each in record.headers if each[0] != name), (name, None)]
    record.headers = headers
    expected = {header.SOURCE: (TOPICS.raw, Source(0, 100)), header.ERROR_TOPIC: ("", Source(0, 100))}
    assert origin(record, TOPICS.raw) == expected.get(name)


async def test_a_record_that_names_itself_comes_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer into quarantine may say so: the record was looked up for ever."""
    record = quarantined(5, "0:5")
    record.headers = [*record.headers, (header.ERROR_TOPIC, TOPICS.quarantine.encode())]

    async def record_at(*_: Any) -> Record:
        return record

    monkeypatch.setattr(finding, "record_at", record_at)
    assert await raw_records(case_of(), At("quarantine", Source(0, 5), "quarantine:0:5")) == [record]


async def test_with_the_hash_of_a_payload_it_is_the_deliveries_of_that_one() -> None:
    """Deliveries of another payload were among them, if they came after its first."""
    ce_id, name = b"acme/order.created/SO-1", "order.created"
    ours, other, ours_again = (
        raw(offset, headers=[(header.CE_ID, ce_id), (header.PAYLOAD_HASH, payload_hash)])
        for offset, payload_hash in enumerate((b"v1:aa", b"v1:bb", b"v1:aa"))
    )
    case = case_of(ours, other, ours_again)
    assert await raw_records(case, EventId(f"{ce_id.decode()}~v1:aa", name)) == [ours, ours_again]
    assert await raw_records(case, EventId(ce_id.decode(), name)) == [ours, other, ours_again]
