"""NewStore's 42 events as pydantic models, for those who read the topics.

Reading never fails because of a payload: fields nobody knows are kept, fields that cannot be read are None. This
package needs pydantic and nothing else.
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
    """Read an event from a record's value; an `OtherEvent` if no model is for it.

    Raises ValueError if it is no JSON, which no topic of events holds.
    """
    document = loads(body)
    name = document.get("name") if isinstance(document, dict) else None
    model = EVENT_MODELS.get(name, OtherEvent) if isinstance(name, str) else OtherEvent
    try:
        return model.model_validate(document)
    except ValidationError:  # no valid envelope
        return OtherEvent()
