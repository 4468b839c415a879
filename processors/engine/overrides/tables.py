"""Faust's table manager and recovery, for which the lanes do the work."""

import asyncio
import logging
from collections.abc import Collection
from typing import Any, NoReturn

from faust import Table
from faust.stores.base import Store
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.types import TP
from mode import Service

from processors.engine.chunk import named

log = logging.getLogger(__name__)


class LaneStore(Store):
    """Stands for a table's rows, which the lanes have. TypeError: rows are read or written here."""

    def _use_units(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            f"table {self.table_name} has no rows outside units: read with unit.get_many or "
            "Lanes.table, write with unit.put"
        )

    __getitem__ = __setitem__ = __delitem__ = __iter__ = __len__ = _use_units
    apply_changelog_batch = reset_state = backup_partition = restore_backup = _use_units


class LaneTable(Table):
    """A Faust table whose rows are in the lanes' RocksDB partitions."""

    def _new_store(self) -> LaneStore:
        return LaneStore(f"lanes://{self.name}", self.app, self, table_name=self.name, loop=self.loop)


class LaneRecovery(Recovery):
    """Opens the lanes on each assignment, then lets the streams run.

    Upstream reads changelogs with the group consumer, uncommitted records too, and waits for ever when a
    changelog ends with a transaction marker.
    """

    _added: frozenset[TP] = frozenset()

    async def on_rebalance(self, assigned: Any, revoked: Any, newly_assigned: Any, generation_id: int = 0) -> None:
        """As upstream, without its bookkeeping of changelog partitions."""
        if generation_id == self.app.consumer_generation_id:
            self._generation_id = generation_id
            self.signal_recovery_start.set()

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start):
                return
            self.signal_recovery_start.clear()
            try:
                await self._open_lanes(self._generation_id)
            except RebalanceAgain:
                continue
            except (ServiceStopped, asyncio.CancelledError):  # mode says so of a timeout, too
                if self.should_stop:
                    return
                self.signal_recovery_start.set()

    async def _open_lanes(self, generation: int) -> None:
        self._set_recovery_started()
        await self._wait(self.app.lanes.open_all(self._with_lanes(self.app.consumer.assignment())))
        self._set_recovery_ended()
        await self._resume_streams(generation)

    def _with_lanes(self, assigned: Collection[TP]) -> list[TP]:
        """The app's own partitions. Somebody may have added others to a source. They have no changelog, so their lanes
        would be opened for ever, and in the end the worker would end itself."""
        partitions = self.app.conf.topic_partitions
        added = {tp for tp in assigned if tp.partition >= partitions} - self._added
        if added:
            names = ", ".join(map(named, sorted(added)))
            log.error("no lane reads %s: by the settings there are %d partitions", names, partitions)
        self._added |= added
        return [tp for tp in assigned if tp.partition < partitions]

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Nothing: no changelog record reaches the group consumer."""

    @Service.task
    async def _publish_stats(self) -> None:
        """Nothing: the lanes' observer reports progress."""


class LaneTableManager(TableManager):
    """Starts no changelog channels, and closes the lanes when the app stops."""

    _recovery: LaneRecovery | None = None

    @property
    def recovery(self) -> LaneRecovery:
        """As upstream, with our recovery."""
        if self._recovery is None:
            self._recovery = LaneRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_start(self) -> None:
        """As upstream, without its second of sleep for tables that might still be declared."""
        await self._update_channels()
        await self.recovery.start()

    async def _update_channels(self) -> None:
        self._tables_finalized.set()
        for table in self.values():
            await table.maybe_start()
        self._tables_registered.set()

    async def on_stop(self) -> None:
        """Close the lanes before the consumer leaves the group."""
        await self.app.lanes.stop()
        await super().on_stop()
