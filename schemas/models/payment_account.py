"""Events of a payment account: the money of one order."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always
from schemas.models.common import ExtendedAttribute
from schemas.models.values import Id, Members, Money, Text


class Transaction(Part):
    """One movement of money."""

    id: Id = always()
    instrument_id: Id = always("Which of the `instruments` was used.")
    amount: Money = always()
    currency: Text = always("ISO 4217.")
    correlation_id: Id = always("Of a refund: the return's id.")
    extended_attributes: Members[ExtendedAttribute] = ()


class Instrument(Part):
    """A means of payment."""

    id: Id = always()
    payment_method: Text = always()
    payment_wallet: Text = always()
    payment_provider: Text = always()


class PaymentAccountPayload(Payload):
    """The transactions that this event is about, and the means of payment."""

    id: Id = always("The payment account's id: the same as its order's.")
    order_id: Id = always()
    transactions: Members[Transaction] = always(default=())
    instruments: Members[Instrument] = always(default=())


class PaymentAccountAmountAuthorized(EventModel):
    """Money was reserved."""

    name: Literal["payment_account.amount_authorized"]
    payload: PaymentAccountPayload


class PaymentAccountAmountCaptured(EventModel):
    """Money was taken."""

    name: Literal["payment_account.amount_captured"]
    payload: PaymentAccountPayload


class PaymentAccountAmountRefunded(EventModel):
    """Money was given back."""

    name: Literal["payment_account.amount_refunded"]
    payload: PaymentAccountPayload


class PaymentAccountAmountVoided(EventModel):
    """Reserved money was released."""

    name: Literal["payment_account.amount_voided"]
    payload: PaymentAccountPayload


EVENTS = (
    PaymentAccountAmountAuthorized, PaymentAccountAmountCaptured, PaymentAccountAmountRefunded,
    PaymentAccountAmountVoided,
)  # fmt: skip
