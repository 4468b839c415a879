"""Which quarantined records can be published again, and as what."""

import pytest

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from commands.evidence.kept import State
from commands.evidence.shelves import Quarantine
from schemas import headers as header
from schemas.outcome import Reason
from schemas.oversize import oversize_stub
from tests.unit.commands.evidence.records import NOW_MS, TABLE, TRACEPARENT, accepted, body, kept, quarantined, settings

MISTAKEN = "somebody-else"
SHELF = Quarantine(settings())
DAY_MS = 86_400_000


def test_a_body_that_passes_by_now_becomes_the_raw_record_that_the_ingress_makes() -> None:
    """This happens after a tenant was set wrongly."""
    standing = SHELF.judge(quarantined(body(), MISTAKEN), TABLE, NOW_MS + 5)
    raw = standing.raw
    assert standing.state is State.OPEN
    assert raw is not None
    assert (raw.topic, raw.key, raw.value) == ("newstore.raw.v1", b"order.created", body())
    assert (raw.partition, raw.timestamp_ms) == (partition_for(b"order.created", 4), NOW_MS + 5)
    made = dict(raw.headers)
    assert made.pop(header.REPLAY) == b"3:17"
    assert made.pop(header.RECEIVED_AT) == b"2023-11-14T22:13:20.005Z"
    ingress = dict(accepted(body()).headers)
    del ingress[header.RECEIVED_AT]
    assert made == ingress
    assert made[header.TRACEPARENT] == TRACEPARENT.encode()


@pytest.mark.parametrize(
    ("value", "detail"),
    [(b"{no json", "invalid_json: "), (body(tenant="other"), "other_tenant"), (b"[]", "not_an_object")],
)
def test_what_would_be_quarantined_again_is_refused(value: bytes, detail: str) -> None:
    standing = SHELF.judge(quarantined(value), TABLE, NOW_MS)
    assert (standing.state, standing.raw) == (State.REFUSED, None)
    assert standing.detail.startswith(detail)


def failed_in(stage: str, *, is_stub: bool = False) -> header.Headers:
    return header.quarantine_headers(
        value=body(),
        reason=Reason.HANDLER_FAILED,
        stage=stage,
        received_at_ms=NOW_MS,
        ce_source=header.source_of("acme"),
        is_stub=is_stub,
    )


def test_a_stub_is_no_body() -> None:
    stub = oversize_stub(headers={}, size=9, read=b"", received_at_ms=NOW_MS, traceparent=None, tenant="acme")
    assert SHELF.judge(kept(stub.value, stub.headers), TABLE, NOW_MS).state is State.STUB
    older = [(name, value) for name, value in stub.headers if name != header.CE_DATASCHEMA]
    assert SHELF.judge(kept(stub.value, older), TABLE, NOW_MS).state is State.STUB, "before stubs named their schema"


def test_a_stub_of_what_a_handler_failed_on_is_none_either() -> None:
    """It was said that the stub would be quarantined again, because it names no tenant."""
    stub = b'{"headers":{},"size":2000000,"hash":"","truncated":true}'
    assert SHELF.judge(kept(stub, failed_in("dedupe", is_stub=True)), TABLE, NOW_MS).state is State.STUB
    assert SHELF.judge(kept(stub, failed_in("orders", is_stub=True)), TABLE, NOW_MS).state is State.CLEANED


def test_what_is_over_the_limit_by_now_is_refused() -> None:
    """If published again, the worker would quarantine it: no topic behind raw takes it."""
    small = Quarantine(Settings(tenant="acme", partitions=4, ingress_max_body_bytes=200))
    record = quarantined(body(note="x" * 200), MISTAKEN)
    standing = small.judge(record, TABLE, NOW_MS)
    assert (standing.state, standing.detail) == (State.REFUSED, "too_large")
    assert SHELF.judge(record, TABLE, NOW_MS).state is State.OPEN


def test_what_the_orders_lane_could_not_fold_is_cleaned_already() -> None:
    """The event's replay would be a duplicate. The orders lane tries the event again by itself."""
    assert SHELF.judge(kept(body(), failed_in("orders")), TABLE, NOW_MS).state is State.CLEANED


def test_what_dedupe_could_not_process_is_open() -> None:
    assert SHELF.judge(kept(body(), failed_in("dedupe")), TABLE, NOW_MS).state is State.OPEN


def test_an_acceptance_on_which_a_handler_failed_is_one_again() -> None:
    standing = SHELF.judge(quarantined(body(), MISTAKEN, [(header.ACCEPT, b"1:2")]), TABLE, NOW_MS)
    assert standing.raw is not None
    assert standing.raw.headers[-2:] == [(header.ACCEPT, b"1:2"), (header.REPLAY, b"3:17")]


def test_beyond_the_retention_nobody_knows_whether_it_was_published() -> None:
    record = quarantined(body(), MISTAKEN)
    assert SHELF.judge(record, TABLE, NOW_MS + 400 * DAY_MS).state is State.OPEN
    assert SHELF.judge(record, TABLE, NOW_MS + 400 * DAY_MS + 1).state is State.TOO_OLD


def test_a_copy_is_never_older_than_its_record() -> None:
    """This machine's clock may be behind, and copies are looked for from the record's time on."""
    standing = SHELF.judge(quarantined(body(), MISTAKEN), TABLE, NOW_MS - 5000)
    assert standing.raw is not None
    assert standing.raw.timestamp_ms == NOW_MS
