"""What a cancellation means for the money: what the order costs since, and which refunds give back what is beyond."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from processors.orders.render.payments import Money
from schemas.money import EXACT, ZERO, total_of


class Cancelled(NamedTuple):
    """`left`: what the order costs since something of it was cancelled, in the currency that is judged; None: nothing
    was, or nobody knows what it is worth. `is_void`: all was cancelled, and nothing shipped."""

    left: Decimal | None
    is_void: bool
    total: Decimal | None
    """What it costs now, whether something was cancelled or not."""

    @classmethod
    def of(cls, money: Money, current_total: str | None, *, is_void: bool) -> "Cancelled":
        """Return what was cancelled of an order that now costs so much."""
        if is_void:
            return cls(ZERO, is_void, ZERO)
        total = None if current_total is None or money.grand_total is None else Decimal(current_total)
        return cls(None if total == money.grand_total else total, is_void, total)

    def balance(self, money: Money) -> Decimal | None:
        """Return what is due of what is left; None: nobody knows."""
        currency = money.currency or ""
        if self.total is None or currency not in money.sums or not money.is_read("captured", currency):
            return None
        return EXACT.subtract(self.total, money.sums[currency]["captured"])

    def owes_refund(self, money: Money) -> bool:
        """Whether more of the customer's money is kept than what is left costs, as far as it is known what he got."""
        currency = money.currency or ""
        if self.left is None or currency not in money.sums:
            return False
        if not (money.is_read("refunded", currency) and money.is_read("voided", currency)):
            return False
        return EXACT.subtract(money.kept(self.left), self.left) > money.slack(currency)

    def refunds(
        self, money: Money, unmatched: Iterable[Any], exchanged: Iterable[Any], requests: Iterable[Any]
    ) -> Collection[str]:
        """Return those of the unmatched refunds that give back what was taken beyond the price, for an item that was
        cancelled or twice: all in its currency, if together they are no more than that, and it is not back already: by
        voids, by refunds for the returns that it `exchanged`, or as exactly as much as refund requests (documents)
        got."""
        currency, price = money.currency or "", money.grand_total if self.total is None else self.total
        if price is None or currency not in money.sums:
            return ()
        found = {
            each.payment: each.amount
            for each in unmatched
            if each.amount is not None and (each.currency or "") == currency
        }
        if self.is_void or not found:
            return found.keys()
        excess, slack = EXACT.subtract(money.sums[currency]["captured"], price), money.slack(currency)
        given = [each.amount for each in exchanged if each.amount is not None and (each.currency or "") == currency]
        for amount in (*money.voided_captures.values(), *map(Decimal, given)):
            excess = EXACT.subtract(excess, amount)
        asked = [each.refunded for each in requests if (each.currency or currency) == currency]
        back = [amount for amount in (*map(Decimal, asked), total_of(asked)) if amount > 0]
        if excess <= 0 or any(EXACT.subtract(amount, excess).copy_abs() <= slack for amount in back):
            return ()
        return found.keys() if EXACT.subtract(total_of(found.values()), excess) <= slack else ()
