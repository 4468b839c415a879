"""What `/readyz` says of lanes that get nowhere, and of logs that nobody can tell the end of. Pure: time comes in."""

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
"""Sooner than a lane is opened anew for it, so that it is told within a minute, seldom asked as ends are."""
UNANSWERED_S: Final = 15.0
"""A partition's leader may change, and a broker restart, without a word here."""
OPEN_S: Final = 45.0
"""No transaction of the bridge's own lasts that long; told within a minute, as a standstill is, for that is what it
means to whoever reads behind it."""
UNTICKED_S: Final = 60.0
"""What no record causes is due every second; one that fails is tried again as often."""


class LaneHealth:
    """Remembers since when ends are not known, transactions are open, and no tick has come through."""

    def __init__(self) -> None:
        self._unanswered, self._open, self._unticked = Unchanged(), Unchanged(), Unchanged()
        self._ticked: dict[TP, _Ticked] = {}
        self.unticked: Mapping[TP, float] = {}
        """For how many seconds no tick had come through when it was asked last, of each lane that has any."""

    def problems(
        self,
        lanes: Mapping[TP, LaneProgress],
        logs: Mapping[TP, LogBounds | Unanswered],
        standing: Mapping[TP, float],
        now: float,
    ) -> list[str]:
        """Sentences at ``now`` (seconds), each with the partition and the broker that leads it. ``standing``: for how
        many seconds each lane with work has stood still.
        """
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
    """Since when each partition has had the value that it has."""

    def __init__(self) -> None:
        self._known: dict[TP, tuple[object, float]] = {}

    def seconds(self, values: Mapping[TP, object], now: float, unknown: Collection[TP] = ()) -> dict[TP, float]:
        """For how long, at ``now``; of those that nobody can tell the values of now what was known stays."""
        known = self._known
        self._known = {tp: known[tp] for tp in unknown if tp in known} | {
            tp: known[tp] if tp in known and known[tp][0] == value else (value, now) for tp, value in values.items()
        }
        return {tp: now - since for tp, (_, since) in self._known.items()}


class _Ticked(NamedTuple):
    """What a lane got to: counted, not told, for a tick that fails while it is committed, or is never made, has told
    nobody."""

    ticks: int
    least: float
    """Changelog offsets that it had still to read since the last of them: each opening has some, so only fewer are
    getting somewhere. Without end before there were any."""


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
    """Whether a transaction is open there: who reads committed records gets none from the stable end on."""
    return log.high_watermark > log.stable_end


def of_open_transaction(log: LogBounds, seconds: float) -> str:
    """The sentence on one that has been open for so long."""
    waiting = log.high_watermark - log.stable_end
    return f"a transaction has been open for {seconds:.0f} s: {waiting} offsets from {log.stable_end} on wait for it"


def _leader(log: LogBounds | Unanswered | None) -> Broker | None:
    return log.leader if log is not None else None
