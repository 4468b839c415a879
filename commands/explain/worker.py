"""Questions to a worker, if one answers."""

from collections.abc import Mapping
from typing import Any, Final

from bridge.settings import Settings
from commands.terminal.worker import NoAnswer, Reply, ask, order_path

_PAGE: Final = 500
_PAGES: Final = 40
"""Most pages of a timeline: 20,000 facts."""
_BLIND_BY: Final = ("return_id", "external_id")


class Worker:
    """Answers are None if no worker answers; then `away` says why, and no worker is asked again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = settings.worker_url
        self.away = ""
        self.was_asked = False

    async def seen(self, event_id: str) -> Mapping[str, Any] | None:
        """`deliveries`, `first_received_at` and `last_received_at` of an event by its `ce_id`, with or without
        `~<payload hash>`; nulls: not seen."""
        reply = await self._ask("/seen", {"id": event_id})
        return reply.document["events"][0] if reply is not None and reply.document.get("events") else None

    async def orders(self, any_id: str) -> list[str] | None:
        """Ids of orders with this id of any kind; at most 50."""
        reply = await self._ask("/orders", {"q": any_id})
        return None if reply is None else [line["order_id"] for line in reply.document.get("orders", ())]

    async def blind_returns(self, any_id: str) -> list[Mapping[str, Any]] | None:
        """Blind returns with this return id or external id; at most 50 for each."""
        found: dict[str, Mapping[str, Any]] = {}
        for by in _BLIND_BY:
            reply = await self._ask("/blind-returns", {by: any_id})
            if reply is None:
                return None
            found |= {each["source"]: each for each in reply.document.get("blind_returns", ())}
        return [*found.values()]

    async def order(self, order_id: str) -> Mapping[str, Any] | None:
        """The order's state. If it has none, only `detail`: why it is gone, None if it was never there."""
        reply = await self._ask(order_path(order_id))
        if reply is None:
            return None
        return reply.document if "order_id" in reply.document else {"detail": reply.document.get("detail")}

    async def timeline(self, order_id: str) -> list[Mapping[str, Any]] | None:
        """The order's facts as they happened, at most `_PAGES` pages."""
        entries: list[Mapping[str, Any]] = []
        query = {"limit": str(_PAGE)}
        for _ in range(_PAGES):
            reply = await self._ask(order_path(order_id, "/timeline"), query)
            if reply is None:
                return None
            entries += reply.document.get("entries", ())
            if reply.document.get("next") is None:
                break
            query = {**query, "after": reply.document["next"]}
        return entries

    async def _ask(self, path: str, query: Mapping[str, str] | None = None) -> Reply | None:
        if self.away:
            return None
        try:
            reply = await ask(self._settings, path, query=query, expected=(200, 404))
        except NoAnswer as error:
            self.away = str(error)
            return None
        self.was_asked = True
        return reply
