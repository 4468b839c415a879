"""The simulated retailer: places, products and people, derived from numbers without being stored."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from commands.simulate.event import Json
from commands.simulate.timeline import known_id

ORDERS_PER_CUSTOMER: Final = 4
"""Orders per registered customer."""

ORDERS_PER_EMPLOYEE: Final = 100
"""Orders per hired employee."""


USUAL_LINES: Final = (1, 1, 2, 2, 3, 5)
"""Numbers of lines in an order; one entry by chance, so 1 and 2 are twice as likely as 3 and 5."""


@dataclass(frozen=True, slots=True)
class Market:
    """Stores and towns with one currency. `taxes`: name and rate in ten-thousandths."""

    country: str
    currency: str
    taxes: tuple[tuple[str, int], ...]
    stores: tuple[str, ...]
    warehouse: str
    towns: tuple[str, ...]

    @property
    def locations(self) -> tuple[str, ...]:
        """All locations that can fulfil an order."""
        return (*self.stores, self.warehouse)


MARKETS: Final = (
    Market(
        "US",
        "USD",
        (("CA STATE TAX", 600), ("CA COUNTY TAX", 25), ("CA SPECIAL TAX", 125), ("CA SPECIAL TAX", 100)),
        ("SFO_MARKET", "002_NY_WVillage", "NYC_SOHO"),
        "WAREHOUSE_EAST",
        ("San Francisco", "New York", "Oakland"),
    ),
    Market("DE", "EUR", (("VAT", 1900),), ("BER_MITTE", "MUC_01"), "WAREHOUSE_EU", ("Berlin", "München", "Köln")),
    Market("FR", "EUR", (("TVA", 2000),), ("PAR_MARAIS", "LYO_02"), "WAREHOUSE_EU", ("Paris", "Lyon")),
)

STORES: Final = tuple(store for market in MARKETS for store in market.stores)

_FIRST_NAMES: Final = ("Ada", "José", "Zoë", "Jürgen", "Mei", "")
_LAST_NAMES: Final = ("Doe", "Müller", "O'Neill", "García", "")
PRODUCTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in cents, before tax."""

    id: str
    price: int
    identifiers: dict[str, str]


@lru_cache(maxsize=PRODUCTS)
def product(number: int) -> Product:
    """The product with this number."""
    product_id = f"{1_200_204_141_235 + number // 8 * 37}-{number % 8:02d}"
    upc = f"{193_405_021_449 + number * 11:012d}"
    price = 490 + number * 7919 % 480 * 50 + (9 if number % 3 else 10)
    return Product(product_id, price, {"sku": product_id, "upc": upc, "ean13": f"0{upc}"})


def any_product(rng: Random) -> Product:
    """Any product, by chance."""
    return product(rng.randrange(PRODUCTS))


@dataclass(frozen=True, slots=True)
class People:
    """Customers and employees; how many there are follows from the number of orders so far. `lines`: numbers of lines
    in orders."""

    seed: int
    lines: tuple[int, ...] = USUAL_LINES

    def customer(self, number: int) -> str:
        """The customer's id."""
        return known_id(self.seed, "customer", number)

    def employee(self, number: int) -> str:
        """The employee's id."""
        return known_id(self.seed, "employee", number)

    def some_customer(self, rng: Random, orders_before: int) -> str | None:
        """A customer who is registered by then; None: there is none yet."""
        return self.customer(rng.randrange(known)) if (known := orders_before // ORDERS_PER_CUSTOMER) else None

    def some_employee(self, rng: Random, orders_before: int) -> str:
        """An employee who is hired by then, or `unknown`, as in real streams."""
        known = orders_before // ORDERS_PER_EMPLOYEE
        return self.employee(rng.randrange(known)) if known and rng.random() < 0.9 else "unknown"


def address(rng: Random, market: Market) -> Json:
    """A postal address. Its lines have either of the field names in real streams, or both."""
    line, spelling = f"{rng.randrange(1, 200)} Example Street", rng.random()
    return {
        "first_name": rng.choice(_FIRST_NAMES),
        "last_name": rng.choice(_LAST_NAMES),
        **({"address_line_1": line, "address_line_2": ""} if spelling < 0.9 else {}),
        **({"address_line1": line, "address_line2": ""} if spelling > 0.3 else {}),
        "zip_code": f"{rng.randrange(10**5):05d}",
        "city": rng.choice(market.towns),
        **({"state": "CA"} if market.country == "US" else {}),
        "country": market.country,
        "phone": "",
    }
