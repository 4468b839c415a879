"""Erasing an order: nothing of it stays but that it was erased, and nothing that comes of it makes one again."""

from collections.abc import Callable

from processors.engine.unit import Unit
from processors.orders.gone import Gone
from processors.orders.older_rows import NewerRowError, load
from processors.orders.table import OrderWriter
from schemas.topics import Topics


def erasing(order_id: str, topics: Topics) -> Callable[[Unit], Gone | NewerRowError]:
    """Return the change that erases an order, known or not; it gives what is left of it, or why that is left to another
    worker: a later version wrote the order's row, and knows what belongs to it. Made again, it changes nothing more."""

    def change(unit: Unit) -> Gone | NewerRowError:
        orders = OrderWriter(unit, topics)
        row, gone = orders.row(order_id), orders.gone(order_id)
        if row is not None:
            try:
                order = load(row)
            except NewerRowError as error:
                return error
            gone = orders.forget(order, unit.timestamp, erased=True)
        elif gone is None or not gone.erased:
            gone = orders.leave(order_id, unit.timestamp, erased=True)
        orders.close()
        return gone

    return change
