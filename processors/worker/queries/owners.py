"""Finds who can answer for a table's partition: this worker, another one, or nobody at present."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from faust.types import TP

from bridge.boottime import boottime
from bridge.log import get_logger
from bridge.settings import Settings
from processors.engine.errors import TableDamagedError
from processors.engine.observer import LaneState
from processors.engine.overrides.app import LaneApp
from processors.engine.store import TablePartition
from processors.orders import table as orders
from processors.worker.queries.answer import HALTED_RETRY_S, RETRY_S, Answer, problem

log = get_logger(__name__)

_T = TypeVar("_T")


class HasApp(Protocol):
    """The worker process. It has an app while it is a member of the group, or wants to be."""

    app: LaneApp | None


class AwayError(Exception):
    """Nobody can answer now; the message tells the caller why. Asking again may help after `retry_s` seconds."""

    def __init__(self, why: str, retry_s: int = RETRY_S) -> None:
        super().__init__(why)
        self.retry_s = retry_s

    def answer(self, title: str) -> Answer:
        """The 503 that the caller gets."""
        return problem(503, title, str(self), retry_s=self.retry_s)


class TableReader:
    """Reads a table's partition for queries; messages call it `what`.

    AwayError, from each method: the table cannot be read. The question is not at fault; as with a halted lane, somebody
    has to look.
    """

    def __init__(self, what: str, table: TablePartition) -> None:
        self._what, self._table = what, table

    def get(self, key: bytes) -> bytes | None:
        """One row."""
        return self._read(lambda: self._table.get(key))

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""
        return self._read(lambda: self._table.get_many(keys))

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """See `TablePartition.scan`."""
        return self._read(lambda: self._table.scan(prefix, after, limit))

    def _read(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except Exception as error:  # rocksdict raises Exception for every error of RocksDB
            why = "is damaged" if isinstance(error, TableDamagedError) else "cannot be read"
            # Only the log gets RocksDB's reason: callers must not see paths.
            reason = str(error) or type(error).__name__
            log.error("a table cannot be read for a query", table=self._what, reason=reason)  # noqa: TRY400 - it says all
            raise AwayError(f"{self._what} {why}", HALTED_RETRY_S) from error


@dataclass(frozen=True, slots=True)
class Here:
    """A partition that this worker alone has, up to date. `read_to`: the next offset of the table's source."""

    partition: int
    table: TableReader
    read_to: int


class Owners:
    """Knows the owners from the group's last assignment. A worker that has not heard of the group for a session timeout
    answers nothing."""

    def __init__(self, worker: HasApp, settings: Settings, table: str = orders.TABLE) -> None:
        self._worker, self._table, self.partitions = worker, table, settings.partitions
        self._topic = settings.topics.orders if table == orders.TABLE else settings.topics.raw
        self._session_s = settings.session_timeout.total_seconds()

    def require_fresh(self, since: float) -> None:
        """AwayError: reading began at `since` (`boottime()`), more than a session timeout ago. This worker was frozen
        or waited for too long; another one may know better."""
        if boottime() - since > self._session_s:
            raise AwayError("it took longer than a session")

    def require_member(self) -> LaneApp:
        """The app. AwayError: this worker is no member of the group; another one may own its partitions by now."""
        app = self._worker.app
        if app is None or not app.is_member():
            raise AwayError("not a member of the consumer group")
        return app

    def here(self, partition: int) -> Here | None:
        """The partition, if this worker answers for it. AwayError: this worker is no member of the group."""
        app = self.require_member()
        table = app.lane_table(self._table, self._topic, partition)
        if table is None:
            return None
        lane = app.lanes.assigned()[TP(self._topic, partition)]
        return Here(partition, TableReader(self._named(partition), table), lane.next)

    def shared_out(self) -> tuple[list[int], dict[str, list[int]]]:
        """This worker's partitions, and the others by their owner's URL. AwayError: nobody can answer for one."""
        mine, others = list[int](), dict[str, list[int]]()
        for partition in range(self.partitions):
            if self.here(partition) is not None:
                mine.append(partition)
            else:
                others.setdefault(self.elsewhere(partition), []).append(partition)
        return mine, others

    def elsewhere(self, partition: int, *, asked_by_one: bool = False) -> str:
        """The URL of the worker that has the partition. AwayError: no worker has it; this one has it, but not up to
        date; or another worker asks (`asked_by_one`), which must not be sent on."""
        url = self.require_member().owner_of(self._topic, partition)
        if url is None or asked_by_one:
            raise self.away(partition)
        return url

    def away(self, partition: int) -> AwayError:
        """Return the error that says why this worker does not answer for the partition. AwayError is raised if this
        worker is no member of the group."""
        what = self._named(partition)
        lane = self.require_member().lanes.assigned().get(TP(self._topic, partition))
        if lane is None:
            return AwayError(f"{what} is being recovered, or has another owner")
        if lane.state is LaneState.HALTED:
            return AwayError(f"{what} is halted", HALTED_RETRY_S)
        return AwayError(f"{what} is being recovered")

    def _named(self, partition: int) -> str:
        return f"partition {partition} of {self._table}"
