"""The plan as text and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from bridge.printable import listed
from commands.erase.plan import ErasePlan
from commands.erase.reading import Place
from commands.terminal.output import InertConsole
from commands.terminal.tables import table
from schemas.instant import rfc3339_millis


def document(plan: ErasePlan) -> dict[str, Any]:
    """The plan as `-o json` prints it."""
    return {
        "orders": [
            {"order_id": order.order_id, "kept": order.is_kept, "events": order.events, "row_bytes": order.row_bytes}
            for order in plan.orders
        ],
        "records": [
            {
                "topic": place.topic,
                "partition": place.partition,
                "offset": place.offset,
                "received_at": rfc3339_millis(place.timestamp),
                "gone_by": _date(plan.gone_by(place)),
            }
            for places in plan.places.values()
            for place in places
        ],
        "pending": plan.pending,
    }


def show(console: InertConsole, plan: ErasePlan) -> None:
    """Print what will be erased, and the records that stay: the first offsets of each partition; `-o json` has all."""
    orders = table("order", "events", "row bytes", "what about it", numbers=("events", "row bytes"))
    for order in plan.orders:
        what = "row, index and state are removed" if order.is_kept else "nothing is kept of it; nothing will be"
        orders.add_row(order.order_id, f"{order.events:,}", f"{order.row_bytes:,}", what)
    if plan.orders:
        console.print(orders)
    records = table("topic", "partition", "records", "offsets", "gone by", numbers=("partition", "records"))
    for (topic, partition), places in _by_partition(plan):
        offsets = listed([place.offset for place in places])
        last = max(places, key=lambda place: place.timestamp)
        records.add_row(topic, str(partition), f"{len(places):,}", offsets, _date(plan.gone_by(last)) or "never")
    if records.rows:
        console.print()
        console.print("Records that stay until their topics' retention removes them:")
        console.print(records)


def done(plan: ErasePlan) -> str:
    """What to say once all orders are erased. Whoever has typed an id in other letters has erased nothing, and would
    believe that the order is gone."""
    unknown = sum(not order.is_kept for order in plan.orders)
    but = f"; of {unknown:,} of them nothing was kept. An id counts letter by letter" if unknown else ""
    return f"Done: {len(plan.orders):,} erased{but}. What consumers have copied is theirs to erase."


def ended_early(plan: ErasePlan, erased: int) -> str:
    """What to say if not all orders are known to be erased. The error names at most one, and whoever erased only that
    one then would leave those behind it."""
    of = f"{erased:,} of {len(plan.orders):,} orders"
    return f"Ended early: {of} are known to be erased; run this again for the rest."


def _by_partition(plan: ErasePlan) -> Iterator[tuple[tuple[str, int], Sequence[Place]]]:
    for of_topic in plan.places.values():
        for where, places in groupby(of_topic, key=lambda place: (place.topic, place.partition)):
            yield where, [*places]


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d")
