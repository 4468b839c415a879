"""The facts of a page of the timeline as shown: numbered, grouped by what they are about, with their lateness."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from processors.worker.console.order.out_of_order import out_of_order
from schemas.order_state import OrderState

PROMPT: Final = timedelta(minutes=1)
"""An event that is under way for longer is late."""


class Group(StrEnum):
    """What an event is about; each has a colour and a letter of its own."""

    ORDER = "order"
    FULFILMENT = "fulfilment"
    PAYMENT = "payment"
    RETURN = "return"
    INVOICE = "invoice"
    OTHER = "other"


class Lateness(StrEnum):
    """How long an event was under way. OVER_SLA: longer than NewStore promises."""

    PROMPT = "prompt"
    LATE = "late"
    OVER_SLA = "over-sla"
    UNKNOWN = "unknown"


_GROUPS: Final[Mapping[str, Group]] = {
    "order": Group.ORDER,
    "fulfillment_request": Group.FULFILMENT,
    "payment_account": Group.PAYMENT,
    "return": Group.RETURN,
    "refund_request": Group.RETURN,
    "invoice": Group.INVOICE,
}


class Fact(NamedTuple):
    """One fact. `number` counts all facts of the order from 1, in canonical order; `entity` is the fact's row.

    `happened` and `delay` are None where `published_at` is no time. `arrived_as` is the fact's place among the page's
    arrivals if it came out of order, else None. `again`: further deliveries, None where these are not known.
    `repeat_of`: the raw record of the same event, published before.
    """

    number: int
    event: str
    key: str
    source: str
    published_at: str | None
    received_at: str
    happened: datetime | None
    arrived: datetime
    group: Group
    entity: str
    lateness: Lateness
    arrived_as: int | None
    again: int | None
    last_again: str | None
    repeat_of: str | None
    is_contradicted: bool

    @property
    def delay(self) -> timedelta | None:
        """Time from publishing to receipt."""
        return None if self.happened is None else self.arrived - self.happened


def facts_of(entries: Sequence[Mapping[str, Any]], state: OrderState, sla: timedelta, *, before: int = 0) -> list[Fact]:
    """Return the facts of timeline entries, which are in canonical order; `before`: facts of earlier pages."""
    contradicted = {fact.source for each in state.contradictions for fact in each.facts}
    times = [(_time(entry["published_at"]), _known(entry["received_at"])) for entry in entries]
    places = out_of_order(times)
    found = []
    for index, (entry, (happened, arrived)) in enumerate(zip(entries, times, strict=True)):
        group = group_of(entry["event"])
        deliveries = entry.get("deliveries")
        found.append(
            Fact(
                number=before + index + 1,
                event=entry["event"],
                key=entry["key"],
                source=entry["source"],
                published_at=entry["published_at"],
                received_at=entry["received_at"],
                happened=happened,
                arrived=arrived,
                group=group,
                entity=entity_of(group, entry["key"], state),
                lateness=lateness_of(happened, arrived, sla),
                arrived_as=places.get(index),
                again=None if deliveries is None else max(0, deliveries - 1),
                last_again=entry.get("last_received_at"),
                repeat_of=entry.get("repeat_of"),
                is_contradicted=entry["source"] in contradicted,
            )
        )
    return found


def group_of(event: str) -> Group:
    """Return what an event is about."""
    return _GROUPS.get(event.partition(".")[0], Group.OTHER)


def entity_of(group: Group, key: str, state: OrderState) -> str:
    """Return the name of a fact's row: the id of the fulfilment request, if the key names a known one; else the
    group."""
    if group is Group.FULFILMENT and request_of(key) in state.fulfillment_requests:
        return request_of(key)
    return group


def request_of(key: str) -> str:
    """Return the fulfilment request's id from a key `<id>:<logical timestamp>`; keys are percent-encoded."""
    return unquote(key.rpartition(":")[0] or key)


def lateness_of(happened: datetime | None, arrived: datetime, sla: timedelta) -> Lateness:
    """Return how late an event was."""
    if happened is None:
        return Lateness.UNKNOWN
    delay = arrived - happened
    if delay > sla:
        return Lateness.OVER_SLA
    return Lateness.LATE if delay > PROMPT else Lateness.PROMPT


def _time(instant: str | None) -> datetime | None:
    return None if instant is None else _known(instant)


def _known(instant: str) -> datetime:
    return datetime.fromisoformat(instant)
