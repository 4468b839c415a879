"""Where moments stand on an axis of time: seconds and days are both to be read, so idle time is folded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log2
from typing import Final, NamedTuple

FOLDED: Final = timedelta(minutes=30)
"""A longer gap is as wide as one of this length, and marked by a break that tells how long it is."""
_UNIT_S: Final = 10.0
"""Shorter gaps take hardly any room: what is under way for seconds is not late, and its line not slanted."""
_STEPS: Final = 24
"""Halvings by which the scale is found: by then it is exact to a millionth."""


class Moment(NamedTuple):
    """Something on the axis, in the order of time. `lane` keeps its moments `apart` pixels from each other."""

    at: datetime
    lane: int
    apart: float


class Break(NamedTuple):
    """A gap that is folded: from `left` to `right` nothing happened for so long."""

    left: float
    right: float
    lasted: timedelta


class Axis(NamedTuple):
    """`places` are those of the moments, from 0 to at most `width`, in their order."""

    places: Sequence[float]
    breaks: Sequence[Break]
    width: float


def axis_of(moments: Sequence[Moment], width: float) -> Axis:
    """Return places for moments, which are in the order of time. The axis is longer than `width` only where the moments
    of a lane would not have room otherwise."""
    low, high = 0.0, width
    for _ in range(_STEPS):
        scale = (low + high) / 2
        if _end(_places(moments, scale)) > width:
            high = scale
        else:
            low = scale
    places = _places(moments, low)
    return Axis(places, list(_breaks(moments, places)), max(width, _end(places)))


def _places(moments: Sequence[Moment], scale: float) -> list[float]:
    places: list[float] = []
    last: dict[int, float] = {}
    at, before = 0.0, None
    for moment in moments:
        if before is not None:
            at += scale * _weight(moment.at - before)
        if moment.lane in last:
            at = max(at, last[moment.lane] + moment.apart)
        last[moment.lane], before = at, moment.at
        places.append(at)
    return places


def _weight(gap: timedelta) -> float:
    seconds = min(max(gap, timedelta()), FOLDED).total_seconds()
    return log2(1 + seconds / _UNIT_S)


def _end(places: Sequence[float]) -> float:
    return places[-1] if places else 0.0


def _breaks(moments: Sequence[Moment], places: Sequence[float]) -> list[Break]:
    neighbours = zip(zip(moments, places, strict=True), zip(moments[1:], places[1:], strict=True), strict=False)
    return [
        Break(left, right, after.at - before.at)
        for (before, left), (after, right) in neighbours
        if after.at - before.at > FOLDED
    ]
