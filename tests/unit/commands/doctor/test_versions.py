"""Which Kafka a broker is, and whether the bridge can use it."""

from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from bridge.topics.incremental import IncrementalAlterConfigsRequest
from commands.doctor.finding import State
from commands.doctor.versions import ENGINES, kafka_version, kafkas
from processors.engine.overrides.features import FeaturesRequest
from processors.engine.overrides.list_offsets import LATEST, READ_COMMITTED, ListOffsetsRequest
from processors.engine.overrides.metadata import MetadataRequest

SPOKEN = {2: range(9), 3: range(13), 24: range(5), 44: range(2)}
"""Request versions of Kafka 3.6."""


@pytest.mark.parametrize(
    ("level", "state", "said"),
    [
        (14, State.OK, "before 4.0"),
        (24, State.OK, "before 4.0"),
        (28, State.OK, "Kafka 4.2"),  # a build before the release
        (29, State.OK, "Kafka 4.2"),
        (30, State.WARNING, "KAFKA-20734"),
        (33, State.WARNING, "4.4.0"),
        (34, State.OK, "a release after 4.4"),
        (None, State.UNKNOWN, "does not tell"),
    ],
)
def test_kafka_is_known_by_what_it_can_do(level: int | None, state: State, said: str) -> None:
    found = kafka_version("broker 1", {} if level is None else {"metadata.version": level}, SPOKEN)
    assert (found.state, said in found.what) == (state, True)


@pytest.mark.parametrize(
    ("spoken", "state", "said"),
    [
        ({24: range(4)}, State.WARNING, "before 3.6: a produce request that comes late"),
        ({3: range(12)}, State.WRONG, "no Metadata of version 12"),
        ({2: range(5)}, State.WRONG, "no ListOffsets of version 5"),
        ({44: range(0)}, State.WRONG, "no IncrementalAlterConfigs of version 0"),
    ],
)
def test_a_kafka_that_is_too_old_is_known_by_the_requests_that_it_takes(
    spoken: dict[int, range], state: State, said: str
) -> None:
    found = kafka_version("broker 1", {}, SPOKEN | spoken)
    assert (found.state, said in found.what) == (state, True)
    assert ("Kafka 3.1 or newer is needed" in found.remedies) == (state is State.WRONG)


async def test_a_kafka_that_is_too_old_to_be_asked_is_wrong_too() -> None:
    """Kafka before 2.4 has no such question, and was reported as unknown."""

    async def send(request: FeaturesRequest) -> NoReturn:
        request.prepare({FeaturesRequest.API_KEY: (0, 2)})
        pytest.fail("it was asked")

    connection: Any = SimpleNamespace(send=send)
    found = await kafkas("broker 1", connection)
    assert (found.state, found.remedies) == (State.WRONG, ("Kafka 3.1 or newer is needed",))


def test_a_kafka_that_has_dropped_a_version_is_not_called_too_old() -> None:
    found = kafka_version("broker 1", {"metadata.version": 99}, SPOKEN | {3: range(13, 15)})
    assert (found.state, found.remedies) == (State.WRONG, ("it is too new: run an older one",))


def test_doctor_looks_for_the_versions_that_are_sent() -> None:
    sent = (MetadataRequest([]), ListOffsetsRequest({}, LATEST, READ_COMMITTED), IncrementalAlterConfigsRequest([]))
    structs = [each.prepare({each.API_KEY: (0, 99)}) for each in sent]
    assert {(each.API_KEY, each.API_VERSION) for each in structs} == set(ENGINES.values())
