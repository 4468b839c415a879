"""The pure step from an order's row and new facts to its new row and its new state."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from processors.orders import older_rows
from processors.orders.fact import Fact
from processors.orders.ids import Id, ids_in, new_ids
from processors.orders.next_look import keep_up, missing_deadlines, next_look, upcoming_deadlines
from processors.orders.older_rows import load
from processors.orders.order_rules import OrderRules
from processors.orders.render.acknowledged import keep_acknowledged, set_aside
from processors.orders.render.document import Rendered, as_json, document, render, withheld
from processors.orders.render.history import has_only_refunds
from processors.orders.render.lines import Line, deleted_lines, order_lines
from processors.orders.render.truncated import written_within
from processors.orders.row import RULES_VERSION, Acknowledgement, Row, Summary, dump
from processors.orders.standing import standing
from processors.orders.unprocessed import Unprocessed

__all__ = [
    "Applied",
    "Found",
    "Joined",
    "OrderRules",
    "Summary",
    "acknowledge",
    "apply",
    "begun_with",
    "joined",
    "judged_again",
    "lines_gone",
    "lines_of",
    "list_unprocessed",
    "looked_at",
    "mark_late",
    "read_again",
    "rendered",
    "state_of",
    "still_late",
    "written_again",
]


@dataclass(slots=True)
class Applied:
    """An order after a step: `row` for the table, `state` for the topic (JSON; empty: the document has not changed).

    `before` is the summary of the old row, None without a row; `after` is that of the new row. So totals stay right
    even if the rules changed in between. `due_before` and `due` are for the index: when the order had and has to be
    looked at again at the latest (ms; 0: never). `ids` are new in the order. With a state, `tenant` is its tenant and
    `revision` the document's number. `lines` are the records of its items, if the rules ask for them.
    """

    row: bytes
    state: bytes
    before: Summary | None
    after: Summary
    due_before: int = 0
    due: int = 0
    ids: Sequence[Id] = ()
    lines: Sequence[Line] = ()
    tenant: str = ""
    revision: int = 0


class Found(NamedTuple):
    """What an order's row knows from the passing of time, and from what somebody said; see `Row`."""

    late: Sequence[str]
    stalled: Sequence[str] = ()
    acknowledged: Sequence[Acknowledgement] = ()

    @classmethod
    def of(cls, row: bytes) -> "Found":
        """Take it from an order's row."""
        order = load(row)
        return cls(order.late, order.stalled, order.acknowledged)


def apply(row: bytes | None, facts: Sequence[Fact], rules: OrderRules) -> Applied:
    """Return the order with `facts`, in the order they were read, added to those of its row.

    All facts are of the row's order; without a row there is at least one. A fact that the order has already (same
    event, key and payload hash) changes no byte of a row of these rules: of two deliveries, the one read first counts.
    """
    return rendered(joined(row, facts), rules)


class Joined(NamedTuple):
    """An order with new facts, but still with the old summary and document; `ids` are new in it."""

    order: Row
    ids: Sequence[Id]


def joined(row: bytes | None, facts: Sequence[Fact]) -> Joined:
    """The first half of `apply`."""
    order = Row(RULES_VERSION, facts[0].order_id, facts[0].tenant) if row is None else load(row)
    ids = new_ids(order, facts)
    if order.add(facts) or _is_of_older_rules(order):
        order.revision += 1
    return Joined(order, ids)


def rendered(joined: Joined, rules: OrderRules) -> Applied:
    """The second half of `apply`."""
    return _applied(joined.order, rules, joined.ids)


def list_unprocessed(
    row: bytes | None, events: Sequence[Unprocessed], rules: OrderRules
) -> tuple[Applied, Sequence[Unprocessed]]:
    """Return the order with these events in its list of unprocessed ones, until `apply` gets their facts; and the
    events that the list had room for.

    All events (at least one) are of the row's order.
    """
    order = Row(RULES_VERSION, events[0].order_id, events[0].tenant) if row is None else load(row)
    listed = [event for event in events if order.list_unprocessed(event.entry)]
    order.revision += bool(listed) or _is_of_older_rules(order)
    return _applied(order, rules), listed


def begun_with(order: Row, rules: OrderRules) -> Applied:
    """Return an order that no table has yet: all of its ids are new."""
    order.summary, order.due = None, 0
    return _applied(order, rules, ids_in(order.slots))


def mark_late(row: bytes, at_ms: int, rules: OrderRules) -> Applied:
    """Mark what was due until `at_ms` as late or stalled. All that had come of the order by then must be joined."""
    order = load(row)
    before, order.due = order.due, 0
    seen = render(order, rules)
    order.late = sorted({*order.late, *_until(at_ms, missing_deadlines(order, seen, rules))})
    order.stalled = sorted({*order.stalled, *_until(at_ms, upcoming_deadlines(order, seen, rules))})
    order.revision += 1
    return replace(_applied(order, rules), due_before=before)


def acknowledge(row: bytes, said: Acknowledgement, rules: OrderRules, waiting: Sequence[Fact] = ()) -> Applied | None:
    """Return the order with a gap set aside: it is not late or stalled for that gap until the event comes. None: it has
    no such gap. If the same was said before, nothing changes, not even the time. `waiting`: facts of the order that its
    row lacks; joining them again later changes nothing more."""
    order = load(row)
    ids = new_ids(order, waiting)
    order.add(waiting)
    before, order.due = order.due, 0
    seen = render(order, rules)
    name, reason, _ = said
    known = {each.name: each.reason for each in seen.document.acknowledged}
    if name not in {*seen.document.missing, *seen.document.stalled, *known}:
        return None
    if known.get(name) == reason and order.summary is not None and order.summary.rules == order.version:
        return Applied(dump(order), b"", order.summary, order.summary, before, before)
    set_aside(order, said, seen.awaited, seen.upcoming)
    order.revision += 1
    return replace(_applied(order, rules, ids), due_before=before)


def looked_at(row: bytes, now_ms: int, rules: OrderRules) -> Applied | None:
    """Return the order with the time of its next look. Its document stays as it is, unless the order counts otherwise
    by changed rules. None: something is due by now."""
    order = load(row)
    before, order.due = order.due, 0
    seen = render(order, rules)
    order.due = next_look(order, seen, rules)
    if 0 < order.due <= now_ms:
        return None
    if order.summary is None or order.summary != _summary(order, seen, rules):
        order.revision += 1
        return replace(_applied(order, rules), due_before=before)
    return Applied(dump(order), b"", order.summary, order.summary, before, order.due)


def still_late(row: bytes, before: Found, rules: OrderRules) -> Applied:
    """Return an order that was made anew, with what was found of it before, as far as that is still awaited."""
    order = load(row)
    order.late, order.stalled, order.acknowledged = [*before.late], [*before.stalled], [*before.acknowledged]
    return _applied(order, rules)


def written_again(row: bytes, rules: OrderRules) -> Applied:
    """Return the order with a document by today's rules; nothing else changes."""
    order = load(row)
    order.revision += 1
    return _applied(order, rules)


def judged_again(row: bytes, rules: OrderRules) -> Applied | None:
    """Return the order with a document by today's rules, if it counts otherwise by them; None: it does not. The sweep
    finds what is due by now."""
    order = load(row)
    if order.summary == _summary(order, render(order, rules), rules):
        return None
    order.revision += 1
    return _applied(order, rules)


def read_again(row: bytes, asked: Collection[str], bodies: Mapping[str, bytes], rules: OrderRules) -> Applied:
    """Complete an order of an older version from its events in raw; see `older_rows.read_again`."""
    order = load(row)
    older_rows.read_again(order, asked, bodies)
    order.revision += 1
    return _applied(order, rules, ids_in(order.slots))  # an older version may have indexed none of them


def state_of(row: bytes, rules: OrderRules) -> bytes:
    """Return the order's state for the topic."""
    return _published(document(load(row), rules), rules)


def lines_of(row: bytes, rules: OrderRules) -> Sequence[Line]:
    """Return the order's lines for their topic; none if the rules ask for none."""
    return _lines(document(load(row), rules), rules) if rules.writes_lines else ()


def lines_gone(order: Row, rules: OrderRules) -> Iterable[Line]:
    """Return deletions of the lines of an order that goes; none if the rules ask for none: their topic may not exist.
    `has_lines` does not count: while the setting is rolled out, a worker without it may have written the row last."""
    return deleted_lines(order.order_id, order.slots.items) if rules.writes_lines else ()


def _applied(order: Row, rules: OrderRules, ids: Sequence[Id] = ()) -> Applied:
    seen = render(order, rules)
    before, after = order.summary, _summary(order, seen, rules)
    order.summary = after
    _forget(order, seen)
    due_before = order.due
    keep_up(order, seen, rules)
    order.withheld, order.has_lines = rules.withholds_customer, rules.writes_lines
    state = _published(seen.document, rules)
    lines = _lines(seen.document, rules) if rules.writes_lines else ()
    return Applied(dump(order), state, before, after, due_before, order.due, ids, lines, order.tenant, order.revision)


def _is_of_older_rules(order: Row) -> bool:
    """Whether its last document is of older rules, or may be, because its row lacks something. These rules make another
    document of it, even if an event only comes again."""
    return order.summary is not None and order.summary.rules != RULES_VERSION


def _published(state: Any, rules: OrderRules) -> bytes:
    """The document as the topic has it."""
    shown = withheld(state) if rules.withholds_customer else state
    return written_within(shown, rules.document_bytes) if rules.document_bytes else as_json(shown)


def _lines(state: Any, rules: OrderRules) -> Sequence[Line]:
    return order_lines(state, rules.document_bytes)


def _summary(order: Row, seen: Rendered, rules: OrderRules) -> Summary:
    state, before = seen.document, order.summary.standing if order.summary else {}
    return Summary(
        state.status,
        state.provisional,
        state.incomplete,
        order.version,
        standing(
            state,
            before,
            only_refunds=has_only_refunds(order),
            unsettled=seen.unsettled,
            is_told=not rules.untold.pieces,
        ),
        stalled=bool(state.stalled),
        partial_history=state.partial_history,
    )


def _forget(order: Row, seen: Rendered) -> None:
    """Drop the marks of events that are no longer awaited."""
    awaited = {*seen.awaited}
    order.late = [name for name in order.late if name in awaited]
    order.stalled = seen.document.stalled
    if order.acknowledged:
        keep_acknowledged(order, [each.name for each in seen.document.acknowledged])


def _until(at_ms: int, due: Mapping[str, int]) -> set[str]:
    return {name for name, deadline in due.items() if deadline <= at_ms}
