"""What a cancellation means for the money: what the order costs since, and which refunds give back what is beyond."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from processors.orders.render.payments import Money
from processors.orders.render.returns import may_be_fee
from schemas.money import EXACT, ZERO, total_of


class Cancelled(NamedTuple):
    """`left`: what the order costs since something of it was cancelled, in the currency that is judged; None: nothing
    was, or nobody knows what it is worth. `is_void`: all was cancelled, and nothing shipped."""

    left: Decimal | None
    is_void: bool
    total: Decimal | None
    """What it costs now, whether something was cancelled or not."""
    is_unknown: bool = False
    """Something was cancelled, and nobody knows what it is worth."""
    at_least: Decimal | None = None
    """What the rest costs then, if anybody knows that: there, no refund may leave less."""

    @classmethod
    def of(cls, money: Money, current_total: str | None, *, is_void: bool, is_unknown: bool) -> "Cancelled":
        """Return what was cancelled of an order that now costs so much; `is_unknown` counts of one that is not void."""
        if is_void:
            return cls(ZERO, is_void, ZERO)
        total = None if current_total is None or money.grand_total is None else Decimal(current_total)
        return cls(None if total == money.grand_total else total, is_void, total, is_unknown)

    def balance(self, money: Money) -> Decimal | None:
        """Return what is due of what it costs now; None: nobody knows."""
        currency, price = money.currency or "", self._price(money)
        if price is None or currency not in money.sums or not money.is_read("captured", currency):
            return None
        return EXACT.subtract(price, money.sums[currency]["captured"])

    def owes_refund(self, money: Money) -> bool:
        """Whether more of the customer's money is kept than what is left costs, as far as it is known what he got."""
        return self.left is not None and _keeps_more(money, self.left)

    def is_overpaid(self, money: Money) -> bool:
        """Whether more is kept than it costs now, whether something was cancelled or not, as far as both are known."""
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
        *,
        again: Decimal = ZERO,
    ) -> Collection[str]:
        """Return those of the unmatched refunds that give back what was taken beyond the price, for an item that was
        cancelled or twice: all in its currency, if together they are no more than that, and it is not back already: by
        voids, by refunds for the returns that it `exchanged`, or as exactly as much as refund requests (documents)
        got. Where nobody knows what a cancelled item is worth, there is no price to go by: then they may be for that if
        they leave what is not cancelled costs `at_least`, which is something, and what `returns` and requests are
        due, without what these got `again` in place of credits."""
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
            due = EXACT.subtract(EXACT.subtract(_due_for([*asked, *back_for]), fees), again)
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
    """What returns and refund requests (documents) got, and still get, as far as that is known."""
    found = ZERO
    for each in promised:
        owed = Decimal(each.refund_outstanding or 0)
        found = EXACT.add(EXACT.add(found, Decimal(each.refunded)), max(ZERO, owed))
    return found
