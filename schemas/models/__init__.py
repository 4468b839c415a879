"""NewStore's 42 events as pydantic models, for readers of the topics.

No payload makes reading fail: unknown fields are kept, and fields that cannot be read are None, or empty if they are
lists or maps. This package needs only pydantic.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from schemas.models import (
    cash_drawer,
    customer,
    employee,
    fulfillment_request,
    gift_card,
    inventory,
    invoice,
    order,
    payment_account,
    refund_request,
    return_,
)
from schemas.models.base import EventModel, OtherEvent, Part, Payload, name_of
from schemas.models.exact import loads

__all__ = ["EVENT_MODELS", "EventModel", "OtherEvent", "Part", "Payload", "parse"]

_FAMILIES: Final = (
    order, fulfillment_request, invoice, return_, refund_request, payment_account, inventory, customer, employee,
    cash_drawer, gift_card,
)  # fmt: skip

EVENT_MODELS: Final[Mapping[str, type[EventModel]]] = MappingProxyType(
    {name_of(model): model for family in _FAMILIES for model in family.EVENTS}
)
"""The model of each of the 42 event names."""


def parse(body: bytes) -> EventModel:
    """Return the event in a record's value; an `OtherEvent` if it has no model.

    ValueError: the value is no JSON. No topic of events has such a value.
    """
    document = loads(body)
    name = document.get("name") if isinstance(document, dict) else None
    model = EVENT_MODELS.get(name, OtherEvent) if isinstance(name, str) else OtherEvent
    try:
        return model.model_validate(document)
    except ValidationError:  # no valid envelope
        return OtherEvent()
