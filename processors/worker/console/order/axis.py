"""Places moments on an axis of time. It folds idle time, because seconds and days must both be readable."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import log2
from typing import Final, NamedTuple

FOLDED: Final = timedelta(minutes=30)
"""A longer gap is drawn as wide as this one, with a break that tells how long it is."""
_FOLD: Final = 40.0
"""Least pixels of a break, which says in words how long it is."""
_BURST: Final = timedelta(minutes=1)
"""Moments at most so far apart push each other aside only within their own lane: many events of one instant stand
above their arrivals, not left of them."""
_UNIT_S: Final = 10.0
"""Shorter gaps take hardly any room: an event that arrives within seconds is not late, and its line is not slanted."""
_WIDEST: Final = 40.0
"""Largest scale, in pixels for a weight of 1: no event of an order that is seconds old must look late."""
_STEPS: Final = 24
"""Halvings that find the scale, to a millionth."""


HAPPENED: Final = 0
ARRIVED: Final = 1
"""The two lanes."""


class Moment(NamedTuple):
    """Something on the axis. A `lane` keeps its moments `apart` pixels from each other. `behind` is the index of a
    moment that this one never stands left of; None: there is none. What happens stands right of what has arrived
    before."""

    at: datetime
    lane: int
    apart: float
    behind: int | None = None


class Break(NamedTuple):
    """A folded gap: from `left` to `right` (pixels) nothing happened for the time `lasted`."""

    left: float
    right: float
    lasted: timedelta


class Axis(NamedTuple):
    """`places` are those of the moments, in pixels from 0 to at most `width`."""

    places: Sequence[float]
    breaks: Sequence[Break]
    width: float


def axis_of(moments: Sequence[Moment], width: float) -> Axis:
    """Return places for moments, which are in the order of time. The axis is longer than `width` only if the moments of
    a lane need the room."""
    low, high = 0.0, min(width, _WIDEST)
    for _ in range(_STEPS):
        scale = (low + high) / 2
        if max(_places(moments, scale), default=0.0) > width:
            high = scale
        else:
            low = scale
    places = _places(moments, low)
    return Axis(places, list(_breaks(moments, places)), max([width, *places]))


def _places(moments: Sequence[Moment], scale: float) -> list[float]:
    places: list[float] = []
    last: dict[int, float] = {}
    at = furthest = 0.0
    before: datetime | None = None
    for moment in moments:
        gap = timedelta() if before is None else moment.at - before
        at = (at if gap <= _BURST else furthest) + max(scale * _weight(gap), _FOLD if gap > FOLDED else 0.0)
        place = at if moment.behind is None else max(at, places[moment.behind])
        lanes = (HAPPENED, ARRIVED) if moment.lane == HAPPENED else (ARRIVED,)
        place = max([place, *(last[lane] + moment.apart for lane in lanes if lane in last)])
        places.append(place)
        last[moment.lane], before, furthest = place, moment.at, max(furthest, place)
    return places


def _weight(gap: timedelta) -> float:
    seconds = min(max(gap, timedelta()), FOLDED).total_seconds()
    return log2(1 + seconds / _UNIT_S)


def _breaks(moments: Sequence[Moment], places: Sequence[float]) -> Iterator[Break]:
    furthest = 0.0
    for index, (moment, place) in enumerate(zip(moments, places, strict=True)):
        gap = moment.at - moments[index - 1].at if index else timedelta()
        if gap > FOLDED:
            yield Break(furthest, place, gap)
        furthest = max(furthest, place)
