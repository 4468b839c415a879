"""Removes the tables' directories of partitions that this worker ran once, and that others run now.

The changelog is the truth, and such a directory a cache: it saves reading the changelog if the partition comes back. It
is removed when nobody has used it for a day, unless Kafka may have less than it has:
docs/engine.md#directories-of-partitions-that-others-run.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

from aiokafka.structs import TopicPartition

from processors.engine.changelog import lacking, lacking_before
from processors.engine.halts import has_halted
from processors.engine.lanes import Lanes
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.options import EngineOptions
from processors.engine.outdated import RETIRED, retire, touch
from processors.engine.store import TablePartition

log = logging.getLogger(__name__)

UNUSED_S = 86_400.0
_LOOK_S = 60.0
"""Seconds between two looks, each of which removes one directory at most."""


class Directory(NamedTuple):
    """The directory of a table's partition. ``used_at``: seconds since 1970, at most one look before its last use."""

    table: str
    partition: int
    path: Path
    used_at: float
    halted: bool


def to_remove(found: Collection[Directory], now: float) -> Directory | None:
    """The directory that was unused for longest, if that is long enough."""
    due = [each for each in found if not each.halted and now - each.used_at > UNUSED_S]
    return min(due, key=lambda each: each.used_at, default=None)


class Leftovers:
    """The directories of one worker. ``changelogs``: table name -> changelog topic. ``is_member``: whether the group
    counts this worker among its own now."""

    def __init__(
        self, options: EngineOptions, changelogs: Mapping[str, str], lanes: Lanes, is_member: Callable[[], bool]
    ) -> None:
        self._options, self._changelogs, self._lanes, self._is_member = options, changelogs, lanes, is_member
        self._kept: dict[Path, float] = {}
        """When a look found that a directory must stay, by path. The directory's own time is left as it is: it says
        what deletions the directory may lack."""

    async def keep_removing(self) -> NoReturn:
        """Look every minute, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._lanes.opened_at is not None:  # before that all of them look unused
                try:
                    await self.look(time.time())
                except Exception:  # Kafka or the disk; nothing depends on it, and the next look tries again
                    log.exception("directories that are not used any more were not removed")

    async def look(self, now: float) -> None:
        """Touch the directories in use, and remove one that was unused for long. KafkaError: Kafka cannot be asked.

        While the group does not know this worker, nothing is touched: an idle lane looks as if it ran, but others may
        own its partition, and its tables lack what they delete.
        """
        for path, runs in self._in_use().items() if self._is_member() else ():
            if path.exists() and (runs or has_halted(path)):  # others may lack deletions until they are read
                touch(path, now)
        for torn in self._options.data_dir.glob(f"*/*{RETIRED}"):  # by a look that did not end, or by emptying a table
            await asyncio.to_thread(shutil.rmtree, torn)
        due = [each for each in self._directories() if now - self._kept.get(each.path, 0.0) > UNUSED_S]
        if (found := to_remove(due, now)) is not None:
            await self._remove(found, now)

    def _in_use(self) -> dict[Path, bool]:
        """The directories of the lanes here, and whether the lanes run."""
        lanes = self._lanes.assigned().items()
        directory = self._options.data_dir
        return {directory / name / str(tp.partition): lane.runs for tp, lane in lanes for name in lane.changelogs}

    def _directories(self) -> Iterator[Directory]:
        in_use = self._in_use()
        for name in self._changelogs:
            for path in (self._options.data_dir / name).glob("*"):
                if path.name.isdecimal() and path not in in_use:
                    yield Directory(name, int(path.name), path, path.stat().st_mtime, has_halted(path))

    async def _remove(self, found: Directory, now: float) -> None:
        bounds = await self._changelog(TopicPartition(self._changelogs[found.table], found.partition))
        if found.path in self._in_use():  # no await from here on until the directory is out of the way
            return
        if reason := self._looked_into(found, bounds):
            log.warning("%s was not used for a day, and is kept for another one: %s", found.path, reason)
            self._kept[found.path] = now
            return
        await asyncio.to_thread(shutil.rmtree, retire(found.path))
        log.info("%s was removed: nobody has used it for a day, and Kafka has what it had", found.path)

    async def _changelog(self, tp: TopicPartition) -> LogBounds | None:
        """The changelog's bounds; None: nobody can tell."""
        logs = LogEnds(self._options.client)
        try:
            found = (await logs.bounds([tp]))[tp]
        finally:
            await logs.close()
        return found if isinstance(found, LogBounds) else None

    def _looked_into(self, found: Directory, bounds: LogBounds | None) -> str | None:
        """Why the directory has to stay; None: it may go."""
        try:
            table = TablePartition(found.path, self._options.expiry.get(found.table))
        except Exception as error:  # noqa: BLE001 - whatever it is, what it holds is not known
            return f"it cannot be opened: {error}"
        try:
            if bounds is None:
                return lacking(table, "nobody knows", 0)
            return lacking(table, bounds.lineage, bounds.high_watermark) or lacking_before(table, bounds.begin)
        except Exception as error:  # noqa: BLE001 - as above; and the others have their turn
            return f"it cannot be read: {error}"
        finally:
            table.close()
