"""The tables' partitions of one lane: opened, asked for their position, written, and closed together."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from aiokafka.structs import TopicPartition

from processors.engine.changelog import check_growth
from processors.engine.errors import LaneHaltedError
from processors.engine.options import EngineOptions
from processors.engine.overrides.batches import Batch
from processors.engine.position import Position
from processors.engine.store import BARRIER, TablePartition

log = logging.getLogger(__name__)


class LaneTables:
    """The tables of one source partition; ``changelogs``: topics by table name."""

    def __init__(self, partition: int, changelogs: Mapping[str, str], options: EngineOptions) -> None:
        self._partition, self._changelogs, self._options = partition, changelogs, options
        self.opened: Mapping[str, TablePartition] = {}
        """The open tables, by name."""
        self._closing: asyncio.Future[None] | None = None

    def open(self) -> None:
        """Open all of them. LaneHaltedError: a directory cannot be opened."""
        for name in self._changelogs:
            path = self._options.data_dir / name / str(self._partition)
            expiry, queues = self._options.expiry.get(name), self._options.queues.get(name, ())
            try:
                self.opened = {**self.opened, name: TablePartition(path, expiry, queues)}
            except Exception as error:
                raise LaneHaltedError(f"{path} cannot be opened: {error}") from error

    async def close(self) -> None:
        """Close the open tables; afterwards nothing touches them. If the caller is cancelled, the closing goes on, and
        the next caller waits for it: until then the directories cannot be opened."""
        if self._closing is None or self._closing.done():
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        tables, self.opened = self.opened, {}
        for table in tables.values():
            try:
                await asyncio.to_thread(table.close)  # 20 ms each, and all lanes close at once
            except Exception:  # the others must be closed all the same
                log.exception("%s was not closed in order", table.path)

    def barriers(self, create_batch: Callable[[], Batch], now_ms: int) -> dict[tuple[str, int], list[Batch]]:
        """A record without a value for each changelog."""
        batches = {(topic, self._partition): [create_batch()] for topic in self._changelogs.values()}
        for [batch] in batches.values():
            batch.add(now_ms, BARRIER, None, [])
        return batches

    def apply(
        self,
        rows: Mapping[str, Mapping[bytes, bytes | None]],
        batches: Mapping[tuple[str, int], Sequence[Batch]],
        ends: Mapping[tuple[str, int], int],
    ) -> None:
        """Write what a transaction has committed: rows by table name; ``batches`` and the last offset by partition.

        LaneHaltedError: the changelog has grown by other records than these. Any exception: the disk.
        """
        for name, written in rows.items():
            changelog, table = (self._changelogs[name], self._partition), self.opened[name]
            check_growth(table, ends[changelog], batches.get(changelog, ()))
            table.apply(written.items(), ends[changelog])

    @property
    def position(self) -> Position | None:
        """The newest position that a table knows; None: nothing was processed yet."""
        return max(filter(None, (table.position for table in self.opened.values())), key=_next, default=None)

    def by_changelog(self) -> dict[TopicPartition, TablePartition]:
        """The open tables by their changelog partitions."""
        return {TopicPartition(self._changelogs[name], self._partition): table for name, table in self.opened.items()}


def _next(position: Position) -> int:
    return position.next
