"""Raw in the order in which it was processed: migration by migration. Pure.

Between two migrations all events of a name are in one partition; a migration may move later ones to another. So a
reader of one epoch after the other, and of each partition in offset order, meets the first record of a key first.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bridge.rules.rules import Recorded


class Span(NamedTuple):
    """Offsets `start` to `end` (exclusive) of one raw partition."""

    partition: int
    start: int
    end: int


def partition_counts_so_far(recorded: Recorded) -> frozenset[int]:
    """Every partition count that raw has had. An epoch lists the partitions from before its migration."""
    return frozenset({recorded.rules.partitions, *map(len, recorded.epochs)})


def spans(
    epochs: Sequence[Sequence[int]], starts: Mapping[int, int], ends: Mapping[int, int]
) -> tuple[list[Span], list[Span]]:
    """What raw has from `starts` to `ends`: the spans before the last migration, in order, and those after it.

    `epochs`: for each migration, the offsets at which its rules began, by partition; 0 for a partition that is not
    listed.
    """
    borders = [starts, *({p: begins[p] if p < len(begins) else 0 for p in ends} for begins in epochs), ends]
    cut = [list(_between(starts, lower, upper, ends)) for lower, upper in pairwise(borders)]
    return [span for epoch in cut[:-1] for span in epoch], cut[-1]


def _between(
    starts: Mapping[int, int], lower: Mapping[int, int], upper: Mapping[int, int], ends: Mapping[int, int]
) -> Iterator[Span]:
    for partition, end in ends.items():
        start, stop = max(starts[partition], lower[partition]), min(upper[partition], end)
        if start < stop:
            yield Span(partition, start, stop)
