"""Setting a gap of an order aside, so that it raises no alarm any more."""

from collections.abc import Callable

from processors.engine.unit import Unit
from processors.orders.apply import OrderRules, acknowledge
from processors.orders.older_rows import NewerRowError, load
from processors.orders.render.document import as_json, document
from processors.orders.row import Acknowledgement
from processors.orders.table import OrderWriter
from processors.orders.too_large import OrderTooLargeError
from processors.orders.waiting import waiting_facts
from schemas.topics import Topics


class NoSuchGapError(Exception):
    """The order waits for no such event, or there is no such order."""


NotSetAside = NoSuchGapError | NewerRowError | OrderTooLargeError
"""Why a gap is not set aside: there is none, a later version wrote the order's row, or the order would be too large."""


def acknowledging(
    order_id: str, said: Acknowledgement, topics: Topics, rules: OrderRules
) -> Callable[[Unit], bytes | NotSetAside]:
    """Return the change that sets a gap of the order aside. It returns the order's whole state, nothing withheld or
    truncated, or why it was not made."""

    def change(unit: Unit) -> bytes | NotSetAside:
        orders = OrderWriter(unit, topics)
        row = orders.row(order_id)
        try:
            # With the events that wait to be joined into a large order, as an answer about the order shows it.
            applied = None if row is None else acknowledge(row, said, rules, waiting_facts(orders.waiting(), order_id))
        except NewerRowError as error:
            return error
        if row is None or applied is None:
            return NoSuchGapError(f"order {order_id} waits for no {said[0]}")
        if applied.state:  # else the same was said before
            if not orders.holds(applied):
                return OrderTooLargeError(orders.most_bytes)
            orders.write(order_id, applied, unit.timestamp)
            orders.close()
        return as_json(document(load(applied.row), rules))

    return change
