"""When an order has to be looked at again, whatever comes of it meanwhile.

What is missing and what comes next say when something would be due of the order as it is. The row keeps the earliest,
and keeps it where that becomes later: then there is a look in vain, and nearly no write touches the index.
"""

from collections.abc import Mapping

from processors.orders.deadlines import deadlines, stalled_deadlines
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import Rendered
from processors.orders.row import Row


def missing_deadlines(order: Row, seen: Rendered, rules: OrderRules) -> Mapping[str, int]:
    """Return when what is missing is late, of all that is not known to be."""
    late = {*order.late}
    waited_for = [name for name in seen.awaited if name not in late]
    return deadlines(order, waited_for, rules.late_after_ms) if waited_for else {}


def upcoming_deadlines(order: Row, seen: Rendered, rules: OrderRules) -> Mapping[str, int]:
    """Return when what comes next has been awaited for too long, of all that is not known to have been."""
    stalled = {*order.stalled}
    waited_for = [each for each in seen.upcoming if each.name not in stalled]
    return stalled_deadlines(order, waited_for, rules.patience) if waited_for else {}


def next_look(order: Row, seen: Rendered, rules: OrderRules) -> int:
    """Return when something is due of the order as it is (ms since 1970; 0: never)."""
    due = (*missing_deadlines(order, seen, rules).values(), *upcoming_deadlines(order, seen, rules).values())
    return min((at for at in due if at), default=0)


def keep_up(order: Row, seen: Rendered, rules: OrderRules) -> None:
    """See to it that the order is looked at in time: not later than it has to be."""
    at = next_look(order, seen, rules)
    if not order.due or 0 < at < order.due:
        order.due = at
