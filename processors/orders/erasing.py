"""Erasing an order: only that it was erased stays, and no later event makes it again."""

from collections.abc import Callable, Iterator

from processors.engine.unit import Unit
from processors.orders.apply import OrderRules, lines_gone
from processors.orders.gone import Gone
from processors.orders.older_rows import NewerRowError, load
from processors.orders.table import TABLE, UNPROCESSED, OrderWriter
from processors.orders.unjudged import UNJUDGED
from processors.orders.unprocessed import unpack, unprocessed
from schemas.instant import rfc3339_millis
from schemas.topics import Topics


def erasing(order_id: str, topics: Topics, rules: OrderRules) -> Callable[[Unit], Gone | NewerRowError]:
    """Return the change that erases an order, known or not. It returns what is left of the order, or NewerRowError if a
    later version wrote its row, and alone knows what belongs to it. Made again, it changes nothing more."""

    def change(unit: Unit) -> Gone | NewerRowError:
        orders = OrderWriter(unit, topics)
        row, gone = orders.row(order_id), Gone.of(order_id, rfc3339_millis(unit.timestamp), erased=True)
        if row is not None:
            try:
                order = load(row)
            except NewerRowError as error:
                return error
            orders.forget(order, gone, unit.timestamp, lines_gone(order, rules))
        elif (known := orders.gone(order_id)) is not None and known.erased:
            gone = known
        else:
            orders.leave(order_id, gone, unit.timestamp)
        for key in (*_kept(unit, order_id), *_noted(unit, order_id)):
            unit.put(TABLE, key, None, unit.timestamp)
        orders.close()
        return gone

    return change


def _noted(unit: Unit, order_id: str) -> Iterator[bytes]:
    """The key of the row that says that the order has to be judged, if there is one."""
    key = UNJUDGED + order_id.encode()
    if unit.get_many(TABLE, [key]) != [None]:
        yield key


def _kept(unit: Unit, order_id: str) -> Iterator[bytes]:
    """Keys of the order's records that are kept to be tried again. The order's row does not tell them all: its list is
    limited, and has none if the code failed on the row."""
    after = b""
    while found := unit.scan(TABLE, UNPROCESSED, after, 1):  # one at a time: a record may have megabytes
        [(after, row)] = found
        event = unprocessed(*unpack(row), "")
        if event is not None and event.order_id == order_id and unit.get_many(TABLE, [after]) != [None]:
            yield after
