"""What is done to the samples of a chart's series before they are drawn."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from tests.programs.dashboards.answers import STEP_S

Points = Sequence[tuple[float, float]]
"""When, in seconds since 1970, and what."""
_GAP_S: Final = 1.5 * STEP_S
"""Samples that are further apart are not joined."""


def numbers(points: Points) -> Points:
    """Without samples that are no numbers: nothing is drawn there."""
    return [(at, value) for at, value in points if math.isfinite(value)]


def stacked(every: Sequence[Points]) -> list[Points]:
    """Each series on those before it; one that has no sample at a moment adds nothing to it."""
    below: dict[float, float] = {}
    result = list[Points]()
    for points in every:
        for at, value in points:
            below[at] = below.get(at, 0.0) + value
        result.append([(at, below[at]) for at, _ in points])
    return result


def runs(points: Points) -> Iterator[Points]:
    """What is drawn as one line each: nothing is missing in between."""
    begun = list[tuple[float, float]]()
    for at, value in points:
        if begun and at - begun[-1][0] > _GAP_S:
            yield begun
            begun = []
        begun.append((at, value))
    if begun:
        yield begun
