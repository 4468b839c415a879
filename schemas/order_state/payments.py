"""The money of an order. Amounts have no sign: the status says which way the money goes."""

from pydantic import Field

from schemas.order_state.values import Instant, Money, Part, PaymentAction


class Payment(Part):
    """One step of one transaction: `amount` without a sign, `status` says which way the money goes."""

    status: PaymentAction | str = Field(description="What was done.")
    transaction_id: str | None = Field(description="The transaction; a capture and a refund may share it.")
    amount: Money | None = Field(description="How much, without a sign; null if it cannot be read.")
    currency: str | None = Field(description="ISO 4217.")
    correlation_id: str | None = Field(description="Of a refund: the return or the refund request that it is for.")
    instrument_id: str | None = Field(description="The means of payment.")
    payment_method: str | None = Field(description="The kind of it, such as `credit_card`.")
    payment_wallet: str | None = Field(description="The wallet that it is in, if any.")
    payment_provider: str | None = Field(description="Who processed the payment.")


class MethodSums(Part):
    """Sums of the payments by one payment method."""

    authorized: Money = Field(description="What was reserved.")
    captured: Money = Field(description="What was taken.")
    voided: Money = Field(description="What was reserved and released.")
    refunded: Money = Field(description="What was given back.")


class PaymentSums(MethodSums):
    """Sums of the payments in one currency. `net` = captured - refunded. `balance` = what the order costs - captured:
    more than 0 is due, less was taken too much, null where the order's total in this currency, or what was captured,
    is not known."""

    open_authorization: Money = Field(description="What is reserved and neither taken nor released, at least 0.")
    net: Money = Field(description="captured - refunded.")
    balance: Money | None = Field(description="grand_total - captured; null where one of them is not known.")
    by_method: dict[str, MethodSums] = Field(description="The same sums by payment method.")


class RefundRequest(Part):
    """One refund asked for without a return."""

    amount: Money | None = Field(description="How much is to be given back, without a sign.")
    currency: str | None = Field(description="ISO 4217.")
    payment_account_id: str | None = Field(description="The payment account: its id is the order's.")
    requested_at: Instant | None = Field(description="When it was asked for; UTC.")
    return_reason: str | None = Field(description="Why, in words.")
    reason_code: str | None = Field(description="Why, as a code.")
    note: str | None = Field(description="Free text, null if a setting withholds it.")
    refunded: Money = Field(description="What went out under its id.")
    refund_outstanding: Money | None = Field(description="amount - refunded; null where that is not known.")


class UnmatchedRefund(Part):
    """A refund whose correlation id names no return and no refund request that is known and has its currency;
    `payment` is its key there."""

    payment: str = Field(description="The key in `payments`.")
    amount: Money | None = Field(description="How much; null if it cannot be read.")
    currency: str | None = Field(description="ISO 4217.")
    correlation_id: str | None = Field(description="What it says that it is for.")
