"""What the console needs of the worker's queries."""

from typing import Protocol

from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller


class OrderQueries(Protocol):
    """See `processors.worker.queries.queries.Queries`. No method raises for a failure of Kafka or another worker."""

    async def order(self, order_id: str, caller: Caller) -> Answer:
        """The order's state."""
        ...

    async def timeline(self, order_id: str, caller: Caller, *, after: str | None = None, limit: int = ...) -> Answer:
        """A page of the order's facts, in the order in which they happened."""
        ...

    async def event(self, order_id: str, source: str, caller: Caller) -> Answer:
        """The raw body of a fact, masked unless the settings say otherwise."""
        ...

    async def search(
        self, by: str, value: str, caller: Caller, *, after: str | None = None, limit: int = ...
    ) -> Answer:
        """A page of orders."""
        ...

    async def blind_returns(
        self, caller: Caller, *, by: str = "", value: str = "", after: str | None = None, limit: int = ...
    ) -> Answer:
        """A page of returns and refunds that belong to no order: all, or those with an id."""
        ...
