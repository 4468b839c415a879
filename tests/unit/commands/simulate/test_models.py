"""Simulated events and samples match the models of events."""

from pathlib import Path

import pytest

from schemas.models import EVENT_MODELS, parse
from schemas.models.deviations import Kind, deviations
from tests.unit.commands.simulate.retailer import published
from tests.unit.commands.verify.records import TENANT

pytestmark = pytest.mark.thorough

SAMPLES = sorted((Path(__file__).parents[3] / "data" / "samples").glob("*.json"))


def deviating(body: bytes) -> list[str]:
    """What differs, except undocumented fields: for many events NewStore publishes no fields."""
    return [f"{each.field}: {each.kind}" for each in deviations(body) if each.kind is not Kind.UNDOCUMENTED_FIELD]


def test_every_model_reads_its_simulated_events_without_a_deviation() -> None:
    read = set()
    for event in published():
        body = event.body(TENANT)
        model = type(parse(body))
        assert model is EVENT_MODELS[event.name]
        assert not deviating(body), event
        read.add(model)
    assert read == set(EVENT_MODELS.values())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_model_reads_the_sample_of_its_event(path: Path) -> None:
    assert type(parse(path.read_bytes())) is EVENT_MODELS[path.stem]
    assert not deviating(path.read_bytes())
