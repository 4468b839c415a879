"""The questions that a worker answers about orders, whichever worker has them."""

from collections.abc import Awaitable, Callable
from typing import Final, Literal
from urllib.parse import quote

from bridge.kafka.partitioner import partition_for
from processors.orders.older_rows import load
from processors.orders.render.document import document
from processors.orders.summary import FoldRules
from processors.orders.table import row_key
from processors.worker.queries.answer import Answer, Progress, found, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError, Here, Owners
from processors.worker.queries.peers import Peers

LIMIT: Final = 50
"""Entries of a page, unless somebody says otherwise."""
MOST: Final = 500
"""At most."""

TimelineOrder = Literal["happened", "arrived"]


class Queries:
    """Every method answers; none raises for what the group, a peer or Kafka does: that is a 503.

    `forwarded`: another worker asks, so only what is here is looked at.
    """

    def __init__(self, owners: Owners, peers: Peers, rules: FoldRules) -> None:
        self._owners, self._peers, self._rules = owners, peers, rules

    # -- one order: its partition's owner is asked ----------------------------------------------------------

    async def order(self, order_id: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """The order's state, as `schemas.order_state` has it."""

        async def here(place: Here) -> Answer:
            row = place.table.get(row_key(order_id.encode()))
            if row is None:
                return problem(404, "Unknown order")
            return found(document(load(row), self._rules), Progress({}, {str(place.partition): place.read_to}))

        return await self._routed(order_id, "", caller, here, forwarded=forwarded)

    async def timeline(
        self,
        order_id: str,
        caller: Caller,
        *,
        order: TimelineOrder = "happened",
        after: str | None = None,
        limit: int = LIMIT,
        forwarded: bool = False,
    ) -> Answer:
        """A page of the order's facts: `{"order_id", "order", "entries": [timeline entry with "payload_hash",
        "conflict" and "repeat_of", the source of the same payload published before], "count", "next"}`."""
        raise NotImplementedError

    async def event(self, order_id: str, source: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """The raw body of one of the order's facts or unprocessed events, masked:
        `{"order_id", "source", "event", "masked": bool, "body": JSON or null, "text": str or null}`."""
        raise NotImplementedError

    # -- many orders: every partition's owner is asked ------------------------------------------------------

    async def search(
        self, by: str, value: str, caller: Caller, *, after: str | None = None, limit: int = LIMIT
    ) -> Answer:
        """A page of orders: `{"orders": […], "next"}`; `next` is the `after` of the next page, null on the last one.

        `by` and `value` are the parameter of `GET /orders`: `q` (any id), `external_id`, `return_id`, `request_id`,
        `refund_request_id`, `transaction_id`, `tracking_code`, `exchange_of`, `status`, or `incomplete`, `stalled`,
        `attention`, `contradictions` with the value `true`.
        An order has `order_id, since, status, fulfillment_status, payment_status, return_status, provisional,
        incomplete, stalled, attention, external_id, placed_at, currency, grand_total, first_received_at,
        last_received_at`; `since` is null unless the list is one by age.
        """
        raise NotImplementedError

    async def blind_returns(self, caller: Caller, *, after: str | None = None, limit: int = LIMIT) -> Answer:
        """A page of returns that belong to no order, and of refunds of no order: `{"blind_returns": […], "next"}`."""
        raise NotImplementedError

    # -- where it is answered -------------------------------------------------------------------------------

    async def _routed(
        self,
        order_id: str,
        rest: str,
        caller: Caller,
        here: Callable[[Here], Awaitable[Answer]],
        *,
        forwarded: bool,
    ) -> Answer:
        """What the order's owner answers: this worker by `here`, another one at the order's path and `rest`."""
        try:
            partition = partition_for(order_id.encode(), self._owners.partitions)
            if (place := self._owners.here(partition)) is not None:
                return await here(place)
            owner = self._owners.elsewhere(partition, asked_by_one=forwarded)
            return await self._peers.ask(owner, f"/orders/{quote(order_id, safe='')}{rest}", caller)
        except AwayError as away:
            return problem(503, "The order cannot be looked at now", str(away))
