"""Events of a payment account: the money of one order."""

from typing import Annotated, Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.common import ExtendedAttribute
from schemas.models.values import Id, Members, Money, OrMap, Text


class Transaction(Part):
    """One movement of money."""

    id: Id = always("The transaction id. A capture and a refund may share it.")
    instrument_id: Id = always("The instrument that was used: one of `instruments`.")
    amount: Money = always("The amount, with or without a sign. The event's name says which way the money goes.")
    currency: Text = always("ISO 4217 code of the currency.")
    correlation_id: Id = always("For a refund: the return's id.")
    extended_attributes: Annotated[Members[ExtendedAttribute], OrMap("name", "value")] = at_times(
        "Names and values that the retailer attached. In JSON, this may also be a map from names to values.",
        default=(),
    )


class Instrument(Part):
    """A payment instrument."""

    id: Id = always("The instrument's id. A transaction names it as `instrument_id`.")
    payment_method: Text = always("The payment method, such as `credit_card`.")
    payment_wallet: Text = always("The wallet of the instrument, if it has one.")
    payment_provider: Text = always("The provider that processes the payment.")


class PaymentAccountPayload(Payload):
    """The transactions that this event is about, and their payment instruments."""

    id: Id = always("The payment account's id, which is the same as the order's id.")
    order_id: Id = always("The order.")
    transactions: Members[Transaction] = always("The movements of money that this event is about.", default=())
    instruments: Members[Instrument] = always("The payment instruments that the transactions name.", default=())


class PaymentAccountAmountAuthorized(EventModel):
    """Money was reserved (authorized)."""

    name: Literal["payment_account.amount_authorized"]
    payload: PaymentAccountPayload


class PaymentAccountAmountCaptured(EventModel):
    """Money was taken (captured)."""

    name: Literal["payment_account.amount_captured"]
    payload: PaymentAccountPayload


class PaymentAccountAmountRefunded(EventModel):
    """Money was given back (refunded)."""

    name: Literal["payment_account.amount_refunded"]
    payload: PaymentAccountPayload


class PaymentAccountAmountVoided(EventModel):
    """Reserved money was released (voided)."""

    name: Literal["payment_account.amount_voided"]
    payload: PaymentAccountPayload


EVENTS = (
    PaymentAccountAmountAuthorized, PaymentAccountAmountCaptured, PaymentAccountAmountRefunded,
    PaymentAccountAmountVoided,
)  # fmt: skip
