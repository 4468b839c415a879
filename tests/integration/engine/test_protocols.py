"""Both of Kafka's protocols for transactions, on a broker whose feature is changed under the running app."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka import LocalKafka
from processors.engine.overrides.app import LaneApp
from processors.engine.overrides.transactions_v2 import is_spoken
from tests.integration.engine.echo import Echo

_FEATURE = "transaction.version"


def finalize(kafka: LocalKafka, level: int) -> None:
    """Change the cluster's feature, as an administrator does after an upgrade, or to go back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it reads its definitions by an older function of Python's
        from kafka import KafkaAdminClient
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    try:
        change = "UPGRADE" if level > 1 else "SAFE_DOWNGRADE"
        assert admin.update_features({_FEATURE: (change, level)}) == {_FEATURE: "OK"}
    finally:
        admin.close()


async def one_after_the_other(echo: Echo, app: LaneApp, keys: str) -> None:
    """Each key, the next letter, is a transaction by itself."""
    for key in keys:
        echo.produce(key)
        await echo.caught_up(app, ord(key) - ord("a") + 1)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What each opening found: whether the cluster speaks the second protocol."""
    found = list[bool]()

    async def asked(*given: Any) -> bool:
        found.append(await is_spoken(*given))
        return found[-1]

    monkeypatch.setattr("processors.engine.overrides.producer.is_spoken", asked)
    return found


async def test_each_lane_speaks_what_the_cluster_does_when_it_is_opened(
    mortal_kafka: LocalKafka, prefix: str, tmp_path: Path, spoken: list[bool]
) -> None:
    """A lane that runs while the feature changes goes on, or is opened anew: nothing is lost or passed on twice."""
    echo = Echo(mortal_kafka.bootstrap_servers, prefix, tmp_path / "data")
    async with echo.app() as app:
        await one_after_the_other(echo, app, "a")
        assert spoken == [True]
        finalize(mortal_kafka, 1)
        await one_after_the_other(echo, app, "bc")
    async with echo.app() as app:
        await one_after_the_other(echo, app, "d")
        assert not spoken[-1]
        finalize(mortal_kafka, 2)
        await one_after_the_other(echo, app, "ef")
    async with echo.app() as app:
        await one_after_the_other(echo, app, "g")
        assert spoken[-1]
    assert echo.passed_on() == [*"abcdefg"]
