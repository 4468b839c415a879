"""Changes one order. Its owner, this worker or another one, makes the change and answers once it is committed."""

from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import quote

from bridge.boottime import boottime
from bridge.kafka.partitioner import partition_for
from processors.engine.changes import Changes, NotMadeError
from processors.engine.unit import Unit
from processors.worker.queries.answer import Answer, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError, Owners
from processors.worker.queries.peers import WITHIN_S, Peers

T = TypeVar("T")
NOT_NOW: Final = "The order cannot be changed now"
"""The title of a 503."""


class OrderChanges:
    """Every method returns an answer, as those of `Queries`."""

    def __init__(self, owners: Owners, peers: Peers, changes: Changes) -> None:
        self._owners, self._peers, self._changes = owners, peers, changes

    async def make(
        self,
        order_id: str,
        change: Callable[[Unit], T],
        answer: Callable[[T], Answer],
        passed_on: tuple[str, bytes],
        caller: Caller,
        *,
        forwarded: bool,
    ) -> Answer:
        """If the order is here: what `answer` makes of the change's result. Else: what its owner answers to a POST of
        `passed_on`, the rest of the order's path and a body.

        503: the change is not known to be made: it took too long, or the lane is not ready or went elsewhere. Asking
        again asks for the same change.
        """
        started = boottime()
        try:
            partition = partition_for(order_id.encode(), self._owners.partitions)
            if self._owners.here(partition) is not None:
                return answer(await self._changes.ask(partition, change, WITHIN_S))
            owner = self._owners.elsewhere(partition, asked_by_one=forwarded)
            rest, body = passed_on
            told = await self._peers.ask(owner, f"/orders/{quote(order_id, safe='')}{rest}", caller, body)
            self._owners.require_fresh(started)
        except AwayError as away:
            return away.answer(NOT_NOW)
        except NotMadeError as error:
            return problem(503, NOT_NOW, str(error))
        return told
