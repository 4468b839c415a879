"""What tests with real processes share: a broker that may be killed, and the alarms' pages."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.answers import wait_until_it_answers
from deploy.local.kafka import LocalKafka
from tests.integration.alarms import Alarms

_ANSWERS_S = 10.0
"""Seconds. A running broker answers within them, on a busy machine too, where a file's services live through its tests.
A broker that does not answer is started again, whatever the test before did to it."""


@pytest.fixture
def alarms(subtests: pytest.Subtests, tmp_path: Path) -> Alarms:
    """Judges the alerts that the services of a test raise."""
    return Alarms(subtests, tmp_path)


@pytest.fixture(scope="module")
def second_kafka() -> Iterator[LocalKafka]:
    """A broker to kill, for all tests of a file. It starts again sooner than a new one starts. A broker that nobody
    uses takes a sixtieth of a core for as long as it is there."""
    with LocalKafka(own=True) as broker:
        yield broker
        _kill(broker)  # a frozen one would not stop in order


@pytest.fixture
def mortal_kafka(second_kafka: LocalKafka) -> LocalKafka:
    """A broker that the test may kill, freeze or damage the disk of."""
    if not wait_until_it_answers(second_kafka.bootstrap_servers, _ANSWERS_S):
        _kill(second_kafka)
        second_kafka.start()
    return second_kafka


def _kill(broker: LocalKafka) -> None:
    with contextlib.suppress(ProcessLookupError):  # a test has killed it
        broker.kill()
