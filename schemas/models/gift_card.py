"""Events of a gift card. NewStore does not publish their payload."""

from typing import Literal

from schemas.models.base import EventModel, Payload


class GiftCardPayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class GiftCardDeactivated(EventModel):
    """A gift card can no longer be used."""

    name: Literal["gift_card.deactivated"]
    payload: GiftCardPayload


EVENTS = (GiftCardDeactivated,)
