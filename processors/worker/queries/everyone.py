"""Asking all workers: every partition at its owner, one request a worker, and all of them or none."""

import asyncio

from processors.orders.reached import common
from processors.worker.queries.caller import Caller
from processors.worker.queries.local import Local
from processors.worker.queries.owners import Owners
from processors.worker.queries.pages import Page, merged
from processors.worker.queries.peers import Peers
from processors.worker.queries.questions import Asked, Question, Told


class Everyone:
    """The workers of the group, this one included."""

    def __init__(self, owners: Owners, peers: Peers, local: Local) -> None:
        self._owners, self._peers, self._local = owners, peers, local

    async def tell(self, question: Question, caller: Caller) -> Told:
        """What all of them say. AwayError: one of them does not, so nobody knows what is lacking."""
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
