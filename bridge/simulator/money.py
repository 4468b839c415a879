"""Money: computed in cents as integers, written as NewStore does."""


def money(cents: int) -> int | float:
    """Whole amounts as integers, others as decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def decimal_money(cents: int) -> float:
    """Whole amounts as decimals, too: the payment side writes 5.0 where orders say 5."""
    return cents / 100


def share_of(cents: int, ten_thousandths: int) -> int:
    """A rate of an amount in whole cents, half a cent rounded up."""
    return (cents * ten_thousandths + 5_000) // 10_000
