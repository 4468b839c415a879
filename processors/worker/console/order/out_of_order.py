"""Which facts came out of order: the fewest without which the others are in order.

It does not mark every fact that a later one overtook: one event that is an hour late would mark all others.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime


def out_of_order(times: Sequence[tuple[datetime | None, datetime]]) -> Mapping[int, int]:
    """Return, by index, the place among the arrivals (from 1) of each fact outside the longest run in order.

    `times` say when each fact happened and arrived, in canonical order. Facts of the same instant may arrive in any
    order. A fact whose time is not known is never out of order.
    """
    timed = [(happened, arrived, index) for index, (happened, arrived) in enumerate(times) if happened is not None]
    timed.sort()
    kept = {timed[at][2] for at in _longest_run([arrived for _, arrived, _ in timed])}
    order = sorted(range(len(times)), key=lambda index: (times[index][1], index))
    places = {index: place for place, index in enumerate(order, start=1)}
    return {index: places[index] for _, _, index in timed if index not in kept}


def _longest_run(values: Sequence[datetime]) -> list[int]:
    """Return the indices of a longest subsequence that never falls; n log n."""
    ends: list[datetime] = []
    ends_at: list[int] = []
    before: list[int | None] = []
    for index, value in enumerate(values):
        length = bisect_right(ends, value)
        before.append(ends_at[length - 1] if length else None)
        if length == len(ends):
            ends.append(value)
            ends_at.append(index)
        else:
            ends[length], ends_at[length] = value, index
    run: list[int] = []
    at = ends_at[-1] if ends_at else None
    while at is not None:
        run.append(at)
        at = before[at]
    return run[::-1]
