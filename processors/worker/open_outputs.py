"""Notices transactions that stay open on topics that lanes write: readers get nothing behind them.

`lane_health` does so for source topics, as lanes read these.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Final, NoReturn, Protocol

from aiokafka.structs import TopicPartition
from faust.types import TP

from bridge.log import get_logger
from bridge.printable import listed
from processors.engine.chunk import named
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.outages import Unanswered
from processors.worker.lane_health import OPEN_S, Unchanged, is_open, of_open_transaction

log = get_logger(__name__)

_LOOK_S: Final = 15.0
"""Seldom: a worker with all lanes asks for more than a thousand partitions."""


class Lanes(Protocol):
    """What is needed of this worker's lanes."""

    @property
    def written(self) -> Collection[str]:
        """Topics that units write, apart from sources."""

    def assigned(self) -> Collection[TP]:
        """Every lane that this worker is to run."""


class OpenOutputs:
    """Looks while it runs; `problem` is for `/readyz`. Each worker looks at the partitions with the numbers of its
    lanes, so that together the workers look at all, each once."""

    def __init__(self) -> None:
        self._open, self._told = Unchanged(), list[str]()

    def problem(self) -> str | None:
        """Which transactions have been open for too long, as of the last look."""
        return listed(self._told, "; ") or None

    async def run(self, lanes: Lanes, ends: LogEnds) -> NoReturn:
        """Look until cancelled."""
        try:
            while True:
                numbers = {tp.partition for tp in lanes.assigned()}
                asked = [TopicPartition(topic, number) for topic in lanes.written for number in sorted(numbers)]
                try:
                    found = await ends.bounds(asked) if asked else {}
                    self.look({TP(*tp): bounds for tp, bounds in found.items()}, time.monotonic())
                except Exception as error:  # noqa: BLE001 - whatever a broker answers must not end the worker
                    log.warning("it is not known whether transactions hang on outputs", error=repr(error))
                await asyncio.sleep(_LOOK_S)
        finally:
            self._told = []
            await ends.close()

    def look(self, logs: Mapping[TP, LogBounds | Unanswered], now: float) -> None:
        """Take in what the leaders say of the logs at `now` (seconds)."""
        known = {tp: log for tp, log in logs.items() if isinstance(log, LogBounds)}
        begins = {tp: log.stable_end for tp, log in known.items() if is_open(log)}
        waiting = self._open.seconds(begins, now, unknown=logs.keys() - known.keys())
        self._told = [
            f"{named(tp)}: {of_open_transaction(known[tp], seconds)}"
            for tp, seconds in sorted(waiting.items())
            if seconds > OPEN_S and tp in known
        ]
