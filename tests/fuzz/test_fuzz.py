"""The short form of `make fuzz`: all that was kept, and some seconds of made-up calls, always the same."""

from collections.abc import Iterator, Mapping

import pytest

from deploy.local.kafka import LocalKafka
from tests.fuzz.calls import CORPUS, LIMIT
from tests.fuzz.run import fuzz, replay
from tests.fuzz.target import Target, target
from tests.integration.ingress.conftest import deployed
from tests.integration.ingress.service import Ingress

BODIES = 1000
SEED = 1


@pytest.fixture(scope="module")
def deployment(kafka: LocalKafka) -> Iterator[Mapping[str, str]]:
    """An ingress's environment, with topics."""
    with deployed(kafka.bootstrap_servers, LIMIT) as environment:
        yield environment


@pytest.fixture
def found(deployment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A ready ingress. In the end its topics hold only what was seen."""
    with Ingress(deployment, tmp_path_factory.mktemp("fuzz")) as ingress:
        ingress.wait_until_ready()
        with target(ingress.port, deployment) as found:
            yield found


def test_what_was_kept(found: Target) -> None:
    replay(found, CORPUS)
    assert found.answers.keys() == {200}


def test_what_is_made_up(found: Target) -> None:
    fuzz(found, BODIES, SEED)
    assert found.answers.keys() == {200, 400, 401}
