"""What a delivery says about its event, which others take for the truth."""

from datetime import timedelta

import pytest

from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from schemas import headers
from schemas.acceptance import Accepted
from tests.unit.commands.simulate.retailer import START, accepted
from tests.unit.commands.verify.records import TENANT

pytestmark = pytest.mark.thorough  # simulates


def test_deliveries_are_of_one_event_and_correction_just_if_key_and_payload_are_the_same() -> None:
    mix = Mix(60, duplicates=0.25, conflicts=0.05, malformed=0.05, disorder=1, replay=timedelta(hours=1))
    by_number: dict[int, bytes] = {}
    by_correction: dict[tuple[int, int], bytes] = {}
    for delivery in deliveries(1, mix, TENANT, START):
        taken = accepted(delivery.body)
        assert (delivery.number is not None) == isinstance(taken, Accepted)
        if delivery.number is None or not isinstance(taken, Accepted):
            continue
        given = dict(taken.headers)
        place = delivery.number, delivery.correction
        assert by_number.setdefault(delivery.number, given[headers.CE_ID]) == given[headers.CE_ID]
        assert by_correction.setdefault(place, given[headers.PAYLOAD_HASH]) == given[headers.PAYLOAD_HASH]
    assert len(set(by_number.values())) == len(by_number)
    assert len({(by_number[number], payload) for (number, _), payload in by_correction.items()}) == len(by_correction)
