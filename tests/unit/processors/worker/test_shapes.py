"""What the worker counts of the records it looks at, and that looking can do no harm."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from bridge import metrics
from processors.worker import shapes
from processors.worker.shapes import FieldLabels, Sample, ShapeCheck
from schemas.event_shape import EventShape, shape_of
from schemas.models.deviations import Deviation, Kind


@dataclass
class Record:
    """A raw record as far as it is looked at."""

    value: bytes | None


def body(name: Any = "refund_request.issued", **payload: Any) -> Record:
    document = {"tenant": "acme", "name": name, "published_at": "2026-01-01T00:00:00Z", "payload": payload}
    return Record(orjson.dumps(document))


def refund(**fields: Any) -> Record:
    """A refund request without deviations, except in these fields."""
    usual = {"id": "1", "order_id": "2", "payment_account_id": "2", "amount": 5.0, "currency": "EUR"}
    return body(**(usual | fields))


@pytest.fixture(autouse=True)
def counts() -> Iterator[None]:
    metrics.shape_deviations_total.clear()
    yield
    metrics.shape_deviations_total.clear()


def counted() -> dict[tuple[str, ...], float]:
    samples = [sample for metric in metrics.shape_deviations_total.collect() for sample in metric.samples]
    return {(found.labels["event"], found.labels["field"], found.labels["kind"]): found.value for found in samples}


def looked_at(*records: Record, labels: FieldLabels | None = None) -> dict[tuple[str, ...], float]:
    async def take() -> None:
        check = ShapeCheck(Sample(1, Random(0)), labels or FieldLabels())
        check.take(records)
        if check._task is not None:
            await check._task

    asyncio.run(take())
    return counted()


def test_each_deviation_is_counted_by_event_field_and_kind() -> None:
    found = looked_at(refund(), refund(amount="much", colour="red"), refund(colour="blue", currency=None), refund())
    assert found == {
        ("refund_request.issued", "payload.amount", "type"): 1,
        ("refund_request.issued", "payload.colour", "unknown_field"): 2,
    }


def test_fields_of_a_payload_that_is_not_public_are_no_deviation() -> None:
    assert looked_at(body("customer.created", id="1", nickname="Jo")) == {}


def test_unknown_events_share_one_label() -> None:
    assert looked_at(body("order.teleported"), body("x" * 150)) == {("other", "name", "new_value"): 2}


def test_what_is_no_envelope_is_counted_too() -> None:
    found = looked_at(Record(b"{"), Record(b""), Record(None), body(5), Record(b'{"payload": NaN}'))
    assert found == {
        ("other", "$", "type"): 1,
        ("other", "name", "type"): 1,
        ("other", "name", "missing"): 1,
        ("other", "tenant", "missing"): 1,
        ("other", "payload", "type"): 1,
    }


def test_senders_cannot_make_any_number_of_series() -> None:
    found = looked_at(*(refund(**{f"field_{number}": 1}) for number in range(5)), labels=FieldLabels(most=3))
    assert found["refund_request.issued", "other", "unknown_field"] == 2
    assert len(found) == 4


@pytest.mark.parametrize("name", ["a b", "", "x" * 65, "line\nbreak", 'quo"te', "é"])
def test_a_name_that_is_odd_or_overlong_gets_no_series(name: str) -> None:
    assert looked_at(refund(**{name: 1})) == {("refund_request.issued", "other", "unknown_field"): 1}


@pytest.mark.parametrize("name", ["4917012345678", "9c265ffa-5149-4ad7-8b7d-d59346586877", "ada-lovelace"])
def test_a_key_that_masked_bodies_hide_gets_no_series(name: str) -> None:
    """It may be data, as an object by customer has it: whoever reads metrics needs no key, and Prometheus keeps it."""
    assert looked_at(refund(**{name: {}})) == {("refund_request.issued", "other", "unknown_field"): 1}


def test_a_field_that_has_a_series_keeps_it_when_no_more_are_given() -> None:
    labels = FieldLabels(most=1)
    first, second = (Deviation(f"payload.{name}", Kind.UNKNOWN_FIELD) for name in "ab")
    given = [labels.label("e", deviation) for deviation in (first, second, first)]
    assert given == ["payload.a", "other", "payload.a"]


def test_a_failure_is_logged_and_the_next_event_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    logged = list[str]()

    def fails_once(_body: bytes) -> EventShape:
        monkeypatch.setattr(shapes, "shape_of", shape_of)
        raise RuntimeError("a bug")

    monkeypatch.setattr(shapes, "shape_of", fails_once)
    monkeypatch.setattr(shapes, "log", SimpleNamespace(exception=logged.append))
    found = looked_at(refund(colour="red"), refund(colour="red"))
    assert found == {("refund_request.issued", "payload.colour", "unknown_field"): 1}
    assert len(logged) == 1


def test_what_would_keep_the_loop_for_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    small = refund(colour="red")
    monkeypatch.setattr(shapes, "_MOST_BODY_BYTES", len(small.value or b""))
    assert looked_at(small, refund(colour="crimson")) == {
        ("refund_request.issued", "payload.colour", "unknown_field"): 1
    }


def test_a_chunk_is_left_out_as_a_whole_while_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving out only its end would make the sample depend on places."""
    monkeypatch.setattr(shapes, "_MOST_WAITING_BYTES", 3 * len(refund(a=1).value or b""))

    async def take() -> None:
        check = ShapeCheck(Sample(1, Random(0)), FieldLabels())
        for name in ("a", "b"):  # two chunks of two records each
            check.take([refund(**{name: 1})] * 2)
        assert check._task is not None
        await check._task
        check.take([refund(c=1)])
        await check._task

    asyncio.run(take())
    assert {field for _, field, _ in counted()} == {"payload.a", "payload.c"}


def test_the_loop_goes_on_between_two_events() -> None:
    async def take() -> int:
        check = ShapeCheck(Sample(1, Random(0)), FieldLabels())
        check.take([refund()] * 10)
        turns = 0
        while check._task is not None and not check._task.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(take()) >= 10
