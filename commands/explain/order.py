"""An order and its events: asked of a worker, otherwise read from the topics."""

from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import orjson

from bridge.kafka.reading import Record
from commands.explain.case import Case
from commands.explain.held_back import HeldBack, held_back
from commands.explain.of_record import order_of, place_of, raw_of, text_of
from schemas import headers as header
from schemas.instant import epoch_millis, rfc3339_millis
from schemas.text import naming


@dataclass(slots=True)
class Fact:
    """One event of an order. `cleaned`: its position in the orders topic, None: not found; `ce_id`: of this record.
    `in_state`: whether the order's state has it; None: unknown."""

    event: str
    raw: str | None
    received_at: str
    cleaned: str | None = None
    ce_id: str | None = None
    deliveries: int | None = None
    conflict: bool = False
    in_state: bool | None = None


@dataclass(slots=True)
class OrderStory:
    """An order: its state if known, its events in the order of receipt, and its held-back conflicts."""

    order_id: str
    state: Mapping[str, Any] | None = None
    facts: list[Fact] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)


async def order_ids(case: Case, any_id: str) -> list[str]:
    """Orders with this id or external id. A worker also finds other ids in an order, and an order that is gone."""
    if (found := await case.worker.orders(any_id)) is not None:
        return found or await _gone(case, any_id)
    key = any_id.encode()
    orders = case.settings.topics.orders

    def is_of_it(record: Record) -> bool:
        return record.key == key and order_of(record) is not None

    if await case.search.first(orders, case.homes(key), case.since_ms, is_of_it, recent=True) is not None:
        return [any_id]
    named = naming(any_id)
    found_ids: dict[str, None] = {}
    every = range(case.settings.partitions)
    async with aclosing(case.search.scan(orders, every, case.since_ms, recent=True)) as records:
        async for record in records:
            is_named = named.search(record.value or b"") and _is_external(record.value, any_id)
            if is_named and (order_id := order_of(record)) is not None:
                found_ids[order_id] = None
    return [*found_ids]


async def _gone(case: Case, order_id: str) -> list[str]:
    """The order if it is gone: a worker's search lists only orders that have a state."""
    state = await case.worker.order(order_id)
    return [order_id] if state is not None and state.get("detail") else []


async def story_of(case: Case, order_id: str) -> OrderStory:
    """What is known of an order."""
    state, entries = await case.worker.order(order_id), await case.worker.timeline(order_id)
    if state is not None and entries is not None:
        story = OrderStory(order_id, state, [_fact(entry) for entry in entries])
        await _with_positions(case, story)
    else:
        story = await _from_topics(case, order_id)
    story.facts.sort(key=lambda fact: (fact.received_at, fact.raw or ""))
    # If a conflict's cleaned record was not found, its id is unknown, and the conflict would look held back.
    if story.facts and all(fact.cleaned for fact in story.facts if fact.conflict):
        since_ms = epoch_millis(story.facts[0].received_at)
        story.held_back = await held_back(case, order_id, {fact.ce_id for fact in story.facts}, since_ms)
    return story


async def part_in_order(case: Case, order_id: str, raws: Collection[str], since_ms: int) -> dict[str, Any]:
    """What the state of an order says of the event that came as one of these raw records."""
    state = await case.worker.order(order_id) or await _last_state(case, order_id, since_ms) or {}
    entries = await case.worker.timeline(order_id)
    listed = state.get("timeline", []) if entries is None else entries
    places = [number for number, entry in enumerate(listed, 1) if entry["source"] in raws]
    failed = [entry["reason"] for entry in state.get("unprocessed", ()) if entry["source"] in raws]
    return {
        "order_id": order_id,
        "state": state.get("status"),
        "why": state.get("detail"),
        "fact": places[0] if places and entries is not None else None,
        "listed": bool(places),
        "of": state.get("timeline_count", state.get("version")),
        "unprocessed": failed[0] if failed else None,
    }


def _fact(entry: Mapping[str, Any]) -> Fact:
    return Fact(
        entry["event"],
        entry["source"],
        entry["received_at"],
        deliveries=entry.get("deliveries"),
        conflict=bool(entry.get("conflict")),
        in_state=True,
    )


async def _with_positions(case: Case, story: OrderStory) -> None:
    """Look for the facts' records in the order's partitions until all are found."""
    left = {fact.raw: fact for fact in story.facts}
    if not left:
        return
    key, since_ms = story.order_id.encode(), epoch_millis(min(fact.received_at for fact in story.facts))
    async with aclosing(case.search.scan(case.settings.topics.orders, case.homes(key), since_ms)) as records:
        async for record in records:
            if record.key == key and (fact := left.pop(raw_of(record), None)) is not None:
                fact.cleaned = place_of(record)
                fact.ce_id = text_of(dict(record.headers).get(header.CE_ID))
                if not left:
                    return


async def _from_topics(case: Case, order_id: str) -> OrderStory:
    story, key, orders = OrderStory(order_id), order_id.encode(), case.settings.topics.orders
    # The latest ones, in the range in which the order was found.
    async with aclosing(case.search.scan(orders, case.homes(key), case.since_ms, recent=True)) as records:
        async for record in records:
            if record.key == key:
                story.facts.append(_from_record(record))
    since_ms = min([epoch_millis(fact.received_at) for fact in story.facts], default=case.since_ms)
    story.state = await _last_state(case, order_id, since_ms)
    listed = {entry["source"] for entry in (story.state or {}).get("timeline", ())}
    for fact in story.facts:
        fact.in_state = True if fact.raw in listed else None  # the document lists only the last ones
    return story


def _from_record(record: Record) -> Fact:
    said = dict(record.headers)
    event, ce_id = text_of(said.get(header.CE_TYPE)) or "", text_of(said.get(header.CE_ID))
    received = rfc3339_millis(record.timestamp)
    return Fact(event, raw_of(record), received, place_of(record), ce_id, conflict=header.CONFLICT in said)


async def _last_state(case: Case, order_id: str, since_ms: int) -> Mapping[str, Any] | None:
    """The last state. If partitions were added, the old partition has a tombstone, which may be read last."""
    key, last = order_id.encode(), dict[int, bytes | None]()
    topic = case.settings.topics.order_state
    async with aclosing(case.search.scan(topic, case.homes(key), since_ms, recent=True)) as records:
        async for record in records:
            if record.key == key:
                last[record.partition] = record.value
    states = [orjson.loads(value) for value in last.values() if value is not None]
    return next((state for state in states if isinstance(state, dict)), None)


def _is_external(body: bytes | None, any_id: str) -> bool:
    try:
        payload = orjson.loads(body or b"").get("payload")
    except (orjson.JSONDecodeError, AttributeError):
        return False
    return isinstance(payload, dict) and str(payload.get("external_id", "")).lower() == any_id.lower()
