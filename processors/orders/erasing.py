"""Erasing an order: nothing of it stays but that it was erased, and nothing that comes of it makes one again."""

from collections.abc import Callable

from processors.engine.unit import Unit
from processors.orders.gone import Gone
from processors.orders.older_rows import load
from processors.orders.table import OrderWriter
from schemas.topics import Topics


def erasing(order_id: str, topics: Topics) -> Callable[[Unit], Gone]:
    """Return the change that erases an order, known or not; it gives what is left of it. Made again, it changes nothing
    more. NewerRowError: a later version wrote the order's row, and knows what belongs to it."""

    def change(unit: Unit) -> Gone:
        orders = OrderWriter(unit, topics)
        row, gone = orders.row(order_id), orders.gone(order_id)
        if row is not None:
            gone = orders.forget(load(row), unit.timestamp, erased=True)
        elif gone is None or not gone.erased:
            gone = orders.leave(order_id, unit.timestamp, erased=True)
        orders.close()
        return gone

    return change
