"""What the ingress does before and without Kafka, and how it refuses to start."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from tests.integration.ingress.conftest import Body, Serve
from tests.integration.ingress.service import refusal
from tests.integration.ingress.wire import KEY, Wire


def test_without_kafka_it_is_alive_not_ready_and_answers_500(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    unreachable = {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_ports(1)[0]}"}
    with serve({**deployment, **unreachable}, tmp_path) as ingress:
        assert ingress.status("/livez") == 200
        assert ingress.status("/readyz") == 503
        with Wire(ingress.port) as wire:
            event = body()
            wire.head(KEY, f"Content-Length: {len(event)}")
            wire.send(event)
            status, headers = wire.answer()
        assert (status, headers["content-type"]) == (500, "application/problem+json")
        assert "retry-after" in headers
        ingress.terminate()
        assert ingress.exit_code() == 0


def test_before_the_topics_are_made_it_is_not_ready_and_makes_none(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path
) -> None:
    with serve({**deployment, "BRIDGE_TOPIC_PREFIX": "ingress-never-applied"}, tmp_path) as ingress:
        ingress.wait_for_log("missing topics")
        assert ingress.status("/readyz") == 503


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"BRIDGE_PARTITIONS": "5"}, "BRIDGE_PARTITIONS=4"),  # recorded by `topics apply`
        ({"BRIDGE_INGRESS_API_KEYS": ""}, "BRIDGE_INGRESS_API_KEYS"),
        ({"BRIDGE_INGRESS_HOST": "192.0.2.1"}, "BRIDGE_INGRESS_HOST"),
    ],
)
def test_with_settings_that_cannot_work_it_ends_with_2_and_names_them(
    deployment: Mapping[str, str], tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    assert named in refusal({**deployment, **wrong}, tmp_path)
