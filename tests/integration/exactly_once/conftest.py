"""Deployments for this folder's tests. When a test fails, its report shows the ends of the services' logs."""

import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.forking import ForkServer


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """A deployment on the session's broker."""
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path, start=fork_server.start)) as deployment:
        yield deployment


@pytest.fixture
def mortal_deployment(mortal_kafka: LocalKafka, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """A deployment on the broker that may be killed."""
    prefix = f"t-{uuid.uuid4().hex[:8]}"
    with closing(Deployment(mortal_kafka.bootstrap_servers, prefix, tmp_path, start=fork_server.start)) as deployment:
        yield deployment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the tails of the services' logs to the report of a failure."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for deployment in item.funcargs.values():
            if isinstance(deployment, Deployment):
                report.sections += [(f"end of {name}", text) for name, text in deployment.logs().items()]
    return report
