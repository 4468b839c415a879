"""Names of every Kafka topic: `{prefix}.{dataset}.v1`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AGGREGATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "orders": "orders, fulfilment requests, invoices, returns, refunds, payments",
        "inventory": "stock and counts",
        "customers": "customers",
        "employees": "employees",
        "cash-drawers": "tills",
        "gift-cards": "gift cards",
        "unknown": "entities not known yet",
    }
)
"""Events that belong together share one cleaned topic, named after their aggregate. Each value says what its events are
about."""


class Topics:
    """The topics of one deployment.

    `prefix` is the setting `BRIDGE_TOPIC_PREFIX`: with `newstore`, `raw` is `newstore.raw.v1`.
    `cleaned` gives the cleaned topic's name for each aggregate of `AGGREGATES`.
    """

    __slots__ = (
        "backfill",
        "cash_drawers",
        "cleaned",
        "conflicts",
        "customers",
        "dedupe_changelog",
        "employees",
        "gift_cards",
        "inventory",
        "order_lines",
        "order_state",
        "orders",
        "orders_changelog",
        "prefix",
        "quarantine",
        "raw",
        "rules",
        "unknown",
    )

    def __init__(self, prefix: str) -> None:
        def name(dataset: str) -> str:
            return f"{prefix}.{dataset}.v1"

        self.prefix = prefix
        self.raw = name("raw")
        self.orders = name("orders")
        self.inventory = name("inventory")
        self.customers = name("customers")
        self.employees = name("employees")
        self.cash_drawers = name("cash-drawers")
        self.gift_cards = name("gift-cards")
        self.unknown = name("unknown")
        self.order_state = name("order-state")
        self.order_lines = name("order-lines")
        self.conflicts = name("conflicts")
        self.quarantine = name("quarantine")
        self.dedupe_changelog = name("dedupe-changelog")
        self.orders_changelog = name("orders-changelog")
        self.rules = name("rules")
        self.backfill = name("backfill")
        self.cleaned: Mapping[str, str] = MappingProxyType({aggregate: name(aggregate) for aggregate in AGGREGATES})

    @property
    def outputs(self) -> tuple[str, ...]:
        """The topics that raw records' outcomes are written to: cleaned topics, conflicts and quarantine."""
        return (*self.cleaned.values(), self.conflicts, self.quarantine)

    def __repr__(self) -> str:
        return f"Topics({self.prefix!r})"
