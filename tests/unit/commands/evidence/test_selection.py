"""Which records a selection takes."""

import pytest

from bridge.kafka.reading import Source
from commands.evidence.reading import Selection
from tests.unit.commands.evidence.records import NOW_MS, PLACE, body, conflict, quarantined

REFUSED = quarantined(body(tenant="other"))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(frozenset([PLACE, Source(0, 1)])),
        Selection(reason="other_tenant", stage="ingress", event="order.created", since_ms=NOW_MS),
    ],
)
def test_a_record_that_meets_every_condition_is_meant(selection: Selection) -> None:
    assert selection.takes(REFUSED)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(frozenset([Source(3, 18)])),
        Selection(reason="invalid_json", event="order.created"),
        Selection(stage="dedupe"),
        Selection(event="order.opened"),
        Selection(since_ms=NOW_MS + 1),
    ],
)
def test_one_condition_that_does_not_hold_is_enough(selection: Selection) -> None:
    assert not selection.takes(REFUSED)


def test_a_body_without_a_name_is_no_event() -> None:
    assert not Selection(event="order.created").takes(quarantined(b"{"))


def test_a_conflicts_event_is_its_key() -> None:
    assert Selection(event="order.opened").takes(conflict(body("order.opened")))
