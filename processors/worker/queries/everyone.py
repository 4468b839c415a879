"""Asks all workers, each in one request about all its partitions. All answer, or there is no answer."""

import asyncio
from collections.abc import Sequence
from typing import Final

from processors.orders.reached import common
from processors.worker.queries.caller import Caller
from processors.worker.queries.local import Local
from processors.worker.queries.owners import Owners
from processors.worker.queries.pages import Page, merged
from processors.worker.queries.peers import Peers
from processors.worker.queries.questions import EXCHANGES, MOST_VALUES, Asked, Question, Told

_MOST_EXCHANGES: Final = 500
"""Most orders in exchange that one question finds."""


class Everyone:
    """The workers of the group, this one included."""

    def __init__(self, owners: Owners, peers: Peers, local: Local) -> None:
        self._owners, self._peers, self._local = owners, peers, local

    async def tell(self, question: Question, caller: Caller) -> Told:
        """What all workers say. AwayError: one does not answer, so nobody knows what is lacking."""
        mine, others = self._owners.shared_out()
        asked = [self._peers.tell(url, Asked(question, theirs), caller) for url, theirs in others.items()]
        if mine:
            asked.append(self._local.tell(question, mine))
        told = list[Told]()
        for outcome in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            told.append(outcome)
        page = merged([Page(each.entries, each.upto) for each in told], question.limit)
        read_to = {partition: offset for each in told for partition, offset in each.read_to.items()}
        return Told(list(page.entries), page.upto, common(each.applied for each in told), read_to)

    async def exchanges(self, return_ids: Sequence[str], caller: Caller) -> dict[str, list[str]]:
        """By return, the orders in exchange for it that were not cancelled. Returns beyond `MOST_VALUES` are left out,
        and all of them where not all such orders were found. AwayError: a worker does not answer."""
        question = Question(EXCHANGES, _MOST_EXCHANGES, values=list(return_ids[:MOST_VALUES]))
        if not return_ids or (told := await self.tell(question, caller)).upto is not None:
            return {}
        found: dict[str, list[str]] = {return_id: [] for return_id in question.values}
        for _, line in told.entries:
            if not line.get("is_cancelled"):  # an older worker does not say
                found[line["return_id"]].append(line["order_id"])
        return found
