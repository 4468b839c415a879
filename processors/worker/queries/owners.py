"""Who can answer for a partition of a table: this worker, another one, or nobody at present."""

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
    """The worker process: it has an app while it is, or wants to be, a member of the group."""

    app: LaneApp | None


class AwayError(Exception):
    """Nobody can answer at present; the message says why, for the caller. In `retry_s` seconds somebody may."""

    def __init__(self, why: str, retry_s: int = RETRY_S) -> None:
        super().__init__(why)
        self.retry_s = retry_s

    def answer(self, title: str) -> Answer:
        """What the caller gets."""
        return problem(503, title, str(self), retry_s=self.retry_s)


class TableReader:
    """A table's partition as queries read it; `what` it is called. AwayError, of each method: it cannot be read, which
    is no error of the question, and as with a halted lane somebody has to look."""

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
        except Exception as error:  # rocksdict has one type for whatever RocksDB says
            why = "is damaged" if isinstance(error, TableDamagedError) else "cannot be read"
            # What to do is for who has the worker's disk; callers get no paths of it.
            reason = str(error) or type(error).__name__
            log.error("a table cannot be read for a query", table=self._what, reason=reason)  # noqa: TRY400 - it says all
            raise AwayError(f"{self._what} {why}", HALTED_RETRY_S) from error


@dataclass(frozen=True, slots=True)
class Here:
    """This worker has the partition, up to date and by itself. `read_to`: the next offset of the table's source."""

    partition: int
    table: TableReader
    read_to: int


class Owners:
    """Looks at what the group said last. A worker that has not heard of it for a session answers nothing."""

    def __init__(self, worker: HasApp, settings: Settings, table: str = orders.TABLE) -> None:
        self._worker, self._table, self.partitions = worker, table, settings.partitions
        self._topic = settings.topics.orders if table == orders.TABLE else settings.topics.raw
        self._session_s = settings.session_timeout.total_seconds()

    def require_fresh(self, since: float) -> None:
        """AwayError: what was read from `since` on (`boottime()`) is older than a session, so another worker may
        know better: this one was frozen, or waited for too long."""
        if boottime() - since > self._session_s:
            raise AwayError("it took longer than a session")

    def require_member(self) -> LaneApp:
        """The app. AwayError: another worker may own by now what this one has."""
        app = self._worker.app
        if app is None or not app.is_member():
            raise AwayError("not a member of the consumer group")
        return app

    def here(self, partition: int) -> Here | None:
        """The partition, if this worker answers for it. AwayError: it may not."""
        app = self.require_member()
        table = app.lane_table(self._table, self._topic, partition)
        if table is None:
            return None
        lane = app.lanes.assigned()[TP(self._topic, partition)]
        return Here(partition, TableReader(self._named(partition), table), lane.next)

    def shared_out(self) -> tuple[list[int], dict[str, list[int]]]:
        """The partitions that this worker has, and those of others by their URL. AwayError: one has no owner."""
        mine, others = list[int](), dict[str, list[int]]()
        for partition in range(self.partitions):
            if self.here(partition) is not None:
                mine.append(partition)
            else:
                others.setdefault(self.elsewhere(partition), []).append(partition)
        return mine, others

    def elsewhere(self, partition: int, *, asked_by_one: bool = False) -> str:
        """The URL of the worker that has it. AwayError: nobody does, or this one, and it is not up to date; or another
        worker asks, which does not know the owner either."""
        url = self.require_member().owner_of(self._topic, partition)
        if url is None or asked_by_one:
            raise self.away(partition)
        return url

    def away(self, partition: int) -> AwayError:
        """Why this worker does not answer for it, nor knows who does. AwayError is raised: it is no member."""
        what = self._named(partition)
        lane = self.require_member().lanes.assigned().get(TP(self._topic, partition))
        if lane is None:
            return AwayError(f"{what} is being recovered, or has another owner")
        if lane.state is LaneState.HALTED:
            return AwayError(f"{what} is halted", HALTED_RETRY_S)
        return AwayError(f"{what} is being recovered")

    def _named(self, partition: int) -> str:
        return f"partition {partition} of {self._table}"
