"""Whether a partition stands still, and whether the workers show it. Pure: offsets, answers and time come in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LIMIT_S = 60.0
"""Seconds that a source may grow, while nothing of it is committed, before somebody must be able to see it. Health adds
30, which makes 90 s in all."""

Partition = tuple[str, int]
"""Topic and number."""


class Marks(NamedTuple):
    """Of a source partition: what the group has committed, and the end of the log."""

    committed: int
    end: int


@dataclass(frozen=True, slots=True)
class View:
    """What one worker tells about itself. `owns`: partitions whose lanes it has, in whatever state. `lag`: in events,
    by partition. If it does not answer, nothing is known of it, and everybody sees that."""

    answers: bool
    ready: bool = False
    owns: frozenset[Partition] = frozenset()
    lag: Mapping[Partition, float] = field(default_factory=dict)

    def shows(self, partition: Partition) -> bool:
        """Whether this worker shows that the partition stands still."""
        return not self.answers or not self.ready or self.lag.get(partition, 0) > 0


def shown(partition: Partition, views: Collection[View]) -> bool:
    """Whether the partition's owner shows that it stands still, or any worker if nobody owns it. True without workers:
    everybody sees that."""
    owners = [view for view in views if partition in view.owns]
    return not views or any(view.shows(partition) for view in owners or views)


@dataclass(slots=True)
class _Stand:
    committed: int
    end: int
    grown_since: float | None = None


class Standing:
    """Remembers since when each partition has grown while nothing of it was committed."""

    def __init__(self) -> None:
        self._stands: dict[Partition, _Stand] = {}

    def late(self, marks: Mapping[Partition, Marks], now: float) -> dict[Partition, float]:
        """The partitions that have stood still for too long at `now`, and since when; seconds.

        An offset that is lower than one seen before comes from a broker that is behind. An end that does not grow says
        nothing: it may be the marker of a transaction, which nobody reads.
        """
        for partition, (committed, end) in marks.items():
            stand = self._stands.get(partition)
            if stand is None or committed > stand.committed:
                self._stands[partition] = _Stand(committed, end)
            elif stand.grown_since is None and end > stand.end:
                stand.grown_since = now
        since = {partition: stand.grown_since for partition, stand in self._stands.items()}
        return {partition: at for partition, at in since.items() if at is not None and now - at > LIMIT_S}
