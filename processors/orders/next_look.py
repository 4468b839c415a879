"""When an order has to be looked at again, whatever events come in between.

Missing events and those that come next have deadlines. The row keeps the earliest, even if that moves later: then one
look is in vain, but nearly no write touches the index.
"""

from collections.abc import Mapping

from processors.orders.deadlines import deadlines, stalled_deadlines
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import Rendered
from processors.orders.row import Row


def missing_deadlines(order: Row, seen: Rendered, rules: OrderRules) -> Mapping[str, int]:
    """Return the deadlines of missing events that are not known to be late."""
    late = {*order.late}
    waited_for = [name for name in seen.awaited if name not in late]
    return deadlines(order, waited_for, rules.late_after_ms) if waited_for else {}


def upcoming_deadlines(order: Row, seen: Rendered, rules: OrderRules) -> Mapping[str, int]:
    """Return the deadlines of events that come next and are not known to be stalled."""
    stalled = {*order.stalled}
    waited_for = [each for each in seen.upcoming if each.name not in stalled]
    return stalled_deadlines(order, waited_for, rules.patience) if waited_for else {}


def next_look(order: Row, seen: Rendered, rules: OrderRules) -> int:
    """Return when something is due of the order as it is (ms since 1970; 0: never)."""
    due = (*missing_deadlines(order, seen, rules).values(), *upcoming_deadlines(order, seen, rules).values())
    return min((at for at in due if at), default=0)


def keep_up(order: Row, seen: Rendered, rules: OrderRules) -> None:
    """Have the order looked at in time: bring `due` forward if needed, never back."""
    at = next_look(order, seen, rules)
    if not order.due or 0 < at < order.due:
        order.due = at
