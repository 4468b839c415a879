"""Events of an invoice."""

from typing import Literal

from schemas.models.base import EventModel, Payload, always
from schemas.models.values import Id


class InvoicePayload(Payload):
    """NewStore does not publish these fields. Only the ids are certain."""

    fields_published = False

    id: Id = always("The invoice's id.")
    order_id: Id = always("The order.")


class InvoiceCreated(EventModel):
    """An invoice was issued when the goods were packed or their shipping was confirmed."""

    name: Literal["invoice.created"]
    payload: InvoicePayload


EVENTS = (InvoiceCreated,)
