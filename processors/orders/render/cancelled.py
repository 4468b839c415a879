"""What a cancellation means for the money: what the order costs now, and which refunds give back the excess."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from processors.orders.render.payments import Money
from processors.orders.render.returns import may_be_fee
from schemas.money import EXACT, ZERO, total_of


class Cancelled(NamedTuple):
    """`left`: what the order costs after a cancellation, in the currency that is judged; None if nothing was cancelled,
    or nobody knows what it was worth. `is_void`: the whole order is cancelled, and nothing was shipped."""

    left: Decimal | None
    is_void: bool
    total: Decimal | None
    """What the order costs now, with or without a cancellation."""
    is_unknown: bool = False
    """Something was cancelled, and nobody knows what it is worth."""
    at_least: Decimal | None = None
    """If `is_unknown`: the least that the rest costs, if known. Refunds may not leave less."""

    @classmethod
    def of(cls, money: Money, current_total: str | None, *, is_void: bool, is_unknown: bool) -> "Cancelled":
        """Return what was cancelled of an order that costs `current_total` now. `is_unknown` is ignored if the order is
        void."""
        if is_void:
            return cls(ZERO, is_void, ZERO)
        total = None if current_total is None or money.grand_total is None else Decimal(current_total)
        return cls(None if total == money.grand_total else total, is_void, total, is_unknown)

    def balance(self, money: Money) -> Decimal | None:
        """Return what the order costs now minus its captures; None: unknown."""
        currency, price = money.currency or "", self._price(money)
        if price is None or currency not in money.sums or not money.is_read("captured", currency):
            return None
        return EXACT.subtract(price, money.sums[currency]["captured"])

    def owes_refund(self, money: Money) -> bool:
        """Whether the shop keeps more than the rest of a partly or wholly cancelled order costs. False if a refund or
        void cannot be read."""
        return self.left is not None and _keeps_more(money, self.left)

    def is_overpaid(self, money: Money) -> bool:
        """Whether the shop keeps more than the order costs now, with or without a cancellation. False if the price or
        what was given back is not known."""
        price = self._price(money)
        return price is not None and _keeps_more(money, price)

    def _price(self, money: Money) -> Decimal | None:
        return money.grand_total if self.total is None and not self.is_unknown else self.total

    def refunds(
        self,
        money: Money,
        unmatched: Iterable[Any],
        exchanged: Iterable[Any],
        returns: Iterable[Any],
        requests: Iterable[Any],
    ) -> Collection[str]:
        """Return the payments of the unmatched refunds if these may give back what was cancelled or taken twice: all of
        them in the judged currency, or none. All if the order is void.

        If the price is known, they are together no more than what was captured beyond it, and that excess is not back
        already: voided, refunded for the returns that this order is the exchange for (`exchanged`), or refunded as
        exactly as much for `requests`. If not, they leave something: no less than the rest costs `at_least`, and no
        less than `returns` and `requests` (documents) got and are still to get. See docs/order-state.md#money,
        "Refunds that name nothing known".
        """
        currency, price = money.currency or "", money.grand_total if self.total is None else self.total
        if (price is None and not self.is_unknown) or currency not in money.sums:
            return ()
        found = {
            each.payment: each.amount
            for each in unmatched
            if each.amount is not None and (each.currency or "") == currency
        }
        if self.is_void or not found:
            return found.keys()
        spare, slack = money.sums[currency]["captured"], money.slack(currency)
        given = [each.amount for each in exchanged if each.amount is not None and (each.currency or "") == currency]
        asked = [each for each in requests if (each.currency or currency) == currency]
        for amount in (*money.voided_captures.values(), *map(Decimal, given)):
            spare = EXACT.subtract(spare, amount)
        together = total_of(found.values())
        if price is None or self.is_unknown:
            rest = EXACT.subtract(spare, together)
            back_for = [each for each in returns if (each.currency or currency) == currency]
            fees = total_of(each.refund_outstanding for each in back_for if may_be_fee(each, money))
            due = EXACT.subtract(_due_for([*asked, *back_for]), fees)
            least = max(due, ZERO if self.at_least is None else self.at_least)
            return found.keys() if rest > slack and EXACT.subtract(least, rest) <= slack else ()
        excess, back = EXACT.subtract(spare, price), [each.refunded for each in asked]
        gone = [amount for amount in (*map(Decimal, back), total_of(back)) if amount > 0]
        if excess <= 0 or any(EXACT.subtract(amount, excess).copy_abs() <= slack for amount in gone):
            return ()
        return found.keys() if EXACT.subtract(together, excess) <= slack else ()


def _keeps_more(money: Money, price: Decimal) -> bool:
    currency = money.currency or ""
    if currency not in money.sums:
        return False
    if not (money.is_read("refunded", currency) and money.is_read("voided", currency)):
        return False
    return EXACT.subtract(money.kept(price), price) > money.slack(currency)


def _due_for(promised: Iterable[Any]) -> Decimal:
    """What returns and refund requests (documents) got and are still to get, as far as known."""
    found = ZERO
    for each in promised:
        owed = Decimal(each.refund_outstanding or 0)
        found = EXACT.add(EXACT.add(found, Decimal(each.refunded)), max(ZERO, owed))
    return found
