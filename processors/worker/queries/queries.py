"""Questions about orders that any worker answers, whichever worker owns the orders."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from bridge.boottime import boottime
from bridge.kafka.partitioner import partition_for
from processors.orders.beginning import BEGAN
from processors.orders.gone import Gone, gone_key
from processors.orders.older_rows import NewerRowError, load
from processors.orders.order_rules import OrderRules
from processors.orders.reached import read_reached
from processors.orders.row import Row
from processors.orders.table import REACHED_KEY, row_key
from processors.orders.waiting import pending_key, with_waiting
from processors.worker.queries.answer import Answer, Progress, found, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.choosing import BadQuestionError, kind_of
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.gap_page import gap_page, gaps_in
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.owners import AwayError, Owners
from processors.worker.queries.pages import BadCursorError, cursor_of, place_of
from processors.worker.queries.peers import Peers
from processors.worker.queries.questions import BLIND_RETURNS, GAPS, ORDERS, TOTALS, Question
from processors.worker.queries.room import Room
from processors.worker.queries.timeline import TimelineOrder, kind_of_timeline

LIMIT: Final = 50
"""Default entries of a page; a timeline's default is `MOST`."""
MOST: Final = 500
"""Most entries of a page."""
_ROWS_BYTES: Final = 4 << 20
"""Limit for the rows that are being made into answers, together. While other workers are asked for exchanges, an answer
takes memory of up to 17 times its row. The largest order, of 90,000 items, has a row of 6.75 MB."""

Make = Callable[[Row], Awaitable[dict[str, Any] | bytes | Answer]]


class Queries:
    """Every method returns an answer. A failure of the group, a peer or Kafka is no exception, but a 503 that names it.

    `forwarded`: another worker asks, so this worker looks only at its own partitions.
    """

    def __init__(
        self, owners: Owners, peers: Peers, everyone: Everyone, one_order: OneOrder, rules: OrderRules
    ) -> None:
        self._owners, self._peers, self._everyone, self._one_order = owners, peers, everyone, one_order
        self._rules, self._rows = rules, Room(_ROWS_BYTES)

    # -- one order: its partition's owner is asked ----------------------------------------------------------

    async def order(self, order_id: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """The order's state as in `schemas.order_state`. Each return also has `settled_by_exchange`: the orders in
        exchange for it, null where not all partitions could be asked."""

        async def state(row: Row) -> bytes:
            return await self._one_order.state(row, caller)

        return await self._routed(order_id, "", caller, state, forwarded=forwarded)

    async def timeline(
        self,
        order_id: str,
        caller: Caller,
        *,
        order: TimelineOrder = "happened",
        after: str | None = None,
        limit: int = MOST,
        forwarded: bool = False,
    ) -> Answer:
        """A page of the order's facts: `{"order_id", "order", "entries": [timeline entry with "payload_hash",
        "conflict", "repeat_of", "deliveries" and "last_received_at"], "before", "count", "next"}`. `repeat_of` is the
        source of the same payload published before; `before` is the number of facts before the page."""

        async def page(row: Row) -> dict[str, Any] | Answer:
            try:
                behind = place_of(kind_of_timeline(order_id, order), after)
            except BadCursorError as error:
                return problem(400, "Bad Request", str(error))
            made = self._one_order.timeline(row, order, behind, limit)
            return made | {"entries": await self._one_order.deliveries(row.tenant, made["entries"], caller)}

        asked = {"order": order, "limit": str(limit)} | ({"after": after} if after is not None else {})
        rest = f"/timeline?{urlencode(asked)}"
        return await self._routed(order_id, rest, caller, page, forwarded=forwarded)

    async def event(self, order_id: str, source: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """The raw body of one of the order's facts or unprocessed events: `{"order_id", "source", "masked", "body",
        "text"}`. `body` is JSON; `text` is null unless bodies are shown unmasked. Each look is logged."""

        async def body(row: Row) -> dict[str, Any] | Answer:
            return await self._one_order.event(row, source)

        rest = f"/events/{quote(source, safe='')}"
        answer = await self._routed(order_id, rest, caller, body, forwarded=forwarded)
        if answer.status == 200:  # anybody can claim to be a worker
            self._one_order.note_look(order_id, source, caller, masked=answer.body["masked"], forwarded=forwarded)
        return answer

    async def _routed(self, order_id: str, rest: str, caller: Caller, make: Make, *, forwarded: bool) -> Answer:
        """The answer of the order's owner. This worker makes it by `make`; another one is asked at the order's path and
        `rest`."""
        started = boottime()
        try:
            partition = partition_for(order_id.encode(), self._owners.partitions)
            if (place := self._owners.here(partition)) is not None:
                size = len(place.table.get(row_key(order_id.encode())) or b"")  # a request that waits holds no row
                async with self._rows.of(size):
                    answer = await self._here(order_id, partition, make)
            else:
                owner = self._owners.elsewhere(partition, asked_by_one=forwarded)
                answer = await self._peers.ask(owner, f"/orders/{quote(order_id, safe='')}{rest}", caller)
            self._owners.require_fresh(started)
        except AwayError as away:
            return away.answer("The order cannot be looked at now")
        return answer

    async def _here(self, order_id: str, partition: int, make: Make) -> Answer:
        if (place := self._owners.here(partition)) is None:
            raise self._owners.away(partition)  # the partition may have left while the request waited for room
        own = order_id.encode()
        keys = [row_key(own), REACHED_KEY, gone_key(order_id), pending_key(own), BEGAN]
        row, reached, gone, pending, began = place.table.get_many(keys)
        self._rules.recall(began)  # the lane recalls it only with its first tick or record
        progress = Progress(read_reached(reached), {str(place.partition): place.read_to})
        if row is None:
            unknown = problem(404, "Unknown order", None if gone is None else Gone.read(gone).in_words())
            return unknown.told_with(progress)
        try:
            order = load(row)
        except NewerRowError as error:
            raise AwayError(str(error)) from error
        made = await make(order if pending is None else with_waiting(order, place.table))
        if isinstance(made, Answer):
            return made.told_with(progress) if made.status == 404 else made
        return found(made, progress)

    # -- many orders: every partition's owner is asked ------------------------------------------------------

    async def search(
        self, by: str, value: str, caller: Caller, *, after: str | None = None, limit: int = LIMIT
    ) -> Answer:
        """A page of orders: `{"orders": […], "next"}`; `next` is the `after` of the next page, null on the last one.

        `by` and `value` are a parameter of `GET /orders` (`choosing.PARAMETERS`); both empty: all orders. Flags have
        the value `true`. An order is a `schemas.order_answers.ListedOrder`.
        """
        return await self._gathered(ORDERS, by, value, caller, after, limit)

    async def blind_returns(
        self, caller: Caller, *, by: str = "", value: str = "", after: str | None = None, limit: int = LIMIT
    ) -> Answer:
        """A page of returns and refunds that belong to no order: `{"blind_returns": […], "next"}`.

        `by` may be the `return_id` or `external_id` of a return. An entry of the `kind` `return` has `return_id`,
        `external_order_id`, `source` and what its event says; a `refund` has the `order_id` of its state.
        """
        return await self._gathered(BLIND_RETURNS, by, value, caller, after, limit)

    async def gaps(self, caller: Caller, *, only: str = "", after: str | None = None, limit: int = LIMIT) -> Answer:
        """A page of what orders wait for, longest waits first: `{"gaps": [{"order_id", "name", "kind", "since",
        "window": {"from", "to", "guessed"}, "settled_by_exchange"}], "orders": {"incomplete", "stalled"}, "window",
        "next"}`.

        `only` is `incomplete` or `stalled`; `limit` counts orders. `settled_by_exchange` lists the orders in exchange
        for a return that waits for its refund; it is null for other gaps, and where it is not known. The page's
        `window` is that of a replay that would bring all its gaps, null if it has none; `to` is null for the present.
        `orders` counts all orders, not only the page's.
        """

        async def with_totals(page: dict[str, Any]) -> dict[str, Any]:
            told = await self._everyone.tell(Question(TOTALS, self._owners.partitions), caller)
            gaps = gaps_in(page, only)
            unpaid = [return_id for gap in gaps if (return_id := gap.get("return_id"))]
            exchanges = await self._everyone.exchanges(unpaid, caller)
            return gap_page(page, gaps, [totals for _, totals in told.entries], exchanges)

        return await self._gathered(GAPS, only, "true" if only else "", caller, after, limit, with_totals)

    async def _gathered(
        self,
        what: str,
        by: str,
        value: str,
        caller: Caller,
        after: str | None,
        limit: int,
        finished: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]] | None = None,
    ) -> Answer:
        """A page of `what`, which is also its name in the answer; `finished` makes the page into the document."""
        started = boottime()
        try:
            kind = kind_of(what, by, value)
            question = Question(what, limit, place_of(kind, after), by, [value] if by else [])
            told = await self._everyone.tell(question, caller)
            document = {what: [line for _, line in told.entries], "next": cursor_of(kind, told.upto)}
            if finished is not None:
                document = await finished(document)
            self._owners.require_fresh(started)
        except (BadQuestionError, BadCursorError) as error:
            return problem(400, "Bad Request", str(error))
        except AwayError as away:
            return away.answer("Not all orders can be looked through now")
        return found(document, Progress(told.applied, told.read_to))
