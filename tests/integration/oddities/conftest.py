"""One deployment through which all cases go, once."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka.admin import AdminClient

from bridge.topics import specs
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.conftest import pytest_runtest_makereport  # noqa: F401 - logs of a failed test
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.oddities.cases import CASES
from tests.integration.oddities.making import TENANT, body, cleaned, event
from tests.integration.oddities.passage import Passage

ORDINARY = event("", "", "", body("order.created", '{"id":"ordinary"}'), cleaned("ordinary"), {"ordinary": {}})


@pytest.fixture(scope="module")
def deployment(
    kafka: LocalKafka, fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """A deployment on the session's broker. Its topics are large, so they are deleted in the end."""
    directory = tmp_path_factory.mktemp("oddities")
    prefix = f"oddities-{uuid.uuid4().hex[:8]}"
    with closing(Deployment(kafka.bootstrap_servers, prefix, directory, TENANT, start=fork_server.start)) as deployment:
        yield deployment
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    for deleted in admin.delete_topics([spec.name for spec in specs(deployment.settings)]).values():
        deleted.result()


@pytest.fixture(scope="module")
def passage(deployment: Deployment) -> Passage:
    """Every case is delivered. Then a worker, which must read the bodies, finds all of it in raw. Then comes a normal
    event."""
    passage = Passage(deployment)
    passage.wait_ready()
    for case in CASES:
        passage.deliver(case)
    passage.wait_processed()
    for case in CASES:
        passage.write_to_raw(case)
    passage.wait_processed()
    passage.deliver(ORDINARY)
    passage.read()
    return passage
