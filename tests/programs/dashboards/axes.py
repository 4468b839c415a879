"""Where a chart's axes have their marks."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

_DECIMAL: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_BINARY: Final = tuple(2.0**power for power in range(11))
_MARKS: Final = 5
"""About how many marks a value axis has."""
_APART_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_TIMES: Final = 6


class Axis(NamedTuple):
    """A range, and its marks from the least to the most."""

    low: float
    high: float
    marks: Sequence[float]


def values(
    found: Sequence[float],
    low: float | None = None,
    high: float | None = None,
    *,
    whole: bool = False,
    binary: bool = False,
) -> Axis:
    """An axis for these values. `low` and `high`: what the panel fixes. `whole`: only whole numbers have marks.
    `binary`: marks are round numbers of bytes."""
    least = min(found, default=0.0) if low is None else low
    most = max(found, default=0.0) if high is None else high
    if most <= least:
        most = least + 1.0
    step = _step((most - least) / _MARKS, binary=binary)
    if whole:
        step = float(max(1, math.ceil(step)))
    if low is None:
        least = step * math.floor(least / step)
    if high is None:
        most = least + step * math.ceil((most - least) / step - 1e-9)
    count = math.floor((most - least) / step + 1e-9)
    return Axis(least, most, [least + number * step for number in range(count + 1)])


def times(start: float, end: float) -> Axis:
    """An axis of seconds since 1970, with marks at round times."""
    wanted = (end - start) / _TIMES
    apart = next((each for each in _APART_S if each >= wanted), 86_400)
    first = math.ceil(start / apart)
    return Axis(start, end, [float(apart * number) for number in range(first, math.floor(end / apart) + 1)])


def _step(least: float, *, binary: bool) -> float:
    """The next round number."""
    factor = 1024.0 if binary else 10.0
    power = factor ** math.floor(math.log(least, factor) + 1e-9)
    return next(size * power for size in (_BINARY if binary else _DECIMAL) if size * power >= least * (1 - 1e-9))
