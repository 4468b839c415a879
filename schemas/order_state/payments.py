"""The money of an order. Amounts have no sign: the status says which way the money goes."""

from pydantic import Field

from schemas.order_state.values import Instant, Money, Part, PaymentAction


class Payment(Part):
    """One step of one transaction. `amount` has no sign: `status` says which way the money goes."""

    status: PaymentAction | str = Field(description="The kind of step.")
    transaction_id: str | None = Field(description="The transaction id. A capture and a refund may share it.")
    amount: Money | None = Field(description="The amount, without a sign; null if it cannot be read.")
    currency: str | None = Field(description="ISO 4217 code of the currency.")
    correlation_id: str | None = Field(
        description="For a refund: the return or the refund request that the refund is for."
    )
    instrument_id: str | None = Field(description="The payment instrument.")
    payment_method: str | None = Field(description="The payment method, such as `credit_card`.")
    payment_wallet: str | None = Field(description="The wallet of the instrument, if it has one.")
    payment_provider: str | None = Field(description="The provider that processed the payment.")


class MethodSums(Part):
    """Sums of the payments by one payment method."""

    authorized: Money = Field(description="The sum of the authorizations.")
    captured: Money = Field(description="The sum of the captures.")
    voided: Money = Field(description="The sum of the voids.")
    refunded: Money = Field(description="The sum of the refunds.")


class PaymentSums(MethodSums):
    """Sums of the payments in one currency. `net` = captured - refunded. `balance` = the price of the order - captured:
    above 0, that amount is due; below 0, too much was captured. `balance` is null if the order's total in this
    currency, or a captured amount, is not known."""

    open_authorization: Money = Field(
        description="The amount that is authorized and neither captured nor voided, at least 0."
    )
    net: Money = Field(description="captured - refunded.")
    balance: Money | None = Field(description="grand_total - captured; null if one of them is not known.")
    by_method: dict[str, MethodSums] = Field(description="The same sums by payment method.")


class RefundRequest(Part):
    """One refund that was requested without a return."""

    amount: Money | None = Field(description="The amount to refund, without a sign.")
    currency: str | None = Field(description="ISO 4217 code of the currency.")
    payment_account_id: str | None = Field(description="The payment account. Its id is the order's id.")
    requested_at: Instant | None = Field(description="When the refund was requested; UTC.")
    return_reason: str | None = Field(description="The reason, in words.")
    reason_code: str | None = Field(description="The reason, as a code.")
    note: str | None = Field(description="Free text; null if a setting withholds it.")
    refunded: Money = Field(description="The sum of the refunds under the id of this request.")
    refund_outstanding: Money | None = Field(description="amount - refunded; null if that is not known.")


class UnmatchedRefund(Part):
    """A refund whose correlation id names no known return or refund request with the refund's currency. `payment` is
    the refund's key in `payments`."""

    payment: str = Field(description="The key of the refund in `payments`.")
    amount: Money | None = Field(description="The amount; null if it cannot be read.")
    currency: str | None = Field(description="ISO 4217 code of the currency.")
    correlation_id: str | None = Field(description="The correlation id that the refund names.")
