"""Compares the last state of each order with the checker's own fold of its events."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.programs.checker.differences import differences
from tests.programs.checker.expected import Expected
from tests.programs.checker.facts import Fact, in_order
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDERS
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_fold import state_of
from tests.programs.checker.order_unheard import as_awaited, as_heard
from tests.programs.checker.order_waiting import next_events
from tests.programs.checker.record import Record
from tests.programs.checker.values import Number

_OF_CLOCKS_AND_ARRIVALS = {
    "revision",
    "incomplete",
    "stalled",
    "acknowledged",
    "partial_history",
    "truncated",
    "withheld",
}
"""Fields of the document that do not follow from the facts alone."""

_OF_WHAT_WOULD_COME = ("provisional", "missing", "suspected", "attention")
"""Fields that also say which other events there should be."""

_Entry = tuple[str, str, str | None, str | None]
"""Of an entry of the timeline: event, source, when it was published, when it was received."""


def wrong_order_states(
    expected: Iterable[Expected],
    states: Sequence[Record],
    partitions: int,
    halted: Collection[int] = (),
    *,
    overdue: bool = False,
    unheard: Collection[str] = (),
) -> Iterator[str]:
    """Counter-examples. `states`: all records of the order-state topic, each partition in its order. Orders in `halted`
    partitions are not checked. `overdue`: every order has waited too long for what it waits for. `unheard`: events to
    which the bridge is not subscribed, so that it never misses them."""
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
            found = _differences(order, outputs, record, overdue=overdue, unheard=unheard)
            yield from (f"{record}: {difference}" for difference in found)


def _differences(
    order: str, outputs: Sequence[Expected], record: Record, *, overdue: bool, unheard: Collection[str]
) -> Iterator[str]:
    document: dict[str, Any] = json.loads(record.value or b"{}", parse_int=Decimal, parse_float=Decimal)
    shown = _shown(document)
    called = {fact["source"]: fact for fact in shown}
    bodies = [_body(output) for output in outputs]
    facts = in_order([_fact(output, body, called) for output, body in zip(outputs, bodies, strict=True)])
    evidence, in_part = Evidence(facts), document.get("partial_history") is True
    wanted = {"order_id": order, "tenant": bodies[0].get("tenant"), **state_of(evidence, in_part=in_part)}
    found = {field: value for field, value in _said(document).items() if field not in _OF_CLOCKS_AND_ARRIVALS}
    upcoming = as_awaited(next_events(evidence, wanted), unheard)
    yield from _wrong_marks(document, wanted, upcoming, overdue=overdue)
    wanted = as_heard(wanted, unheard, evidence)
    yield from _wrong_timeline(found.pop("timeline", []), wanted.pop("timeline"))
    yield from _wrong_keys(shown, facts)
    for field in _OF_WHAT_WOULD_COME if unheard else ():
        del found[field], wanted[field]
    yield from differences(found, wanted, "")


def _wrong_marks(
    document: dict[str, Any], wanted: dict[str, Any], upcoming: Collection[str], *, overdue: bool
) -> Iterator[str]:
    """Time decides which orders are marked, but not for what."""
    stalled, history = document.get("stalled", []), document.get("partial_history")
    aside = {each["name"] for each in document.get("acknowledged", ())}
    if odd := {*stalled, *aside} - {*upcoming, *(wanted["missing"] if aside else ())}:
        yield f"stalled, or set aside, for what does not come next: {sorted(odd)}"
    if document.get("incomplete") and not set(wanted["missing"]) - aside:
        yield "incomplete without anything that is missing"
    if history and (stalled or document.get("incomplete")):
        yield "stalled or incomplete, though part of its history may never have been sent"
    if overdue and not history and (late := set(upcoming) - {*stalled, *aside}):
        yield f"not stalled for {sorted(late)}"


def _wrong_timeline(found: list[_Entry], wanted: list[_Entry]) -> Iterator[str]:
    if sorted(found, key=str) != sorted(wanted, key=str):
        yield f"timeline is not that of its events: {found}, not {wanted}"
    elif found != wanted:
        yield f"timeline is not in the order of its events: {found}, not {wanted}"


def _wrong_keys(shown: Sequence[dict[str, Any]], facts: Sequence[Fact]) -> Iterator[str]:
    """The bridge decides what keys are made of, but not which events they tell apart."""
    events = {fact.source: fact.event for fact in facts}
    keys = {(events[each["source"]], each["event"], each.get("key")) for each in shown if each["source"] in events}
    if not len(keys) == len({(name, key) for _, name, key in keys}) == len({event for event, *_ in keys}):
        yield f"the timeline's keys tell other events apart than their sender does: {sorted(keys, key=str)}"


def _shown(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts that the document shows. Contradicting facts are also in its timeline, there without hashes."""
    contradictions = document.get("contradictions", ())
    return [*document.get("timeline", ()), *(fact for each in contradictions for fact in each["facts"])]


def _said(state: dict[str, Any]) -> dict[str, Any]:
    """The document, its facts with no more than this fold has."""
    contradictions = [
        (each["kind"], each.get("subject"), sorted(fact["source"] for fact in each["facts"]))
        for each in state.get("contradictions", ())
    ]
    timeline = [
        (entry["event"], entry["source"], entry.get("published_at"), entry.get("received_at"))
        for entry in state.get("timeline", ())
    ]
    return {**state, "timeline": timeline, "contradictions": sorted(contradictions, key=str)}


def _body(output: Expected) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(output.source.value or b"", parse_int=Number, parse_float=Number)
    return body


def _fact(output: Expected, body: dict[str, Any], called: Mapping[str, dict[str, Any]]) -> Fact:
    assert output.meaning is not None
    raw, event = output.source, output.meaning.event
    name = called.get(str(raw.source), {})
    published_at = str(body.get("published_at", ""))
    said = (event, body["name"], published_at, _received_at(raw), str(raw.source), body["payload"])
    return Fact(*said, name.get("key", ""), name.get("payload_hash", ""))


def _received_at(raw: Record) -> str:
    seconds, milliseconds = divmod(raw.timestamp, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return raw.header("bridge_received_at") or f"{moment.isoformat()}.{milliseconds:03d}Z"
