"""Until when a missing event may still come, as the facts of a page tell; `processors.orders.deadlines` decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from processors.worker.console.order.facts import Fact
from processors.worker.console.order.ghosts import proves

_MOST: Final = timedelta(hours=24)


def due(name: str, facts: Sequence[Fact], sla: timedelta) -> datetime | None:
    """Return the earliest deadline that one of an order's facts gives, which are all there are; None: none does."""
    return min((_due(fact, sla) for fact in facts if proves(fact, name)), default=None)


def _due(fact: Fact, sla: timedelta) -> datetime:
    delay = fact.delay or timedelta()
    return fact.arrived + max(sla, min(delay, _MOST))
