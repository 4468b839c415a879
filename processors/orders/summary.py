"""The summary of an order that gauges over all orders count."""

from dataclasses import dataclass

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class FoldRules:
    """What a deployment adds to the contract: the event names it is subscribed to, None for all of them."""

    events: frozenset[str] | None = None

    def expects(self, event: str) -> bool:
        """Tell whether the event would come at all: one that does not is never missing."""
        return self.events is None or event in self.events


class Summary(Struct, array_like=True, frozen=True):
    """What counts over all orders are made of."""

    status: str
    provisional: bool
    incomplete: bool
