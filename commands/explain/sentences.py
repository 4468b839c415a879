"""The findings in sentences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from commands.explain.delivery import Delivery
from commands.explain.order import OrderStory
from commands.explain.search import Searched
from processors.orders.verdict.text import counted, to_the_second
from schemas.outcome import Outcome
from schemas.routing import aggregate_of

_BLIND: Final = "return.processed"
"""Without an order, this event is a blind return."""


def of_delivery(made: Delivery, raw: str, conflicts: str, quarantine: str) -> Iterator[str]:
    """The way of a delivery. The other arguments are topics' names."""
    if made.raw is None:
        yield from _refused(made, quarantine)
        return
    event = f"is {made.event}" if made.event else "is no event of this tenant"
    yield f"{raw} {made.raw} {event}, received {to_the_second(made.received_at)} UTC."
    if made.ce_id:
        yield f"Its id is {made.ce_id}."
    if made.traceparent:
        yield f"Its traceparent is {made.traceparent}."
    if made.accepts:
        yield f"It was published by `bridge conflicts accept` from {conflicts} {made.accepts}."
    if made.replays:
        yield f"It was published by `bridge quarantine replay` from {quarantine} {made.replays}."
    yield from _verdict(made, conflicts, quarantine)
    if made.deliveries is not None:
        last = f", last {to_the_second(made.last_received_at)} UTC" if made.deliveries > 1 else ""
        yield f"The event was delivered {counted(made.deliveries, 'time')}{last}."
    if made.order is not None:
        yield _in_order(made.order)
    elif made.event and made.order_id is None and aggregate_of(made.event) == "orders":
        blind = ": it is a blind return (`GET /blind-returns`)" if made.event == _BLIND else ""
        yield f"It belongs to no order{blind}."


def _refused(made: Delivery, quarantine: str) -> Iterator[str]:
    received = to_the_second(made.received_at)
    yield f"{quarantine} {made.quarantined}, received {received} UTC, was no raw record when it came."
    if made.traceparent:
        yield f"Its traceparent is {made.traceparent}."
    yield f"Verdict quarantined, by {made.stage}: {made.reason}. `bridge quarantine show {made.quarantined}` has it."
    if made.replayed:
        yield _published_again(made.replayed)


def _verdict(made: Delivery, conflicts: str, quarantine: str) -> Iterator[str]:
    if made.pending and made.verdict is None:
        yield "No verdict yet: no worker has come to it."
    elif made.verdict is Outcome.UNIQUE:
        why = "that conflict was not accepted before" if made.accepts else "nothing was seen under its key before"
        yield f"Verdict unique: {why}. {_cleaned(made)}"
    elif made.verdict is Outcome.DUPLICATE:
        first = f"as raw {made.first}" if made.first else "before"
        when = f", received {to_the_second(made.first_received_at)} UTC" if made.first_received_at else ""
        kept = f" That is in {conflicts} {made.conflict}." if made.conflict else ""
        yield f"Verdict duplicate: the same event with the same payload was there {first}{when}. {_cleaned(made)}{kept}"
    elif made.verdict is Outcome.CONFLICT:
        yield f"Verdict conflict: its key was there with another payload, as raw {made.first}."
        yield f"It is in {conflicts} {made.conflict}: `bridge conflicts show {made.conflict}`."
        if made.accepted:
            yield f"It was held back, and accepted as raw {made.accepted}. {_cleaned(made)}"
        elif made.passed_on:
            yield f"It was passed on, for its key was a guessed one. {_cleaned(made)}"
        else:
            yield f"It is held back, for its key is documented: `bridge conflicts accept {made.conflict}` passes it on."
    elif made.verdict is Outcome.QUARANTINED:
        yield f"Verdict quarantined: {made.reason}. It is in {quarantine} {made.quarantined}."
        if made.replayed:
            yield _published_again(made.replayed)
    else:
        yield "What became of it was not found in what was searched."


def _published_again(replayed: str) -> str:
    return f"It was published again as raw {replayed}: `bridge explain {replayed}`."


def _cleaned(made: Delivery) -> str:
    if made.cleaned is None:
        return f"No cleaned record of it was found in {made.cleaned_topic}: retention may have deleted it."
    return f"Its cleaned record is {made.cleaned_topic} {made.cleaned}."


def _in_order(part: Mapping[str, Any]) -> str:
    order = f"order {part['order_id']}"
    if part["state"] is None:
        return f"There is no state of {order}: {part['why']}." if part["why"] else f"No state of {order} was found."
    if part["unprocessed"]:
        return f"The state of {order} ({part['state']}) is without it: {part['unprocessed']}."
    if part["fact"] is not None:
        return f"In the state of {order} ({part['state']}) it is fact {part['fact']} of {part['of']}, as they happened."
    if part["listed"]:
        return f"It is in the state of {order} ({part['state']})."
    return f"It is not among the facts that are listed for {order} ({part['state']}, {part['of']} facts)."


def of_order(story: OrderStory) -> Iterator[str]:
    """The state of an order, to be shown before its events."""
    yield from _state(story)
    for held in story.held_back:
        what = f"{held.event}, raw {held.raw}, is held back, for its key was there with another payload"
        yield f"{what}: `bridge conflicts show {held.conflict}`."


def _state(story: OrderStory) -> Iterator[str]:
    state = story.state
    if state is None or "order_id" not in state:
        why = (state or {}).get("detail") or "no state of it was found"
        yield f"Order {story.order_id}: {why}."
        return
    details = state.get("order") or {}
    known_as = f" (external id {details['external_id']})" if details.get("external_id") else ""
    yield f"Order {story.order_id}{known_as} is {state.get('status')}; {_missing(state)}."
    for failed in state.get("unprocessed", ()):
        yield f"Its state is without {failed['event']}, raw {failed['source']}: {failed['reason']}."


def of_blind_return(found: Mapping[str, Any]) -> str:
    """A blind return, as a worker reports it."""
    which = f"Return {found['return_id']}" if found["return_id"] else "A return"
    external = f" (external id {found['external_order_id']})" if found["external_order_id"] else ""
    received = f"received {to_the_second(found['received_at'])} UTC"
    raw = found["source"]
    return f"{which}{external} belongs to no order: raw {raw}, {received}; `bridge explain {raw}`."


def _missing(state: Mapping[str, Any]) -> str:
    waits = [*state.get("missing", ()), *state.get("stalled", ())]
    return f"it waits for {', '.join(waits)}" if waits else "nothing is missing"


def of_search(searched: Sequence[Searched], asked_worker: str, away: str) -> Iterator[str]:
    """What was asked and read."""
    if away:
        yield f"No worker could be asked, so the topics were: {away}"
    elif asked_worker:
        yield f"Asked: the worker at {asked_worker}."
    for words in dict.fromkeys(each.told() for each in searched):  # several deliveries search for the same
        yield f"Searched: {words}."
