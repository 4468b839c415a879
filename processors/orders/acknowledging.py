"""Setting a gap of an order aside: what nobody waits for any more is no alarm."""

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
"""A later version wrote the order's row; or with what is said it would be too large."""


def acknowledging(
    order_id: str, said: Acknowledgement, topics: Topics, rules: OrderRules
) -> Callable[[Unit], bytes | NotSetAside]:
    """Return the change of the order that sets a gap aside: it gives the order's state, whole whatever the topic has
    of it, or why that is not done."""

    def change(unit: Unit) -> bytes | NotSetAside:
        orders = OrderWriter(unit, topics)
        row = orders.row(order_id)
        try:
            # As whoever asks for the order is shown it: with what waits to be joined into a large one.
            applied = None if row is None else acknowledge(row, said, rules, waiting_facts(orders.waiting(), order_id))
        except NewerRowError as error:
            return error
        if row is None or applied is None:
            return NoSuchGapError(f"order {order_id} waits for no {said[0]}")
        if applied.state:  # else it was said before
            if not orders.holds(applied):
                return OrderTooLargeError(orders.most_bytes)
            orders.write(order_id, applied, unit.timestamp)
            orders.close()
        return as_json(document(load(applied.row), rules))

    return change
