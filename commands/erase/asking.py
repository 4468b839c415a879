"""Asks a worker to erase orders one by one. An order is erased once the worker says so."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final

from bridge.refusals import Refusal
from bridge.settings import Settings
from commands.erase.orders import KeptOrder
from commands.terminal.worker import Reply, ask, order_path

_TRIES: Final = 20
_PAUSE_S: Final = 1.0
"""Between two tries: within a session, an absent owner comes back, or another worker gets its partitions."""


class OnlyTheWorkerHasIt(Refusal):
    """The worker has an order of which our topics keep nothing, so it would erase something else than was shown."""


async def erase(settings: Settings, orders: Sequence[KeptOrder], cluster_id: str | None) -> AsyncIterator[str]:
    """Yield the id of each order once it is erased. `cluster_id`: of the Kafka in which the orders were found.

    OnlyTheWorkerHasIt: see there; no order is erased. NoAnswer: an order may or may not be erased; those before it are.
    To erase an order again does no harm.
    """
    for order in orders:
        if not order.is_kept:
            await _require_unknown(settings, order.order_id, cluster_id)
    for order in orders:
        away = f"Order {order.order_id} is not known to be erased"
        await _told(settings, order_path(order.order_id, "/erase"), {}, away=away, cluster_id=cluster_id)
        yield order.order_id


async def _require_unknown(settings: Settings, order_id: str, cluster_id: str | None) -> None:
    path, away = order_path(order_id), f"It is not known whether the worker has order {order_id}"
    reply = await _told(settings, path, None, expected=(200, 404), away=away, cluster_id=cluster_id)
    if reply.status == 200:
        raise OnlyTheWorkerHasIt(
            f"The worker at {settings.worker_url} has order {order_id}, of which {settings.topics.orders_changelog}"
            " keeps nothing: run this again if it has come only now; else set BRIDGE_WORKER_URL, or"
            " BRIDGE_KAFKA_BOOTSTRAP_SERVERS, if one of both is another deployment's. Where that changelog was lost,"
            f" `POST {path}/erase` at the worker erases it"
        )


async def _told(
    settings: Settings,
    path: str,
    body: Mapping[str, Any] | None,
    *,
    expected: Collection[int] = (200,),
    away: str,
    cluster_id: str | None,
) -> Reply:
    """As `ask`, but tries again while the order's owner is away."""
    for _ in range(_TRIES - 1):
        reply = await ask(settings, path, body=body, expected=(*expected, 503), cluster_id=cluster_id)
        if reply.status != 503:
            return reply
        await asyncio.sleep(_PAUSE_S)
    return await ask(settings, path, body=body, expected=expected, away=away, cluster_id=cluster_id)
