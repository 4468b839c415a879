"""The small app of these tests; some files define another one."""

from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.engine.echo import Echo


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    return Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")


@pytest.fixture(params=[True, False], ids=["second protocol", "first protocol"])
def either_protocol(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker speaks both protocols for transactions; a cluster whose brokers are older speaks the first one."""

    async def is_not_spoken(*_: Any) -> bool:
        return False

    if not request.param:
        monkeypatch.setattr("processors.engine.overrides.producer.is_spoken", is_not_spoken)
