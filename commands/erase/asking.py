"""Asking a worker to erase orders, one after the other: each is done once it says so."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from bridge.refusals import Refusal
from bridge.settings import Settings

_ANSWER_WITHIN_S: Final = 15.0
_TRIES: Final = 20
_PAUSE_S: Final = 1.0
"""Between two: an owner that is away comes back, or another one has its partitions, within a session."""


class NotErased(Refusal):
    """An order is not known to be erased; those before it are."""


async def erase(settings: Settings, order_ids: Iterable[str]) -> AsyncIterator[str]:
    """Yields the id of each order that is erased by then. NotErased: see there; doing it again is no harm."""
    keys = settings.worker_api_keys
    headers = {"Authorization": f"Bearer {keys[0].get_secret_value()}"} if keys else {}
    async with ClientSession(timeout=ClientTimeout(total=_ANSWER_WITHIN_S), headers=headers) as session:
        for order_id in order_ids:
            await _erase(session, settings.worker_url.rstrip("/"), order_id)
            yield order_id


async def _erase(session: ClientSession, url: str, order_id: str) -> None:
    why = ""
    for _ in range(_TRIES):
        try:
            async with session.post(URL(f"{url}/orders/{quote(order_id, safe='')}/erase", encoded=True)) as answer:
                await answer.read()
        except (ClientError, TimeoutError) as error:
            raise NotErased(
                f"No worker answers at {url} ({str(error) or 'no answer in time'}): start it, or set BRIDGE_WORKER_URL"
            ) from error
        if answer.status == 200:
            return
        if answer.status == 401:
            raise NotErased(f"The worker at {url} does not accept the first of BRIDGE_WORKER_API_KEYS")
        why = f"answered {answer.status}"
        if answer.status != 503:
            break
        await asyncio.sleep(_PAUSE_S)
    raise NotErased(f"Order {order_id} is not erased: the worker at {url} {why}. Run the command again")
