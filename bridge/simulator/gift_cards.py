"""Gift cards."""

from bridge.simulator.order import Events
from bridge.simulator.shop import MARKETS
from bridge.simulator.timeline import Timeline


def gift_card(time: Timeline) -> Events:
    """One is lost, or used for what it was not meant for."""
    currency = time.rng.choice(MARKETS).currency
    yield time.event(
        "gift_card.deactivated",
        {"id": time.id(), "currency": currency, "reason": time.rng.choice(("lost", "fraud")), "balance": 0},
    )
