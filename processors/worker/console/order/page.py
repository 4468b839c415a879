"""The values of an order's whole page, for its template."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from processors.orders.verdict.awaited import Window, due, is_maybe_never_sent, late, not_waited_for, window
from processors.orders.verdict.findings import Finding, Severity, findings, worst
from processors.orders.verdict.pieces import fulfilment_status
from processors.orders.verdict.sums import has_sums
from processors.orders.verdict.text import together
from processors.orders.verdict.verdict import verdict
from processors.worker.console.order.facts import Fact, facts_of
from processors.worker.console.order.ghosts import Ghost, ghosts_of
from processors.worker.console.order.items import ItemLine, item_lines, rerouted_to
from processors.worker.console.order.lanes import Figure, figure_of
from processors.worker.console.order.money import Waterfall, waterfalls
from processors.worker.console.order.parts import Part, part_of
from processors.worker.console.order.returns import Refund, refunds_of
from schemas.order_state import FulfillmentRequest, OrderState, Payment

MOST_FINDINGS: Final = 25
MOST_CURRENCIES: Final = 10
PARTS: Final = ("items", "requests", "payments", "returns")
"""Lists that are shown in pieces; the query parameters of these names choose the piece."""


class Timeline(NamedTuple):
    """A page of the timeline: facts `first` to `last` of `total`. `next` is the next page's cursor. `is_part`: other
    pages cannot be had now."""

    facts: Sequence[Fact]
    ghosts: Sequence[Ghost]
    figure: Figure | None
    first: int
    last: int
    total: int
    next: str | None
    is_part: bool


class Awaited(NamedTuple):
    """A missing event. `excuse`: why nobody waits for it; None where somebody does. Then `due` is until when it may
    come, None if not told, and `is_late` says whether that time is over. `window`: when it was published, None if not
    known; `is_sent`: whether it certainly was."""

    event: str
    excuse: str | None
    due: str | None
    is_late: bool
    window: Window | None
    is_sent: bool


class OrderPage(NamedTuple):
    """An order. `state` is its document; all other lists are bounded. `places`: the query parameters that choose the
    pieces which the page shows."""

    state: OrderState
    places: Mapping[str, str | int]
    title: str
    verdict: str
    severity: Severity
    findings: Sequence[Finding]
    more_findings: int
    awaited: Sequence[Awaited]
    statuses: Sequence[tuple[str, str]]
    timeline: Timeline
    items: Part[ItemLine]
    requests: Part[tuple[str, FulfillmentRequest]]
    rerouted: Mapping[str, Sequence[str]]
    payments: Part[tuple[str, Payment]]
    waterfalls: Sequence[Waterfall]
    returns: Part[Refund]
    customer_is_known: bool


class Entries(NamedTuple):
    """A page of timeline entries. `before`: number of facts on earlier pages; `after`: the cursor behind which the page
    begins; `is_part` as in `Timeline`."""

    entries: Sequence[Mapping[str, Any]]
    before: int
    total: int
    next: str | None
    after: str | None = None
    is_part: bool = False


def order_page(state: OrderState, told: Entries, sla: timedelta, parts: Mapping[str, int]) -> OrderPage:
    """Return the page; `parts` says which piece of each long list is asked for, by default the first."""
    timeline = _timeline(state, told, sla)
    found = [each for each in findings(state) if each.label != "missing"]  # `awaited` has a line for each of these
    chosen = part_of(state.items.items(), parts.get("items", 1))
    items = Part(list(item_lines(state, chosen.entries)), *chosen[1:])
    requests = part_of(state.fulfillment_requests.items(), parts.get("requests", 1))
    customer = state.order.customer
    return OrderPage(
        state=state,
        places={"after": told.after or "", **{name: number for name, number in parts.items() if number > 1}},
        title=state.order.external_id or state.order_id,
        verdict=verdict(state),
        severity=worst(state),
        findings=found[:MOST_FINDINGS],
        more_findings=max(0, len(found) - MOST_FINDINGS),
        awaited=_awaited(state),
        statuses=_statuses(state),
        timeline=timeline,
        items=items,
        requests=requests,
        rerouted=rerouted_to(state, requests.entries),
        payments=part_of(state.payments.items(), parts.get("payments", 1)),
        waterfalls=list(islice(waterfalls(state), MOST_CURRENCIES)),
        returns=part_of(refunds_of(state), parts.get("returns", 1)),
        customer_is_known=customer is not None and any(value for _, value in customer),
    )


def own_entries(state: OrderState) -> Entries:
    """Return the timeline entries that the document itself has: the last ones."""
    count = len(state.timeline) if state.timeline_count is None else state.timeline_count
    before = count - len(state.timeline)
    return Entries([each.model_dump() for each in state.timeline], before, count, None, is_part=before > 0)


def _timeline(state: OrderState, told: Entries, sla: timedelta) -> Timeline:
    facts = facts_of(told.entries, state, sla, before=told.before)
    ghosts = ghosts_of(facts, state)
    figure = figure_of(facts, ghosts) if facts else None
    last = told.before + len(facts)
    return Timeline(facts, ghosts, figure, told.before + 1, last, told.total, told.next, told.is_part)


def _awaited(state: OrderState) -> list[Awaited]:
    excuses, is_sent = not_waited_for(state), not is_maybe_never_sent(state)
    too_late = {*late(state)} if state.incomplete else set()
    return [
        Awaited(name, excuses.get(name), due(name, state), name in too_late, window(name, state), is_sent)
        for name in state.missing[:MOST_FINDINGS]
    ]


def _statuses(state: OrderState) -> list[tuple[str, str]]:
    counts = together(f"{count:,} {status.replace('_', ' ')}" for status, count in state.item_counts.items() if count)
    return [
        ("order", state.status),
        ("fulfilment", fulfilment_status(state)),
        ("payment", state.payment_status if has_sums(state) else "unknown"),
        ("return", state.return_status),
        *([("items", counts)] if counts else []),
    ]
