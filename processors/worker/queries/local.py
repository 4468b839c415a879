"""This worker's answers about the partitions that it has."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from processors.orders.beginning import BEGAN
from processors.orders.older_rows import NewerRowError
from processors.orders.order_rules import OrderRules
from processors.orders.reached import common, read_reached
from processors.orders.table import REACHED_KEY
from processors.worker.queries.choosing import listing_of
from processors.worker.queries.listings import AT_ONCE, Listing
from processors.worker.queries.owners import AwayError, Here, Owners
from processors.worker.queries.pages import Entry, Page, merged
from processors.worker.queries.questions import EXCHANGES, Question, Told
from processors.worker.queries.shown import SHOW

LOOKED_AT: Final = 8_000
"""Rows that one page looks at, in all partitions of a worker. What is rare may take several pages, some empty."""
SHOWN_BYTES: Final = 8 << 20
"""A page ends early once its rows have more than this: an order may have megabytes."""
_SHOWN_AT_ONCE: Final = 10
_LARGE_ROW_BYTES: Final = 64 << 10
"""After a larger row the event loop does something else: a row of megabytes takes half a second to show."""
_SLICE_S: Final = 0.002
"""How long a question keeps the event loop at a time. Leaving it before each partition would take as many turns of the
loop, of up to 10 ms under load."""
LISTS_AT_ONCE: Final = 2
"""Lists that are looked through at a time: each may take a tenth of a second of CPU."""
EXCHANGES_AT_ONCE: Final = 10
"""Questions for exchanges that are answered at a time, beside the lists. Each look at an order with returns asks one,
and should not wait for lists. With `MOST_VALUES` returns a partition takes up to three milliseconds of CPU."""
PATIENCE_S: Final = 5.0
"""How long a question waits for its turn. Workers wait no longer for each other, either."""


class Local:
    """Answers questions about some partitions. It leaves the event loop to others every few rows."""

    def __init__(self, owners: Owners, rules: OrderRules) -> None:
        self._owners, self._rules = owners, rules
        self._lists, self._exchanges = asyncio.Semaphore(LISTS_AT_ONCE), asyncio.Semaphore(EXCHANGES_AT_ONCE)

    async def tell(self, question: Question, partitions: Sequence[int]) -> Told:
        """The first entries. AwayError: a partition is not here, or no longer; a row is of a newer version; or no turn
        was free in time."""
        try:
            async with self._turn(self._exchanges if question.what == EXCHANGES else self._lists):
                return await self._told(question, partitions)
        except NewerRowError as error:
            raise AwayError(str(error)) from error

    @asynccontextmanager
    async def _turn(self, turns: asyncio.Semaphore) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turns.acquire()
        except TimeoutError:
            raise AwayError(f"others have had lists looked through for {PATIENCE_S:g} s") from None
        try:
            yield
        finally:
            turns.release()

    async def _told(self, question: Question, partitions: Sequence[int]) -> Told:
        listing, places = listing_of(question), [self._here(each) for each in partitions]
        # Before anything else: what is read later is at least as new as this says.
        reached = [read_reached(place.table.get(REACHED_KEY)) for place in places]
        for place in places:  # the lane recalls it only with its first tick or record
            self._rules.recall(place.table.get(BEGAN))
        read_to = {str(place.partition): place.read_to for place in places}
        looked_at = max(AT_ONCE, LOOKED_AT // len(partitions)) if partitions else 0
        rests = _Rests()
        pages = [await self._found(each, listing, question, looked_at, rests) for each in partitions]
        page = await self._shown(merged(pages, question.limit), question)
        return Told(list(page.entries), page.upto, common(reached), read_to)

    def _here(self, partition: int) -> Here:
        place = self._owners.here(partition)
        if place is None:
            raise self._owners.away(partition)
        return place

    async def _found(
        self, partition: int, listing: Listing, question: Question, looked_at: int, rests: "_Rests"
    ) -> Page:
        entries, after = list[Entry](), question.after
        for _ in range(0, looked_at, AT_ONCE):
            await rests.take_if_due()  # before the first step, too: most partitions have no second one
            step = listing.step(self._here(partition).table, after)
            entries += [(found.place, (partition, found)) for found in step.found]
            if step.upto is None:
                return Page(entries, None)
            after = step.upto
            if len(entries) >= question.limit:
                break
        return Page(entries, after)

    async def _shown(self, page: Page, question: Question) -> Page:
        show, shown, size = SHOW[question.what], list[Entry](), 0
        for number, (place, (partition, found)) in enumerate(page.entries):
            if size > SHOWN_BYTES:
                return Page(shown, page.entries[number - 1][0])
            if number % _SHOWN_AT_ONCE == _SHOWN_AT_ONCE - 1:
                await asyncio.sleep(0)
            row = self._here(partition).table.get(found.key)
            if row is not None and found.is_shown_by(row):
                shown.append((place, show(found, row, self._rules)))
                size += len(row)
                if len(row) > _LARGE_ROW_BYTES:
                    await asyncio.sleep(0)
        return Page(shown, page.upto)


class _Rests:
    """Leaves the event loop to others between the steps of one question."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _SLICE_S

    async def take_if_due(self) -> None:
        if time.monotonic() >= self._until:
            await asyncio.sleep(0)
            self._until = time.monotonic() + _SLICE_S
