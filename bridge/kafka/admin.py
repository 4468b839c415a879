"""Admin clients: they ask brokers about topics and groups, and change topics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaTimeoutError

from bridge.kafka.client import client_options
from bridge.settings import Settings

_TIMEOUT_S: Final = 10.0
_PAUSE_S: Final = 0.1


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Yield a started client. KafkaError: no broker answers, or none is listed within `_TIMEOUT_S`."""
    admin = AIOKafkaAdminClient(request_timeout_ms=int(_TIMEOUT_S * 1000), **client_options(settings))
    try:
        await admin.start()
        await wait_until_listed(admin._client)  # noqa: SLF001 - the only one that knows the brokers
        yield admin
    finally:
        await admin.close()


async def wait_until_listed(client: AIOKafkaClient, seconds: float = _TIMEOUT_S) -> None:
    """Wait until the cluster lists a broker: aiokafka would have nobody to ask, and fail at once.

    Brokers that have just started, or were frozen, answer before the controller lists them again.

    KafkaTimeoutError: none is listed within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            while not client.cluster.brokers():
                await asyncio.sleep(_PAUSE_S)
                await client.force_metadata_update()
    except TimeoutError:
        raise KafkaTimeoutError(f"it listed no broker within {seconds:g} s") from None
