"""New facts of an order: the pure step from its row to its new row and its new state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processors.orders import older_rows
from processors.orders.deadlines import deadlines
from processors.orders.fact import Fact
from processors.orders.ids import Id, ids_in, new_ids
from processors.orders.older_rows import load
from processors.orders.render.completeness import awaited
from processors.orders.render.document import as_json, document
from processors.orders.render.history import has_only_refunds
from processors.orders.row import RULES_VERSION, Row, dump
from processors.orders.standing import standing
from processors.orders.summary import FoldRules, Summary
from processors.orders.unprocessed import Unprocessed

__all__ = [
    "Applied",
    "FoldRules",
    "Summary",
    "apply",
    "begun_with",
    "mark_late",
    "read_again",
    "set_aside",
    "state_of",
    "still_late",
]


@dataclass(slots=True)
class Applied:
    """What an order is after a chunk: `row` for the table, `state` for the topic (JSON).

    `before` is the summary that the row came with, None without a row; `after` is the one it has now. So counts
    by summary stay right even where the rules changed in between. `due_before` and `due` are when the order stood and
    stands to be looked at again (ms; 0: never), for the index.
    """

    row: bytes
    state: bytes
    before: Summary | None
    after: Summary
    due_before: int = 0
    due: int = 0
    ids: Sequence[Id] = ()


def apply(row: bytes | None, facts: Sequence[Fact], rules: FoldRules) -> Applied:
    """Return the order with `facts`, in the order they were read, added to those of its row.

    All facts are of the row's order; without a row there is at least one. A fact known already (same event, key
    and payload hash) changes not a byte of the row: of two deliveries the one read first counts.
    """
    order = Row(RULES_VERSION, facts[0].order_id, facts[0].tenant) if row is None else load(row)
    ids = new_ids(order.slots, facts)
    if order.add(facts):
        order.revision += 1
    return _applied(order, rules, ids)


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
    order.summary, order.due = None, 0
    return _applied(order, rules, ids_in(order.slots))


def mark_late(row: bytes, at_ms: int, rules: FoldRules) -> Applied:
    """Return the order of which all is folded that had come by `at_ms`: what was due until then is late."""
    order = load(row)
    due = deadlines(order, _awaited(document(order, rules)), rules.late_after_ms)
    order.late = sorted({*order.late, *(name for name, deadline in due.items() if deadline <= at_ms)})
    order.revision += 1
    return _applied(order, rules)


def still_late(row: bytes, names: Sequence[str], rules: FoldRules) -> Applied:
    """Return the order of which these events were late already, before it was folded anew: those still missing are."""
    order = load(row)
    order.late = [*names]
    return _applied(order, rules)


def read_again(row: bytes, bodies: Mapping[str, bytes], rules: FoldRules) -> Applied:
    """Return the order of a row of an older version, with what its events say; see `older_rows.read_again`."""
    order = load(row)
    older_rows.read_again(order, bodies)
    order.revision += 1
    return _applied(order, rules, ids_in(order.slots))  # the version before may have indexed none


def state_of(row: bytes, rules: FoldRules) -> bytes:
    """Return the state of an order as its row has it."""
    return as_json(document(load(row), rules))


def _applied(order: Row, rules: FoldRules, ids: Sequence[Id] = ()) -> Applied:
    state, before = document(order, rules), order.summary
    stands = standing(state, before.standing if before else {}, only_refunds=has_only_refunds(order))
    after = Summary(state.status, state.provisional, state.incomplete, order.version, stands)
    order.summary = after
    due_before = order.due
    _expect(order, _awaited(state), rules)
    return Applied(dump(order), as_json(state), before, after, due_before, order.due, ids)


def _awaited(state: Any) -> Sequence[str]:
    return awaited(state.missing, state.suspected, partial_history=state.partial_history)


def _expect(order: Row, names: Sequence[str], rules: FoldRules) -> None:
    """Note which of these events are late, and when the next of the others will be."""
    if not names:
        order.late, order.due = [], 0
        return
    order.late = [name for name in order.late if name in names]
    others = [name for name in names if name not in order.late]
    order.due = min(deadlines(order, others, rules.late_after_ms).values(), default=0)
