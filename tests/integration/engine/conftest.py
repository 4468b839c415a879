"""The small app of these tests; some files define another one."""

from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.engine.echo import Echo


@pytest.fixture
def echo(kafka: LocalKafka, prefix: str, tmp_path: Path) -> Echo:
    return Echo(kafka.bootstrap_servers, prefix, tmp_path / "data")
