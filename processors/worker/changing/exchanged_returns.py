"""Sets gaps aside of returns that were exchanged: no refund comes for what went into another order.

Only that order, mostly in a partition of another worker, knows of the exchange. So once the refund has been awaited for
too long, the return's worker asks all workers, and sets the gap aside as a person would. Only the order's row remembers
it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from bridge.ending import raise_if_cancelled
from bridge.log import get_logger
from processors.orders.standing import STALLED
from processors.worker.changing.acknowledgements import MOST_REASON
from processors.worker.queries.answer import Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.gap_page import gaps_in
from processors.worker.queries.local import Local
from processors.worker.queries.owners import AwayError, Owners
from processors.worker.queries.questions import GAPS, MOST_VALUES, Question

log = get_logger(__name__)

AT_ONCE: Final = 100
"""Stalled orders that one round looks at."""
_PAUSE_S: Final = 15.0
_BRIDGE: Final = Caller("bridge")

Acknowledge = Callable[[str, str, str, Caller], Awaitable[Answer]]
"""Sets a gap aside: order id, the gap's name, the reason, and who does it."""


class ExchangedReturns:
    """Goes through the stalled orders of this worker's partitions in rounds, longest waits first. A restart begins with
    the first order: doing it again changes nothing more."""

    def __init__(self, owners: Owners, local: Local, everyone: Everyone, acknowledge: Acknowledge) -> None:
        self._owners, self._local, self._everyone, self._acknowledge = owners, local, everyone, acknowledge
        self._after = b""
        self._has_failed = self._had_failed = False
        """Whether something failed in this pass through all stalled orders, and in the one before."""

    async def run(self) -> NoReturn:
        """Do rounds until cancelled. Nothing else depends on them."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - must not end the worker
                self._tell("exchanged returns cannot be looked for", exc_info=error)
            raise_if_cancelled()
            await asyncio.sleep(_PAUSE_S)

    async def look(self) -> None:
        """Do one round. It sets nothing aside if some partition's owner cannot be asked."""
        if not self._after:
            self._had_failed, self._has_failed = self._has_failed, False
        try:
            mine, _ = self._owners.shared_out()
            told = await self._local.tell(Question(GAPS, AT_ONCE, self._after, STALLED, ["true"]), mine)
        except AwayError:
            return  # readiness says so
        self._after = told.upto or b""  # even if these fail: the next ones do not wait for them
        gaps = gaps_in({"gaps": [line for _, line in told.entries]}, STALLED)
        unpaid = [gap for gap in gaps if gap["return_id"] is not None]
        try:
            exchanges = await self._exchanges([gap["return_id"] for gap in unpaid])
        except AwayError as away:
            self._tell("it is not known which returns were exchanged", reason=str(away))
            return
        for gap in unpaid:
            if orders := exchanges.get(gap["return_id"]):
                await self._set_aside(gap["order_id"], gap["name"], orders)

    async def _exchanges(self, return_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        for start in range(0, len(return_ids), MOST_VALUES):
            found |= await self._everyone.exchanges(return_ids[start : start + MOST_VALUES], _BRIDGE)
        return found

    async def _set_aside(self, order_id: str, name: str, orders: Sequence[str]) -> None:
        """Set a gap aside. A failure keeps no other gap waiting; the next pass tries again."""
        failure, reason = "a gap that an exchange settled is not set aside", f"settled by exchange {', '.join(orders)}"
        try:
            answer = await self._acknowledge(order_id, name, reason[:MOST_REASON], _BRIDGE)
        except Exception as error:  # noqa: BLE001 - this order's error
            self._tell(failure, order_id=order_id, exc_info=error)
            return
        if answer.status not in {200, 404}:  # 404: the refund has come, or one that may be it
            self._tell(failure, order_id=order_id, reason=answer.body.get("detail"))

    def _tell(self, failure: str, **said: Any) -> None:
        """Log a failure, but only the first until a whole pass went well."""
        if not (self._has_failed or self._had_failed):
            log.warning(failure, **said)
        self._has_failed = True
