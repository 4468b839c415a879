"""Documents that would be larger than their topic takes: what can be read elsewhere is left out, part by part."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from processors.orders.render.document import as_json

_LEFT: Final[Mapping[str, Any]] = {
    "timeline": [],
    "fulfillment_requests.items": {},
    "contradictions.facts": [],
    "order.extended_attributes": None,
    "returns.items": [],
    "returns.unmapped": [],
    "invoices": {},
    "payments": {},
    "fulfillment_requests": {},
    "items": {},
    "order.customer": None,
    "order.discounts": None,
    "returns": {},
    "refund_requests": {},
    "unmatched_refunds": [],
    "contradictions": [],
    "attention": [],
}
"""By field, or field in each of a field's parts, what it has once it is left out: first what is the most and says the
least. The whole of it is answered by the worker."""


def written_within(state: Any, most_bytes: int) -> bytes:
    """Write a document, without so many of these parts that it has at most so many bytes: it says without which. What
    is left may have more still, of an order that no other step would help."""
    written = as_json(state)
    for name in _LEFT:
        if len(written) <= most_bytes:
            break
        if _is_there(state, name):
            state = replace(_without(state, name), truncated=[*state.truncated, name])
            written = as_json(state)
    return written


def _without(state: Any, name: str) -> Any:
    field, _, inner = name.partition(".")
    parts, left = getattr(state, field), _LEFT[name]
    if not inner:
        return replace(state, **{field: left})
    if isinstance(parts, dict):
        return replace(state, **{field: {key: replace(part, **{inner: left}) for key, part in parts.items()}})
    if isinstance(parts, list):
        return replace(state, **{field: [replace(part, **{inner: left}) for part in parts]})
    return replace(state, **{field: replace(parts, **{inner: left})})


def _is_there(state: Any, name: str) -> bool:
    """Whether there is anything to leave out; an order whose list is not known has no fields."""
    first, _, inner = name.partition(".")
    parts = getattr(state, first)
    if not inner or not parts:
        return bool(parts)
    members = parts.values() if isinstance(parts, dict) else parts if isinstance(parts, list) else [parts]
    return any(getattr(part, inner) for part in members)
