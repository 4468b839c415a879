"""What `/readyz` says of lanes that get nowhere, and of logs whose end is not known. Pure: callers give the time."""

from collections.abc import Collection, Mapping
from math import inf
from typing import Final, NamedTuple

from faust.types import TP

from processors.engine.chunk import named
from processors.engine.log_ends import LogBounds
from processors.engine.outages import Unanswered
from processors.engine.overrides.metadata import Broker
from processors.worker.standstill import LaneProgress

STANDING_S: Final = 30.0
"""Sooner than a lane is reopened for it, to show a standstill within a minute although ends are asked for seldom."""
UNANSWERED_S: Final = 15.0
"""A leader may change, or a broker restart, within this time without a message."""
OPEN_S: Final = 45.0
"""No transaction of the bridge lasts that long. An open one shows within a minute, as a standstill does: for its
readers it is one."""
UNTICKED_S: Final = 60.0
"""Ticks are due every second, and those that fail are tried again as often."""


class LaneHealth:
    """Remembers since when ends are not known, transactions are open, and ticks do not come through."""

    def __init__(self) -> None:
        self._unanswered, self._open, self._unticked = Unchanged(), Unchanged(), Unchanged()
        self._ticked: dict[TP, _Ticked] = {}
        self.unticked: Mapping[TP, float] = {}
        """By lane that has ticks: seconds without one that came through, at the last look."""

    def problems(
        self,
        lanes: Mapping[TP, LaneProgress],
        logs: Mapping[TP, LogBounds | Unanswered],
        standing: Mapping[TP, float],
        now: float,
    ) -> list[str]:
        """Sentences at ``now`` (seconds), each with the partition and its leader. ``standing``: for how many seconds
        each lane with work has stood still."""
        silent = {tp: 0 for tp, log in logs.items() if isinstance(log, Unanswered)}
        unasked = lanes.keys() - logs.keys()
        unanswered = self._unanswered.seconds(silent, now, unknown=unasked)
        ends = {tp: log.stable_end for tp, log in logs.items() if isinstance(log, LogBounds) and is_open(log)}
        waiting = self._open.seconds(ends, now, unknown=silent.keys() | unasked)
        self._ticked = {
            tp: _ticked(lane.ticks, lane.unread, self._ticked.get(tp))
            for tp, lane in lanes.items()
            if lane.ticks is not None
        }
        self.unticked = self._unticked.seconds(self._ticked, now)
        return [
            f"{named(tp)}: {sentence} (leader: {_leader(logs.get(tp)) or 'not known'})"
            for tp, lane in sorted(lanes.items())
            for sentence in (
                _standing(lane, standing.get(tp, 0.0)),
                _unanswered(logs.get(tp), unanswered.get(tp, 0.0)),
                _waiting(logs.get(tp), waiting.get(tp, 0.0)),
                _unticked(self.unticked.get(tp, 0.0)),
            )
            if sentence
        ]


class Unchanged:
    """Remembers since when each partition has had its present value."""

    def __init__(self) -> None:
        self._known: dict[TP, tuple[object, float]] = {}

    def seconds(self, values: Mapping[TP, object], now: float, unknown: Collection[TP] = ()) -> dict[TP, float]:
        """Seconds at ``now`` since each value changed. Partitions in ``unknown``, which have no value now, keep what
        was known of them."""
        known = self._known
        self._known = {tp: known[tp] for tp in unknown if tp in known} | {
            tp: known[tp] if tp in known and known[tp][0] == value else (value, now) for tp, value in values.items()
        }
        return {tp: now - since for tp, (_, since) in self._known.items()}


class _Ticked(NamedTuple):
    """How far a lane's ticks came. They are counted, not reported: a tick that is never made, or fails in its commit,
    reports nothing."""

    ticks: int
    least: float
    """Fewest changelog offsets left to read since the last tick; infinite before there were any. Each opening has some
    to read, so only fewer are progress."""


def _ticked(ticks: int, unread: int, before: _Ticked | None) -> _Ticked:
    least = before.least if before is not None and before.ticks == ticks else inf
    return _Ticked(ticks, min(least, unread or inf))


def _standing(lane: LaneProgress, seconds: float) -> str | None:
    if seconds <= STANDING_S:
        return None
    behind = "nobody knows how far behind" if lane.lag is None else f"{lane.lag} events behind"
    return f"{behind} and nothing committed for {seconds:.0f} s"


def _unanswered(log: LogBounds | Unanswered | None, seconds: float) -> str | None:
    if not isinstance(log, Unanswered) or seconds <= UNANSWERED_S:
        return None
    return f"its end has not been known for {seconds:.0f} s: {log.reason}"


def _waiting(log: LogBounds | Unanswered | None, seconds: float) -> str | None:
    if not isinstance(log, LogBounds) or seconds <= OPEN_S:
        return None
    return of_open_transaction(log, seconds)


def _unticked(seconds: float) -> str | None:
    return f"nothing that is due was done for {seconds:.0f} s" if seconds > UNTICKED_S else None


def is_open(log: LogBounds) -> bool:
    """Whether a transaction is open in the log: readers of committed records get none from the stable end on."""
    return log.high_watermark > log.stable_end


def of_open_transaction(log: LogBounds, seconds: float) -> str:
    """The sentence on a transaction that has been open for so many seconds."""
    waiting = log.high_watermark - log.stable_end
    return f"a transaction has been open for {seconds:.0f} s: {waiting} offsets from {log.stable_end} on wait for it"


def _leader(log: LogBounds | Unanswered | None) -> Broker | None:
    return log.leader if log is not None else None
