"""What is shown of a raw body: the values of listed fields, and that other fields are there. Pure.

A field that nobody has looked at may hold a name, an address or a code that opens something. So a field that is not on
the list is hidden, with everything in it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from schemas.exact_json import Number, parse

HIDDEN: Final = "•••"
SHOWN_LEVELS: Final = 100
"""Deeper parts are hidden, whatever the setting: the programs that show a body may not take more levels."""

_PARTS: Final = frozenset(
    {"payload", "items", "exchanges", "transactions", "instruments", "tax_provider_details", "discounts"}
)
"""Objects and lists whose fields are looked at one by one."""

_IDS: Final = """
    id order_id external_id external_order_id blind_order_id product_id pricebook_id return_id customer_id associate_id
    fulfillment_location_id fulfillment_node_id demand_location_id return_location_id instrument_id correlation_id
    payment_account_id origin_id chunk_number total_chunks logical_timestamp
"""
_CODES: Final = """
    tenant name status state kind item_type channel_type capture_type price_method tax_strategy service_level
    shipping_service_level carrier tracking_code payment_method payment_wallet payment_provider return_code reason_code
    condition_code coupon_code currency
"""
_REASONS: Final = "return_reason cancellation_reason"
"""In NewStore's words or a shop's. Whoever works with an order has to know why."""
_AMOUNTS: Final = """
    quantity count amount list_price pricebook_price item_discounts order_discounts tax rate subtotal discount_total
    shipping_total shipping_tax tax_total grand_total total_refund_amount total_refund_amount_adjusted
    total_refund_excl_tax total_refund_tax return_fee refund_amount refund_amount_adjusted refund_excl_tax refund_tax
    price_adjustment
"""
_INSTANTS: Final = """
    published_at created_at placed_at shipped_at returned_at requested_at processed_at completed_at started_at
"""
_FLAGS: Final = "is_exchange is_historical is_preorder tax_exempt"
SHOWN: Final = frozenset(" ".join((_IDS, _CODES, _REASONS, _AMOUNTS, _INSTANTS, _FLAGS)).split())
"""Fields that are shown, unless their value is an object, a list or a text of more than 200 characters."""
_ONLY_AT_THE_TOP: Final = frozenset({"name", "tenant"})
"""Shown in the envelope only: elsewhere a name may be a person's."""

is_field: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII).fullmatch
"""Matches keys that are shown, as names of fields. Other keys are data, and hidden."""
_LONGEST: Final = 200


def masked(body: bytes, *, everything: bool = False) -> Any:
    """Return what people see of a record's value. `everything`: hide no field. InvalidJson: `parse` refuses the value.

    Numbers that JSON readers would change, and NaN, become texts as they were written.
    """
    return _shown(parse(body).value, 0, everything=everything)


def _shown(value: Any, level: int, *, everything: bool) -> Any:
    if isinstance(value, dict):
        return _object(value, level, everything=everything) if level < SHOWN_LEVELS else HIDDEN
    if isinstance(value, list):
        if level >= SHOWN_LEVELS:
            return HIDDEN
        if everything:
            return [_shown(each, level + 1, everything=True) for each in value]
        return [_shown(each, level + 1, everything=False) if isinstance(each, dict) else HIDDEN for each in value]
    return _scalar(value)


def _object(value: Mapping[str, Any], level: int, *, everything: bool) -> dict[str, Any]:
    if everything:
        return {_text(name): _shown(part, level + 1, everything=True) for name, part in value.items()}
    return {
        name if is_field(name) else HIDDEN: _shown(part, level + 1, everything=False)
        if _is_shown(name, part, level)
        else HIDDEN
        for name, part in value.items()
    }


def _is_shown(name: str, part: Any, level: int) -> bool:
    if isinstance(part, dict | list):
        return name in _PARTS
    if part is None:
        return True
    if name in _ONLY_AT_THE_TOP and level > 0:
        return False
    return name in SHOWN and not (isinstance(part, str) and len(part) > _LONGEST)


def _scalar(value: Any) -> Any:
    if isinstance(value, Number):
        return _number(value)
    return _text(value) if isinstance(value, str) else value


def _number(value: Number) -> int | float | str:
    text = value.canonical
    try:
        read: int | float = orjson.loads(text)  # reads whole numbers beyond 64 bits as doubles, and does not write them
    except ValueError:  # NaN, or beyond what doubles hold
        return str(value)
    return read if str(read) == text else str(value)


def _text(text: str) -> str:
    """Write lone surrogates as escapes: an answer cannot contain them."""
    return text.encode("utf-8", "backslashreplace").decode()
