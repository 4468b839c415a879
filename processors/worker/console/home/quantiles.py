"""Quantiles of a histogram. Its buckets tell only between which bounds a quantile lies."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from processors.worker.console.rendering import lasting


class Buckets(NamedTuple):
    """A histogram: `bounds` are upper bounds, the last is infinity; `counts` are cumulative."""

    bounds: Sequence[float]
    counts: Sequence[float]

    @property
    def total(self) -> float:
        """The number of values."""
        return self.counts[-1] if self.counts else 0.0

    def since(self, before: "Buckets") -> "Buckets":
        """Return the values that came after `before`."""
        return Buckets(self.bounds, [now - then for now, then in zip(self.counts, before.counts, strict=True)])


def quantile(buckets: Buckets, share: float) -> float | None:
    """Return the upper bound of the bucket that holds this quantile, infinity for the last one; None: no values."""
    wanted = share * buckets.total
    if not buckets.total:
        return None
    return next(bound for bound, count in zip(buckets.bounds, buckets.counts, strict=True) if count and count >= wanted)


def at_most(buckets: Buckets, share: float) -> str | None:
    """Return a quantile in words: `≤ 5 s`, `> 15 min`."""
    bound = quantile(buckets, share)
    if bound is None:
        return None
    if bound == float("inf"):
        return f"> {lasting(timedelta(seconds=buckets.bounds[-2]))}"
    return f"≤ {lasting(timedelta(seconds=bound))}"
