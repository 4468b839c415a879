"""Conflicts of an order that are held back: the state lacks them, though they may be right."""

from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass

from commands.explain.case import Case
from commands.explain.of_record import place_of, raw_of, text_of
from schemas import headers as header
from schemas.instant import rfc3339_millis
from schemas.routing import aggregate_of


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An event of the order under a key seen with another payload. `conflict`: its position in conflicts."""

    event: str
    raw: str | None
    received_at: str
    conflict: str


async def held_back(case: Case, order_id: str, passed: Collection[str | None], since_ms: int) -> list[HeldBack]:
    """The order's held-back conflicts since that time. `passed`: ids of its cleaned records; a conflict that was passed
    on has the same id in both topics."""
    key, found = order_id.encode(), list[HeldBack]()
    every = range(case.settings.partitions)
    async with aclosing(case.search.scan(case.settings.topics.conflicts, every, since_ms)) as records:
        async for record in records:
            said, event = dict(record.headers), text_of(record.key) or ""
            is_of_order = said.get(header.ENTITY_KEY) == key and aggregate_of(event) == "orders"
            if is_of_order and text_of(said.get(header.CE_ID)) not in passed:
                found.append(HeldBack(event, raw_of(record), rfc3339_millis(record.timestamp), place_of(record)))
    return found
