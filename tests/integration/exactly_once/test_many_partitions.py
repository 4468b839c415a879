"""One worker with many partitions: 128 lanes, each with a table that is written to."""

from contextlib import closing
from pathlib import Path

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import SMALL, Deployment

_PARTITIONS = 64
_DELIVERIES = 12_000
_FEW_FILES = ("sh", "-c", 'ulimit -Sn 1024; exec "$@"', "sh")
"""A limit of open files as a container runtime sets it for a process that does not ask for more."""


def test_one_worker_with_64_partitions_gets_through(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    """Small events are spread over all partitions. So no table ever has much, and all together have a lot."""
    with closing(
        Deployment(kafka.bootstrap_servers, prefix, tmp_path, settings={**SMALL, "partitions": str(_PARTITIONS)})
    ) as deployment:
        worker = deployment.worker("worker", _FEW_FILES, chunk_records="5000")
        worker.wait_ready()
        deployment.load.send(_DELIVERIES)
        deployment.check()
        assert worker.status("/livez") == 200
