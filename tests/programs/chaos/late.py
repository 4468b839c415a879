"""A request that dies with its connection and is delivered later all the same: the end of one transaction, which ends
the next one."""

import asyncio

from tests.programs.chaos.frames import (
    ADD_OFFSETS_TO_TXN,
    ADD_PARTITIONS_TO_TXN,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    TXN_OFFSET_COMMIT,
    Request,
)

_WITH_OFFSETS = frozenset({ADD_OFFSETS_TO_TXN, TXN_OFFSET_COMMIT})
_BEGINS = frozenset({ADD_PARTITIONS_TO_TXN, INIT_PRODUCER_ID})
"""By the second protocol nothing announces partitions; a producer that has lost an answer is then fenced first."""


class LateEndTxn:
    """Holds one EndTxn at a time, once armed; `delivered` counts those that it let go.

    It takes the end of a transaction with a group's offsets: that lane gets records, while another lane may have no
    next transaction. The EndTxn is due when the same transactional id has begun anew and produced again. What
    that id produces to other brokers arrives behind it: their lines are slower. If a transactional id is named, it
    takes that id's next EndTxn, due with the second request to produce: what the first one brought is stored by then.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self._armed = self._begun = False
        self._wanted: str | None = None
        self._whose: str | None = None
        self._with_offsets: set[str | None] = set()
        self._due = asyncio.Event()
        self._lead = self._rest_from = 0.0
        self._requests = 1

    def arm(self, lead: float, of: str | None = None) -> None:
        """Take the next EndTxn, `of` this transactional id. What comes behind it arrives `lead` seconds later."""
        self._armed, self._lead, self._wanted = True, lead, of
        self._requests = 1 if of is None else 2

    def disarm(self) -> None:
        """Take no more; one that is held goes now."""
        self._armed = False
        self._due.set()

    def takes(self, request: Request) -> bool:
        """Whether this request is held back. Its sender's connection then dies with it."""
        wanted = self._with_offsets if self._wanted is None else {self._wanted}
        if not self._armed or request.api_key != END_TXN or request.transactional_id not in wanted:
            return False
        self._with_offsets.discard(request.transactional_id)
        self._armed, self._begun, self._whose = False, False, request.transactional_id
        self._due = asyncio.Event()
        return True

    async def let_pass(self, request: Request) -> None:
        """Wait until this request may go to its broker."""
        if self._whose is None or request.transactional_id != self._whose:
            return
        if request.api_key == PRODUCE and self._due.is_set():
            await asyncio.sleep(max(0.0, self._rest_from - asyncio.get_running_loop().time()))

    def passed(self, request: Request) -> None:
        """Note that this request went to the broker."""
        if request.api_key in _WITH_OFFSETS:
            self._with_offsets.add(request.transactional_id)
        elif request.api_key in {END_TXN, INIT_PRODUCER_ID}:
            self._with_offsets.discard(request.transactional_id)
        if self._whose is None or request.transactional_id != self._whose:
            return
        if request.api_key in _BEGINS:
            self._begun = True
        elif request.api_key == PRODUCE and self._begun:
            self._requests -= 1
            if self._requests <= 0:
                self._due.set()

    async def due(self) -> None:
        """Wait until the held request has to go."""
        await self._due.wait()
        self._rest_from = asyncio.get_running_loop().time() + self._lead
        self.delivered += 1
