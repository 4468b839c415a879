"""Prepares the samples of a chart's series to be drawn."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from tests.programs.dashboards.answers import STEP_S

Points = Sequence[tuple[float, float]]
"""When, in seconds since 1970, and the value."""
_GAP_S: Final = 1.5 * STEP_S
"""Samples further apart are not joined."""


def numbers(points: Points) -> Points:
    """Leave out samples that are no numbers: nothing is drawn there."""
    return [(at, value) for at, value in points if math.isfinite(value)]


def stacked(every: Sequence[Points]) -> list[Points]:
    """Put each series on those before it. A series without a sample at a moment adds nothing there."""
    below: dict[float, float] = {}
    result = list[Points]()
    for points in every:
        for at, value in points:
            below[at] = below.get(at, 0.0) + value
        result.append([(at, below[at]) for at, _ in points])
    return result


def runs(points: Points) -> Iterator[Points]:
    """Split the samples where some are missing: each part is drawn as one line."""
    begun = list[tuple[float, float]]()
    for at, value in points:
        if begun and at - begun[-1][0] > _GAP_S:
            yield begun
            begun = []
        begun.append((at, value))
    if begun:
        yield begun
