"""The fold: which event changes what in the accumulator. Facts come in canonical order, each one once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from processors.orders.extract import Data
from processors.orders.folded import Folded, nothing
from processors.orders.items import closed, listed, moved, noted, released
from processors.orders.returns import processed

FOLD_VERSION: Final = 1
"""Raised with every change of what facts amount to: rows of another version are folded again."""

Handler = Callable[[Folded, str, Data], None]
"""Takes the accumulator, which it changes, the fact's key string and its data."""


def fold(facts: Iterable[tuple[str, str, Data]]) -> Folded:
    """Return what facts, each as event name, key string and data, in canonical order, amount to."""
    folded = nothing()
    for event, key, data in facts:
        step(folded, event, key, data)
    return folded


def step(folded: Folded, event: str, key: str, data: Data) -> None:
    """Add one fact that comes after all those already folded."""
    if event not in folded["names"]:
        folded["names"].append(event)
    handler = _HANDLERS.get(event)
    if handler is not None:
        handler(folded, key, data)
    elif event.startswith("fulfillment_request."):
        _request_unknown(folded, key, data)


def _order_created(folded: Folded, _key: str, data: Data) -> None:
    listed(folded, data, by="created")


def _order_opened(folded: Folded, _key: str, data: Data) -> None:
    listed(folded, data, by="opened")


def _order_shipped(folded: Folded, _key: str, data: Data) -> None:
    folded["shipped"] = True
    closed(folded, data, default="complete")


def _order_completed(folded: Folded, _key: str, data: Data) -> None:
    closed(folded, data, default="complete")


def _order_cancelled(folded: Folded, _key: str, data: Data) -> None:
    closed(folded, data, default="cancelled")


def _items_on_hold(folded: Folded, _key: str, data: Data) -> None:
    moved(folded, data, to="on_hold")


def _items_cancelled(folded: Folded, _key: str, data: Data) -> None:
    moved(folded, data, to="cancelled")


def _items_swapped(folded: Folded, _key: str, data: Data) -> None:
    released(folded, data, to="pending")


def _request_assigned(folded: Folded, _key: str, data: Data) -> None:
    noted(folded, data, assigned=True)
    moved(folded, data, to="in_fulfillment")


def _request_ready(folded: Folded, _key: str, data: Data) -> None:
    noted(folded, data, assigned=False)
    moved(folded, data, to="in_fulfillment")


def _request_failed(folded: Folded, _key: str, data: Data) -> None:
    noted(folded, data, assigned=False)
    moved(folded, data, to="pending")


def _request_completed(folded: Folded, _key: str, data: Data) -> None:
    folded["shipped"] = True
    noted(folded, data, assigned=False)
    moved(folded, data, to="complete")


def _request_unknown(folded: Folded, _key: str, data: Data) -> None:
    noted(folded, data, assigned=False)
    released(folded, data, to="in_fulfillment")


_HANDLERS: Final[Mapping[str, Handler]] = {
    "order.created": _order_created,
    "order.opened": _order_opened,
    "order.shipped": _order_shipped,
    "order.completed": _order_completed,
    "order.cancelled": _order_cancelled,
    "order.items_on_hold": _items_on_hold,
    "order.items_cancelled": _items_cancelled,
    "order.items_swapped": _items_swapped,
    "fulfillment_request.assigned": _request_assigned,
    "fulfillment_request.items_ready_for_handover": _request_ready,
    "fulfillment_request.items_failed": _request_failed,
    "fulfillment_request.items_completed": _request_completed,
    "return.processed": processed,
}
"""Events without a handler are in the timeline and change nothing else."""
