"""The last state of each order against a fold of the events that belong to it that the bridge has no part in."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.programs.checker.expected import Expected
from tests.programs.checker.facts import Fact, in_order
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDERS
from tests.programs.checker.order_fold import state_of
from tests.programs.checker.order_items import ITEM_FIELDS
from tests.programs.checker.record import Record

_Entry = tuple[str, str, str | None, str | None]
"""Of a timeline: event, source, when it was published and when it was received."""


def wrong_order_states(
    expected: Iterable[Expected], states: Sequence[Record], partitions: int, halted: Collection[int] = ()
) -> Iterator[str]:
    """Counter-examples; ``states``: all records of the order-state topic, each partition in its order. Orders of the
    partitions that are ``halted`` are not looked at."""
    facts: dict[str, list[Expected]] = defaultdict(list)
    for output in expected:
        if output.dataset == ORDERS and output.meaning and output.meaning.order:
            facts[output.meaning.order].append(output)
    if halted:
        states = [record for record in states if record.partition not in halted]
        facts = {order: of for order, of in facts.items() if partition_of(order.encode(), partitions) not in halted}
    last = {record.key: record for record in states}
    for key in last.keys() - {order.encode() for order in facts}:
        yield f"{last[key]}: no event of such an order was sent"
    for order, outputs in facts.items():
        record = last.get(order.encode())
        if record is None:
            yield f"{outputs[-1].source}: no state of its order {order}"
        elif record.partition != partition_of(order.encode(), partitions):
            yield f"{record}: misplaced, its key belongs to partition {partition_of(order.encode(), partitions)}"
        else:
            yield from _differences(order, outputs, record)


def _differences(order: str, outputs: Sequence[Expected], record: Record) -> Iterator[str]:
    facts = in_order([_fact(output) for output in outputs])
    document = json.loads(record.value or b"{}")
    state = _said(document)
    for field, value in {"order_id": order, **state_of(facts)}.items():
        if field == "timeline":
            yield from _wrong_timeline(record, state["timeline"], value)
            yield from _wrong_keys(record, document.get("timeline", ()), facts)
        elif state.get(field) != value:
            yield f"{record}: {field} is {state.get(field)!r}, not {value!r}"


def _wrong_timeline(record: Record, found: list[_Entry], wanted: list[_Entry]) -> Iterator[str]:
    if sorted(found) != sorted(wanted):
        yield f"{record}: timeline is not that of its events: {found}, not {wanted}"
    elif [name for name, *_ in found] != [name for name, *_ in wanted]:  # rivals may stand either way
        yield f"{record}: timeline is not in the order of its events: {found}, not {wanted}"


def _wrong_keys(record: Record, entries: Iterable[dict[str, Any]], facts: Sequence[Fact]) -> Iterator[str]:
    """What keys are made of is the bridge's decision; which events they tell apart is not."""
    keys = {entry["source"]: (entry["event"], entry.get("key")) for entry in entries}
    pairs = {(keys.get(fact.source), fact.event) for fact in facts}
    if not len(pairs) == len({key for key, _ in pairs}) == len({event for _, event in pairs}):
        yield f"{record}: the timeline's keys tell other events apart than their sender does: {sorted(keys.items())}"


def _said(state: dict[str, Any]) -> dict[str, Any]:
    """The document, with no more of its parts than the fold here has."""
    entries = state.get("timeline", ())
    found = state.get("contradictions", ())
    items = state.get("items", {})
    return {
        **state,
        "timeline": [
            (entry["event"], entry["source"], entry.get("published_at"), entry.get("received_at")) for entry in entries
        ],
        "contradictions": sorted((each["kind"], sorted(fact["source"] for fact in each["facts"])) for each in found),
        "items": {item: {field: known.get(field) for field in ITEM_FIELDS} for item, known in items.items()},
    }


def _fact(output: Expected) -> Fact:
    assert output.meaning is not None
    raw, event = output.source, output.meaning.event
    # int() reads 4,300 digits at most
    body: dict[str, Any] = json.loads(raw.value or b"", parse_int=str, parse_float=Decimal)
    published_at = str(body.get("published_at", ""))
    return Fact(event, body["name"], published_at, _received_at(raw), str(raw.source), body["payload"])


def _received_at(raw: Record) -> str:
    seconds, milliseconds = divmod(raw.timestamp, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return raw.header("bridge_received_at") or f"{moment.isoformat()}.{milliseconds:03d}Z"
