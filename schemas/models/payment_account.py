"""Events of a payment account: the money of one order."""

from typing import Annotated, Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.common import ExtendedAttribute
from schemas.models.values import Id, Members, Money, OrMap, Text


class Transaction(Part):
    """One movement of money."""

    id: Id = always("The transaction; a capture and a refund may share it.")
    instrument_id: Id = always("Which of the `instruments` was used.")
    amount: Money = always("How much, with or without a sign: the event's name says which way the money goes.")
    currency: Text = always("ISO 4217.")
    correlation_id: Id = always("Of a refund: the return's id.")
    extended_attributes: Annotated[Members[ExtendedAttribute], OrMap("name", "value")] = at_times(
        "What the retailer has attached; as JSON it may also be a map of values by name.",
        default=(),
    )


class Instrument(Part):
    """A means of payment."""

    id: Id = always("What a transaction's `instrument_id` names.")
    payment_method: Text = always("The kind of it, such as `credit_card`.")
    payment_wallet: Text = always("The wallet that it is in, if any.")
    payment_provider: Text = always("Who processes the payment.")


class PaymentAccountPayload(Payload):
    """The transactions that this event is about, and the means of payment."""

    id: Id = always("The payment account's id: the same as its order's.")
    order_id: Id = always("The order.")
    transactions: Members[Transaction] = always("The movements of money that this event is about.", default=())
    instruments: Members[Instrument] = always("The means of payment that they name.", default=())


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
