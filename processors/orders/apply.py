"""New facts of an order: the pure step from its row to its new row and its new state."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from processors.orders.document import document
from processors.orders.fact import Fact
from processors.orders.row import Row
from processors.orders.status import FoldRules, Summary
from processors.orders.unprocessed import Unprocessed

__all__ = ["Applied", "FoldRules", "Summary", "apply", "set_aside"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an order is after a chunk: `row` for the table (JSON lines), `state` for the topic (JSON).

    `before` is the summary that the row came with, None without a row; `after` is the one it has now. So counts
    by summary stay right even where the rules changed in between.
    """

    row: bytes
    state: bytes
    before: Summary | None
    after: Summary


def apply(row: bytes | None, facts: Sequence[Fact], rules: FoldRules) -> Applied:
    """Return the order with `facts`, in the order they were read, added to those of its row.

    All facts are of the row's order; without a row there is at least one. A fact known already (same event, key
    and payload hash) changes not a byte of the row: of two deliveries the one read first counts.
    """
    order = Row(facts[0].order_id, facts[0].tenant) if row is None else Row.load(row)
    order.add(facts)
    return _applied(order, rules)


def set_aside(
    row: bytes | None, events: Sequence[Unprocessed], rules: FoldRules
) -> tuple[Applied, Sequence[Unprocessed]]:
    """Return the order with events listed that could not be folded, until `apply` gets their facts; and those of them
    that the list had room for.

    All events (at least one) are of the row's order.
    """
    order = Row(events[0].order_id, events[0].tenant) if row is None else Row.load(row)
    listed = [event for event in events if order.set_aside(event.entry)]
    return _applied(order, rules), listed


def _applied(order: Row, rules: FoldRules) -> Applied:
    state = document(order.order_id, order.tenant, order.facts, order.folded, order.unprocessed, rules)
    before, after = order.summary, Summary(state["status"], state["provisional"], state["incomplete"])
    order.summary = after
    return Applied(order.dump(), orjson.dumps(state), before, after)
