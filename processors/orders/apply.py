"""New facts of an order: the pure step from its row to its new row and its new state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from processors.orders import older_rows
from processors.orders.fact import Fact
from processors.orders.older_rows import load
from processors.orders.render.document import document
from processors.orders.row import RULES_VERSION, Row, dump
from processors.orders.summary import FoldRules, Summary
from processors.orders.unprocessed import Unprocessed

__all__ = ["Applied", "FoldRules", "Summary", "apply", "begun_with", "read_again", "set_aside", "state_of"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an order is after a chunk: `row` for the table, `state` for the topic (JSON).

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
    order = Row(RULES_VERSION, facts[0].order_id, facts[0].tenant) if row is None else load(row)
    if order.add(facts):
        order.revision += 1
    return _applied(order, rules)


def set_aside(
    row: bytes | None, events: Sequence[Unprocessed], rules: FoldRules
) -> tuple[Applied, Sequence[Unprocessed]]:
    """Return the order with events listed that could not be processed, until `apply` gets their facts; and those of
    them that the list had room for.

    All events (at least one) are of the row's order.
    """
    order = Row(RULES_VERSION, events[0].order_id, events[0].tenant) if row is None else load(row)
    listed = [event for event in events if order.set_aside(event.entry)]
    order.revision += bool(listed)
    return _applied(order, rules), listed


def begun_with(order: Row, rules: FoldRules) -> Applied:
    """Return an order that no table has yet."""
    order.summary = None
    return _applied(order, rules)


def read_again(row: bytes, bodies: Mapping[str, bytes], rules: FoldRules) -> Applied:
    """Return the order of a row of an older version, with what its events say; see `older_rows.read_again`."""
    order = load(row)
    older_rows.read_again(order, bodies)
    order.revision += 1
    return _applied(order, rules)


def state_of(row: bytes, rules: FoldRules) -> bytes:
    """Return the state of an order as its row has it."""
    return orjson.dumps(document(load(row), rules))


def _applied(order: Row, rules: FoldRules) -> Applied:
    state = document(order, rules)
    before, after = order.summary, Summary(state["status"], state["provisional"], state["incomplete"])
    order.summary = after
    return Applied(dump(order), orjson.dumps(state), before, after)
