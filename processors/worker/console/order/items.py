"""Items of an order: how far each is on its way, and how often its fulfilment was tried."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from processors.orders.verdict.pieces import held_since
from schemas.order_state import FulfillmentRequest, Item, OrderState

MOST_OTHERS: Final = 3
"""Most requests that are named beside a failed one: thousands may share an item."""


class Step(StrEnum):
    """How far a stage of an item's life has come, which decides how it looks."""

    DONE = "done"
    PARTLY = "partly"
    OPEN = "open"
    BACK = "back"
    NONE = "none"


class Stage(NamedTuple):
    """One stage: `says` is its text, `step` how it looks."""

    says: str
    step: Step


class ItemLine(NamedTuple):
    """One item. `attempts` is the number of requests that named it; `links` are a swap's other items."""

    id: str
    item: Item
    stages: Sequence[Stage]
    attempts: int
    links: Sequence[tuple[str, str]]


def item_lines(state: OrderState, chosen: Sequence[tuple[str, Item]]) -> Iterator[ItemLine]:
    """Yield a line for each chosen item of the order."""
    requested: dict[str, list[str]] = {}
    for request in state.fulfillment_requests.values():
        for item_id, asked in request.items.items():
            requested.setdefault(item_id, []).append(asked.status)
    for item_id, item in chosen:
        said = requested.get(item_id, [])
        yield ItemLine(item_id, item, list(_stages(item, said)), len(said), list(_links(item)))


def _stages(item: Item, requested: Sequence[str]) -> Iterator[Stage]:
    yield Stage("ordered", Step.DONE) if item.ordered else Stage("not in the order's list", Step.NONE)
    if item.status in {"cancelled", "replaced", "on_hold"}:
        since = held_since(item)
        yield Stage(f"{item.status.replace('_', ' ')}{f' since {since}' if since else ''}", Step.BACK)
    if item.cancelled_quantity and item.status != "cancelled":
        yield Stage(_counted("cancelled", item.cancelled_quantity, item.quantity), Step.BACK)
    has_gone = bool(item.shipped_quantity) or item.status in {"complete", "returned"}
    yield Stage("assigned", Step.DONE if requested or has_gone else Step.OPEN)
    if "ready" in requested and not has_gone:
        yield Stage("ready", Step.DONE)
    yield _pieces("shipped", item.shipped_quantity or 0, item.quantity, is_done=has_gone)
    if item.returned_quantity:
        text = _counted("returned", item.returned_quantity, item.quantity)
        yield Stage(text, Step.BACK)


def _pieces(word: str, number: int, of: int | None, *, is_done: bool) -> Stage:
    if not is_done:
        return Stage(word, Step.OPEN)
    if of is not None and 0 < number < of:
        return Stage(_counted(word, number, of), Step.PARTLY)
    return Stage(_counted(word, number, of) if number > 1 else word, Step.DONE)


def _counted(word: str, number: int, of: int | None) -> str:
    if of is None:
        return f"{word} {number:,}"
    return word if number == of == 1 else f"{word} {number:,}/{of:,}"


def _links(item: Item) -> Iterator[tuple[str, str]]:
    if item.replaced_by:
        yield "replaced by", item.replaced_by
    if item.replaces:
        yield "replaces", item.replaces


def rerouted_to(state: OrderState, chosen: Sequence[tuple[str, FulfillmentRequest]]) -> Mapping[str, Sequence[str]]:
    """Return, for each failed request among the chosen ones, the first `MOST_OTHERS` other requests that name one of
    its items: the items may have gone there next."""
    failed = {request_id: request for request_id, request in chosen if request.status == "failed"}
    naming: dict[str, list[str]] = {item_id: [] for request in failed.values() for item_id in request.items}
    for request_id, request in state.fulfillment_requests.items():
        for item_id in naming.keys() & request.items.keys():
            if len(naming[item_id]) <= MOST_OTHERS:  # one more, as one of them is the failed request
                naming[item_id].append(request_id)
    return {
        request_id: list(
            dict.fromkeys(other for item_id in request.items for other in naming[item_id] if other != request_id)
        )[:MOST_OTHERS]
        for request_id, request in failed.items()
    }
