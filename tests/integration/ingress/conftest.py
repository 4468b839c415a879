"""A deployment for these tests, and one ingress for those that do it no harm."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from confluent_kafka.admin import AdminClient

from bridge import topics
from bridge.settings import Settings
from deploy.local.kafka import LocalKafka
from tests.deployment import set_up
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.ingress.service import Ingress

WEBHOOK = "/webhooks/newstore"
KEY = {"Authorization": "Bearer right"}
LIMIT = 64 * 1024

Body = Callable[..., bytes]
Serve = Callable[[Mapping[str, str], Path], Ingress]


@contextmanager
def deployed(bootstrap_servers: str, limit: int = LIMIT) -> Iterator[dict[str, str]]:
    """Topics under a prefix of their own, deleted in the end; gives the environment of an ingress for them."""
    settings = Settings(
        tenant="acme",
        kafka_bootstrap_servers=bootstrap_servers,
        topic_prefix=f"ingress-{uuid.uuid4().hex[:8]}",
        partitions=4,
        ingress_max_body_bytes=limit,
    )
    asyncio.run(set_up(settings))
    yield {
        "BRIDGE_TENANT": settings.tenant,
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "BRIDGE_TOPIC_PREFIX": settings.topic_prefix,
        "BRIDGE_PARTITIONS": str(settings.partitions),
        "BRIDGE_INGRESS_MAX_BODY_BYTES": str(limit),
        "BRIDGE_INGRESS_API_KEYS": "old,right",
        "BRIDGE_INGRESS_ACK_TIMEOUT": "60s",  # a busy machine's Kafka may be silent for as long as the default
    }
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    for deleted in admin.delete_topics([spec.name for spec in topics.specs(settings)]).values():
        deleted.result()


@pytest.fixture(scope="session")
def deployment(kafka: LocalKafka) -> Iterator[Mapping[str, str]]:
    """Topics on the session's broker, as an ingress's environment."""
    with deployed(kafka.bootstrap_servers) as environment:
        yield environment


@pytest.fixture(scope="session")
def serve(fork_server: ForkServer) -> Serve:
    """`with serve(environment, directory) as ingress:` starts one by fork, and returns once it listens."""
    return partial(Ingress, start=fork_server.start)


@pytest.fixture(scope="session")
def shared(serve: Serve, deployment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingress]:
    """A ready ingress. Shared: never to be ended, overloaded or cut off."""
    with serve(deployment, tmp_path_factory.mktemp("shared")) as ingress:
        ingress.wait_until_ready()
        yield ingress


@pytest.fixture
async def client(shared: Ingress) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client of the shared ingress with the right key."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shared.port}", headers=KEY) as session:
        yield session


@pytest.fixture
def body() -> Body:
    """Makes webhook bodies unlike any others of the session, laid out as no serialiser would."""
    unique = uuid.uuid4().hex
    counter = itertools.count()

    def make(name: str = "order.created", tenant: str = "acme", published_at: str = "2024-01-01T00:00:00Z") -> bytes:
        event = f'{{ "tenant": "{tenant}","name":"{name}","published_at":"{published_at}",'
        return f'{event}\n"payload":{{"id":"{unique}-{next(counter)}"}} }}'.encode()

    return make
