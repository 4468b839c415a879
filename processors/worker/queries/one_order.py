"""Answers about one order, made by the worker that has it."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, Final

from msgspec.structs import asdict, replace

from bridge.kafka.reading import Source
from bridge.log import audit
from processors.orders.deadlines import deadlines, needing
from processors.orders.gaps import followed, published_within
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import as_json, document
from processors.orders.row import Row
from processors.orders.standing import ON_HOLD
from processors.orders.unprocessed import SOURCE
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.deliveries import Deliveries, id_of, told
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.holds import on_hold_since
from processors.worker.queries.owners import AwayError
from processors.worker.queries.pages import cursor_of
from processors.worker.queries.raw_record import RawRecords
from processors.worker.queries.shown import window_line
from processors.worker.queries.timeline import TimelineOrder, kind_of_timeline, lines, places
from schemas.instant import rfc3339_millis
from schemas.masks import masked
from schemas.routing import order_id_in

_OTHERS_WITHIN_S: Final = 1.0
"""For other workers: what is known of the order itself must not wait for them."""


class OneOrder:
    """`unmasked`: bodies are shown as they are."""

    def __init__(
        self, everyone: Everyone, deliveries: Deliveries, raw: RawRecords, rules: OrderRules, *, unmasked: bool
    ) -> None:
        self._everyone, self._deliveries, self._raw, self._rules = everyone, deliveries, raw, rules
        self._unmasked = unmasked

    async def state(self, row: Row, caller: Caller) -> bytes:
        """The order's document, with the orders in exchange for its returns (`settled_by_exchange`), since when items
        are on hold (`held_since`), and until when missing events may come (`awaited`)."""
        state = document(row, self._rules)
        on_hold = [item_id for item_id, item in state.items.items() if item.status == ON_HOLD]
        held = {
            item_id: {**asdict(state.items[item_id]), "held_since": since}
            for item_id, since in on_hold_since(row, on_hold).items()
        }
        settled = await self._settled(list(state.returns), caller) if state.returns else {}
        returns = {
            return_id: {**asdict(state.returns[return_id]), "settled_by_exchange": orders}
            for return_id, orders in settled.items()
        }
        whole = replace(state, items={**state.items, **held}, returns=returns)
        return as_json({**asdict(whole), "awaited": awaited(row, state.missing, self._rules)})

    async def _settled(self, return_ids: Sequence[str], caller: Caller) -> dict[str, list[str] | None]:
        """By return, the orders in exchange for it; None where that is not known."""
        known = dict[str, list[str]]()
        with suppress(AwayError, TimeoutError):
            async with asyncio.timeout(_OTHERS_WITHIN_S):
                known = await self._everyone.exchanges(return_ids, caller)
        return {return_id: known.get(return_id) for return_id in return_ids}

    @staticmethod
    def timeline(row: Row, order: TimelineOrder, after: bytes, limit: int) -> dict[str, Any]:
        """A page of the order's facts behind the place `after`."""
        left = [each for each in places(row.facts, order) if each[0] > after]
        page = left[:limit]
        return {
            "order_id": row.order_id,
            "order": order,
            "entries": lines(page, row.facts),
            "before": len(row.facts) - len(left),
            "count": len(row.facts),
            "next": cursor_of(kind_of_timeline(row.order_id, order), page[-1][0]) if len(left) > limit else None,
        }

    async def deliveries(self, tenant: str, entries: Sequence[dict[str, Any]], caller: Caller) -> list[dict[str, Any]]:
        """Entries of a timeline, with how often each event came; nulls where that is not known."""
        ids = [id_of(tenant, each["event"], each["key"], each["payload_hash"]) for each in entries]
        try:
            async with asyncio.timeout(_OTHERS_WITHIN_S):
                known = await self._deliveries.known(ids, caller)
        except TimeoutError:
            known = {}
        return [{**each, **told(known.get(event_id))} for event_id, each in zip(ids, entries, strict=True)]

    async def event(self, row: Row, source: str) -> dict[str, Any] | Answer:
        """The body of a raw record of the order; 404: it is not the order's, or raw no longer has it. AwayError: Kafka
        does not give it."""
        known = {fact.source for fact in row.facts} | {entry[SOURCE] for entry in row.unprocessed}
        if source not in known:
            return problem(404, "Unknown event", "the order has none from this raw record")
        body = await self._raw.body(Source.parse(source.encode()))
        # After raw was created anew, another order's record may lie there.
        if body is None or order_id_in(body) != row.order_id:
            return problem(404, "Unknown event", "raw does not have it any more")
        return {
            "order_id": row.order_id,
            "source": source,
            "masked": not self._unmasked,
            "body": masked(body, everything=self._unmasked),
            "text": body.decode(errors="backslashreplace") if self._unmasked else None,
        }

    @staticmethod
    def note_look(order_id: str, source: str, caller: Caller, *, masked: bool, forwarded: bool) -> None:
        """Log who has looked at which body; `forwarded`: another worker passed the request on, and logs it, too."""
        said = {"order_id": order_id, "source": source, "masked": masked, "forwarded": forwarded}
        audit.info("a raw event was looked at", by=caller.name, **said)


def awaited(row: Row, missing: Collection[str], rules: OrderRules) -> dict[str, dict[str, Any]]:
    """Return what answers say of each missing event that some fact needs (`order_answers.Awaited`)."""
    return {name: _awaited(row, name, due) for name, due in deadlines(row, missing, rules.late_after_ms).items()}


def _awaited(row: Row, name: str, due_ms: int) -> dict[str, Any]:
    from_ms, to_ms, guessed = published_within(row, name)
    before = followed(row, name)
    return {
        "due": rfc3339_millis(due_ms),
        "needed_by": min(needing(row, name), key=attrgetter("place")).source,
        "follows": None if before is None else before.source,
        "window": window_line(from_ms, to_ms, guessed=guessed),
    }
