"""A quarantined record keeps what it takes to replay it and to find its delivery, and is counted."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from processors.dedupe.agent import Processed
from processors.quarantine import put_aside
from schemas import headers as header
from schemas.outcome import Outcome
from tests.unit.processors.dedupe.test_agent import (
    CHANGED,
    TOPICS,
    FakeUnit,
    accepting,
    dedupe,
    headers_of,
    process,
    raw,
)

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_an_acceptance_on_which_the_handler_fails_is_still_one_in_quarantine() -> None:
    """Replayed without its acceptance, the record would be a duplicate of the conflict, and nobody would ever see
    it."""
    unit: Any = FakeUnit([accepting(3, CHANGED)])
    unit.chunk = SimpleNamespace(tp=SimpleNamespace(topic=TOPICS.raw))
    put_aside(unit, unit.records[0], TOPICS, "dedupe", ValueError("a bug"))
    assert headers_of(unit.emitted[0])[header.ACCEPT] == b"5:7"


def test_what_the_handler_fails_on_is_put_aside_with_its_trace_and_counted() -> None:
    unit: Any = FakeUnit([replace(accepting(3, CHANGED), headers=[(header.TRACEPARENT, TRACE)])])
    unit.chunk = SimpleNamespace(tp=SimpleNamespace(topic=TOPICS.raw))
    told: list[Processed] = []
    dedupe(lambda processed, _: told.append(processed)).refuse(unit, ValueError("a bug"))
    assert told == []
    unit.committed()
    assert [processed.counted for processed in told] == [{("", Outcome.QUARANTINED): 1}]
    assert unit.puts == [], "a replay is no duplicate of it"
    assert headers_of(unit.emitted[0])[header.TRACEPARENT] == TRACE


def test_what_is_no_event_is_put_aside_with_its_trace() -> None:
    unit, _ = process(replace(raw(1, b"no json"), headers=[(header.TRACEPARENT, TRACE)]))
    assert headers_of(unit.emitted[0])[header.TRACEPARENT] == TRACE


@pytest.mark.parametrize("source", [None, b"x" * 100_000])
def test_no_header_of_another_writer_keeps_its_record_out_of_quarantine(source: bytes | None) -> None:
    """Kafka's headers may have no value, or one of any size."""
    record = accepting(3, CHANGED)
    others: Any = [(header.TRACEPARENT, None), (header.CE_SOURCE, source), (header.ACCEPT, None)]
    unit: Any = FakeUnit([replace(record, headers=others)])
    unit.chunk = SimpleNamespace(tp=SimpleNamespace(topic=TOPICS.raw))
    put_aside(unit, unit.records[0], TOPICS, "dedupe", ValueError("a bug"))
    headers = headers_of(unit.emitted[0])
    assert headers[header.CE_SOURCE] == b"/newstore/quarantine"
    assert header.TRACEPARENT not in headers
    assert header.ACCEPT not in headers
