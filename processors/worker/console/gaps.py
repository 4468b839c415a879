"""Sets a gap of an order aside, from the order's page."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from processors.worker.changing.acknowledgements import MOST_REASON, reason_of
from processors.worker.console.forms import FormError, Forms
from processors.worker.console.order_paths import order_id_in, order_path
from processors.worker.console.pages import Pages, Visitor, go
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller

Acknowledge = Callable[[str, str, str, Caller], Awaitable[Answer]]
"""Sets a gap aside: order id, the gap's name, the reason, and who does it."""


class Gaps:
    """Handler of the form for a missing or stalled event on an order's page."""

    def __init__(self, acknowledge: Acknowledge, pages: Pages, forms: Forms) -> None:
        self._acknowledge, self._pages, self._forms = acknowledge, pages, forms

    async def set_aside(self, request: web.Request, caller: Caller, visitor: Visitor) -> web.StreamResponse:
        """Set the gap aside, and show the order again."""
        order_id, name = order_id_in(request), request.match_info["name"]
        try:
            reason = reason_of((await self._forms.read(request)).get("reason", ""))
        except FormError as refusal:
            return self._pages.refused(request, visitor, refusal)
        if reason is None:
            line = f"Say why in 1 to {MOST_REASON} characters."
            return self._pages.message(request, visitor, 400, "Not set aside", line)
        answer = await self._acknowledge(order_id, name, reason, caller)
        if answer.status != 200:
            return self._pages.trouble(request, visitor, answer, "Not set aside")
        return go(order_path(order_id))
