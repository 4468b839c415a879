"""NewStore's 42 events as pydantic models, for those who read the topics.

Reading never fails because of a payload: fields nobody knows are kept, fields that cannot be read are None. This
package needs pydantic and nothing else.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

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
from schemas.models.base import EventModel, Part, Payload, name_of
from schemas.models.exact import loads
from schemas.models.other import OtherEvent

__all__ = ["EVENT_MODELS", "EventModel", "OtherEvent", "Part", "Payload", "parse", "read"]

_FAMILIES: Final = (
    order, fulfillment_request, invoice, return_, refund_request, payment_account, inventory, customer, employee,
    cash_drawer, gift_card,
)  # fmt: skip

EVENT_MODELS: Final[Mapping[str, type[EventModel]]] = MappingProxyType(
    {name_of(model): model for family in _FAMILIES for model in family.EVENTS}
)
"""The model of each of the 42 event names."""


def parse(body: bytes) -> EventModel:
    """Read an event from a record's value; raises ValueError if that is no JSON, which no topic of events holds."""
    return read(loads(body))


def read(document: Any) -> EventModel:
    """Read an event from JSON that `exact.loads` has read; an `OtherEvent` if no model is for it."""
    name = document.get("name") if isinstance(document, dict) else None
    model = EVENT_MODELS.get(name, OtherEvent) if isinstance(name, str) else OtherEvent
    try:
        return model.model_validate(document)
    except ValidationError:  # no valid envelope
        return OtherEvent()
