"""Documents that would be larger than their topic takes: what can be read elsewhere is left out, part by part."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from processors.orders.render.document import as_json


def _without(*path: str, by: Any) -> Callable[[Any], Any]:
    """A document without a field, or without one in each of its field's parts."""

    def cut(state: Any) -> Any:
        name, *inner = path
        if not inner:
            return replace(state, **{name: by})
        parts, [field] = getattr(state, name), inner
        if isinstance(parts, dict):
            return replace(state, **{name: {key: replace(part, **{field: by}) for key, part in parts.items()}})
        if isinstance(parts, list):
            return replace(state, **{name: [replace(part, **{field: by}) for part in parts]})
        return replace(state, **{name: replace(parts, **{field: by})})

    return cut


_STEPS: Final[Sequence[tuple[str, Callable[[Any], Any]]]] = (
    ("timeline", _without("timeline", by=[])),
    ("fulfillment_requests.items", _without("fulfillment_requests", "items", by={})),
    ("contradictions.facts", _without("contradictions", "facts", by=[])),
    ("order.extended_attributes", _without("order", "extended_attributes", by=None)),
    ("returns.items", _without("returns", "items", by=[])),
    ("returns.unmapped", _without("returns", "unmapped", by=[])),
    ("invoices", _without("invoices", by={})),
    ("payments", _without("payments", by={})),
    ("fulfillment_requests", _without("fulfillment_requests", by={})),
    ("items", _without("items", by={})),
    ("order.customer", _without("order", "customer", by=None)),
    ("order.discounts", _without("order", "discounts", by=None)),
    ("returns", _without("returns", by={})),
    ("refund_requests", _without("refund_requests", by={})),
    ("unmatched_refunds", _without("unmatched_refunds", by=[])),
    ("contradictions", _without("contradictions", by=[])),
    ("attention", _without("attention", by=[])),
)
"""First what is the most and says the least: the whole of it is answered by the worker."""


def written_within(state: Any, most_bytes: int) -> bytes:
    """Write a document, without so many of these parts that it has at most so many bytes: it says without which. What
    is left may have more still, of an order that no other step would help."""
    written = as_json(state)
    for name, cut in _STEPS:
        if len(written) <= most_bytes:
            break
        if not _is_there(state, name):
            continue
        state = replace(cut(state), truncated=[*state.truncated, name])
        written = as_json(state)
    return written


def _is_there(state: Any, name: str) -> bool:
    """Whether there is anything to leave out; an order whose list is not known has no fields."""
    first, _, inner = name.partition(".")
    parts = getattr(state, first)
    if not inner or not parts:
        return bool(parts)
    members = parts.values() if isinstance(parts, dict) else parts if isinstance(parts, list) else [parts]
    return any(getattr(part, inner) for part in members)
