"""Documents that are larger than their topic takes: parts that can be read elsewhere are left out, one by one."""

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
"""By field, or field in each part of a field, its value once it is left out. What is largest and says least comes
first. The worker answers with the whole document."""


def written_within(state: Any, most_bytes: int) -> bytes:
    """Return a document as JSON of at most `most_bytes`. Of the parts above, as many as needed are left out, and
    `truncated` names them. If it is too large even without all of them, it has more bytes."""
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
    """Whether there is anything to leave out; `order` is empty until order.created or order.opened comes."""
    first, _, inner = name.partition(".")
    parts = getattr(state, first)
    if not inner or not parts:
        return bool(parts)
    members = parts.values() if isinstance(parts, dict) else parts if isinstance(parts, list) else [parts]
    return any(getattr(part, inner) for part in members)
