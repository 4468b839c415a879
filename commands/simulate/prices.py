"""What a line item costs, in cents: price, discounts, taxes, each exact, so that every total is a plain sum."""

from dataclasses import dataclass
from random import Random

from commands.simulate.shop import Market, Product, any_product


def money(cents: int) -> int | float:
    """Whole amounts as integers, others as decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def decimal_money(cents: int) -> float:
    """Whole amounts as decimals, too: the payment side writes 5.0 where orders say 5."""
    return cents / 100


def share_of(cents: int, ten_thousandths: int) -> int:
    """A rate of an amount in whole cents, half a cent rounded up."""
    return (cents * ten_thousandths + 5_000) // 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line item: one piece, as NewStore has it. `taxes`: name, rate in ten-thousandths, amount."""

    id: str
    product: Product
    item_discount: int
    order_discount: int
    taxes: tuple[tuple[str, int, int], ...]

    @property
    def discount(self) -> int:
        """Both kinds."""
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
        """What the customer pays for it."""
        return self.net + self.tax


def new_line(rng: Random, line_id: str, market: Market, order_discount: int) -> Line:
    """Some product at its price. `order_discount`: the order's, in ten-thousandths of what the item costs."""
    chosen = any_product(rng)
    item_discount = share_of(chosen.price, rng.choice((1000, 2000, 3000))) if rng.random() < 0.15 else 0
    on_order = share_of(chosen.price - item_discount, order_discount)
    net = chosen.price - item_discount - on_order
    taxes = tuple((name, rate, share_of(net, rate)) for name, rate in market.taxes)
    return Line(line_id, chosen, item_discount, on_order, taxes)


def shipping_price(rng: Random, market: Market) -> tuple[int, int]:
    """Shipping and the tax on it."""
    price = rng.choice((0, 0, 500, 995))
    return price, share_of(price, sum(rate for _, rate in market.taxes))
