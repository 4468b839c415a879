"""The price of a line item in cents: price, discounts and taxes, all exact, so that totals are plain sums."""

from dataclasses import dataclass
from random import Random

from commands.simulate.shop import Market, Product, any_product


def money(cents: int) -> int | float:
    """Whole amounts as integers, others as decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def decimal_money(cents: int) -> float:
    """Decimals for whole amounts, too: payments have 5.0 where orders have 5."""
    return cents / 100


def share_of(cents: int, ten_thousandths: int) -> int:
    """A share of an amount, in whole cents; half a cent is rounded up."""
    return (cents * ten_thousandths + 5_000) // 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line item of one piece, as in NewStore. `taxes`: name, rate in ten-thousandths, amount."""

    id: str
    product: Product
    item_discount: int
    order_discount: int
    taxes: tuple[tuple[str, int, int], ...]

    @property
    def discount(self) -> int:
        """Both discounts."""
        return self.item_discount + self.order_discount

    @property
    def net(self) -> int:
        """Without tax."""
        return self.product.price - self.discount

    @property
    def tax(self) -> int:
        """All taxes."""
        return sum(amount for _, _, amount in self.taxes)

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.net + self.tax


def new_line(rng: Random, line_id: str, market: Market, order_discount: int) -> Line:
    """Some product at its price. `order_discount`: in ten-thousandths of the item's discounted price."""
    chosen = any_product(rng)
    item_discount = share_of(chosen.price, rng.choice((1000, 2000, 3000))) if rng.random() < 0.15 else 0
    on_order = share_of(chosen.price - item_discount, order_discount)
    net = chosen.price - item_discount - on_order
    taxes = tuple((name, rate, share_of(net, rate)) for name, rate in market.taxes)
    return Line(line_id, chosen, item_discount, on_order, taxes)


def shipping_price(rng: Random, market: Market) -> tuple[int, int]:
    """The price of shipping and its tax."""
    price = rng.choice((0, 0, 500, 995))
    return price, share_of(price, sum(rate for _, rate in market.taxes))
