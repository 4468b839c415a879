"""The questions that a worker answers about orders, whichever worker has them."""

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
"""Entries of a page, unless somebody says otherwise; of a timeline as many as there may be."""
MOST: Final = 500
"""At most."""
_ROWS_BYTES: Final = 4 << 20
"""Of the orders' rows of which answers are being made: 17 times as much for the largest one, whose 90,000 items are a
row of 6.75 MB, while other workers are asked for exchanges."""

Make = Callable[[Row], Awaitable[dict[str, Any] | bytes | Answer]]


class Queries:
    """Every method answers; none raises for what the group, a peer or Kafka does: that is a 503, which says who.

    `forwarded`: another worker asks, so only what is here is looked at.
    """

    def __init__(
        self, owners: Owners, peers: Peers, everyone: Everyone, one_order: OneOrder, rules: OrderRules
    ) -> None:
        self._owners, self._peers, self._everyone, self._one_order = owners, peers, everyone, one_order
        self._rules, self._rows = rules, Room(_ROWS_BYTES)

    # -- one order: its partition's owner is asked ----------------------------------------------------------

    async def order(self, order_id: str, caller: Caller, *, forwarded: bool = False) -> Answer:
        """The order's state, as `schemas.order_state` has it; of each return, `settled_by_exchange` are the orders in
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
        "conflict", "repeat_of", the source of the same payload published before, "deliveries" and "last_received_at"],
        "before", the number of facts before it, "count", "next"}`."""

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
        "text"}`; `body` is JSON, `text` is null unless nothing is hidden. Each look is logged."""

        async def body(row: Row) -> dict[str, Any] | Answer:
            return await self._one_order.event(row, source)

        rest = f"/events/{quote(source, safe='')}"
        answer = await self._routed(order_id, rest, caller, body, forwarded=forwarded)
        if answer.status == 200:  # anybody can claim to be a worker
            self._one_order.note_look(order_id, source, caller, masked=answer.body["masked"], forwarded=forwarded)
        return answer

    async def _routed(self, order_id: str, rest: str, caller: Caller, make: Make, *, forwarded: bool) -> Answer:
        """What the order's owner answers: this worker by `make`, another one at the order's path and `rest`."""
        started = boottime()
        try:
            partition = partition_for(order_id.encode(), self._owners.partitions)
            if (place := self._owners.here(partition)) is not None:
                size = len(place.table.get(row_key(order_id.encode())) or b"")  # and no row is held by who waits
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
            raise self._owners.away(partition)  # since who asks has waited
        own = order_id.encode()
        keys = [row_key(own), REACHED_KEY, gone_key(order_id), pending_key(own), BEGAN]
        row, reached, gone, pending, began = place.table.get_many(keys)
        self._rules.recall(began)  # the lane does so with its first tick or record, which is later
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

        `by` and `value` are the parameter of `GET /orders`: `q` (any id), `external_id`, `return_id`, `request_id`,
        `refund_request_id`, `transaction_id`, `tracking_code`, `exchange_of`, `status`, or `incomplete`, `stalled`,
        `attention`, `contradictions`, `failed_twice`, `unbalanced`, `refund_outstanding`, `provisional` with the value
        `true`; both empty: all orders.
        An order is as `schemas.order_answers.ListedOrder` has it.
        """
        return await self._gathered(ORDERS, by, value, caller, after, limit)

    async def blind_returns(
        self, caller: Caller, *, by: str = "", value: str = "", after: str | None = None, limit: int = LIMIT
    ) -> Answer:
        """A page of returns that belong to no order, and of refunds of no order: `{"blind_returns": […], "next"}`.

        `by` may be `return_id` or `external_id`, of the returns. A `kind` `return` has `return_id`,
        `external_order_id`, `source` and what its event says; a `refund` has the `order_id` under which its state is.
        """
        return await self._gathered(BLIND_RETURNS, by, value, caller, after, limit)

    async def gaps(self, caller: Caller, *, only: str = "", after: str | None = None, limit: int = LIMIT) -> Answer:
        """A page of what orders wait for, those first that have waited longest: `{"gaps": [{"order_id", "name", "kind",
        "since", "window": {"from", "to", "guessed"}, "settled_by_exchange"}], "orders": {"incomplete", "stalled"},
        "window", "next"}`.

        `only` is `incomplete` or `stalled`; `limit` is of orders. `settled_by_exchange` are the orders in exchange for
        a return that waits for its refund, null for other gaps, and where that is not known. `window` is that of a
        replay that would bring all of the page, null without any; `to` is null for the present. `orders` are numbers
        of all there are.
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
        """A page of `what`, by which name the answer has it; `finished` makes the document of it."""
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
