"""Events of a cash drawer. NewStore does not publish their payloads."""

from typing import Literal

from schemas.models.base import EventModel, Payload


class CashDrawerPayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class CashDrawerActivityRecorded(EventModel):
    """An activity was recorded for a cash drawer."""

    name: Literal["cash_drawer.activity_recorded"]
    payload: CashDrawerPayload


class CashDrawerCountSubmitted(EventModel):
    """The cash in a drawer was counted."""

    name: Literal["cash_drawer.count_submitted"]
    payload: CashDrawerPayload


class CashDrawerDrawerCreated(EventModel):
    """A cash drawer was set up."""

    name: Literal["cash_drawer.drawer_created"]
    payload: CashDrawerPayload


class CashDrawerDrawerUpdated(EventModel):
    """A cash drawer's data was changed."""

    name: Literal["cash_drawer.drawer_updated"]
    payload: CashDrawerPayload


class CashDrawerFloatDefined(EventModel):
    """The initial amount of cash in a drawer was defined. The same amount each morning is a new event."""

    name: Literal["cash_drawer.float_defined"]
    payload: CashDrawerPayload


class CashDrawerTransactionCompleted(EventModel):
    """Cash was paid in or out."""

    name: Literal["cash_drawer.transaction_completed"]
    payload: CashDrawerPayload


EVENTS = (
    CashDrawerActivityRecorded, CashDrawerCountSubmitted, CashDrawerDrawerCreated, CashDrawerDrawerUpdated,
    CashDrawerFloatDefined, CashDrawerTransactionCompleted,
)  # fmt: skip
