"""Dedupe works through a chunk a few records at a time, and computes nothing that the ingress has computed."""

from dataclasses import replace
from typing import Any

import pytest

from processors.dedupe.agent import _STEP
from schemas import headers as header
from tests.unit.processors.dedupe.test_agent import TOPICS, FakeUnit, body, dedupe, process, raw


@pytest.mark.parametrize(("to_be_parsed", "steps"), [(False, 4 + 4), (True, 4 * _STEP + 4)])
def test_other_lanes_have_their_turn_after_a_few_records_and_after_each_that_is_parsed(
    to_be_parsed: bool, steps: int
) -> None:
    """Otherwise a long chunk would delay what this worker must tell Kafka in time."""
    records = [raw(offset, body("order.opened", id=str(offset))) for offset in range(4 * _STEP)]
    unit: Any = FakeUnit([replace(record, headers=()) if to_be_parsed else record for record in records])
    assert sum(1 for _ in dedupe(lambda *_: None).steps(unit)) == steps
    assert len(unit.emitted) == len(records)


def test_a_body_whose_headers_are_by_the_rules_in_force_is_not_parsed() -> None:
    """Parsing is most of an event's cost, and this body cannot be parsed."""
    unit, _ = process(replace(raw(1, body("order.opened", id="o-1")), value=b"no json"))
    assert [(topic, key, value) for topic, _, key, value, *_ in unit.emitted] == [(TOPICS.orders, b"o-1", b"no json")]
    assert header.CE_SUBJECT in dict(unit.emitted[0][5])
