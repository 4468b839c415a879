"""A partition that stands still, and whether the workers show it. Pure: offsets, answers and time come in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LIMIT_S = 60.0
"""So long a source may grow while nothing of it is committed before somebody has to be able to see it. Health adds 30,
which makes 90 s in all."""

Partition = tuple[str, int]
"""Topic and number."""


class Marks(NamedTuple):
    """Of a source partition: what the group has committed, and the end of the log."""

    committed: int
    end: int


@dataclass(frozen=True, slots=True)
class View:
    """What one worker tells about itself. ``owns``: partitions whose lanes it has, in whatever state; ``lag`` in
    events, by partition. Of one that does not ``answer`` nothing is known, which everybody sees."""

    answers: bool
    ready: bool = False
    owns: frozenset[Partition] = frozenset()
    lag: Mapping[Partition, float] = field(default_factory=dict)

    def shows(self, partition: Partition) -> bool:
        """Whether one can see that the partition stands still."""
        return not self.answers or not self.ready or self.lag.get(partition, 0) > 0


def shown(partition: Partition, views: Collection[View]) -> bool:
    """Whether one can see it: of its owner, or of anybody where nobody has it. Without workers there is no secret."""
    owners = [view for view in views if partition in view.owns]
    return not views or any(view.shows(partition) for view in owners or views)


@dataclass(slots=True)
class _Stand:
    committed: int
    end: int
    grown_since: float | None = None


class Standing:
    """Remembers since when each partition has grown without anything of it being committed."""

    def __init__(self) -> None:
        self._stands: dict[Partition, _Stand] = {}

    def late(self, marks: Mapping[Partition, Marks], now: float) -> dict[Partition, float]:
        """Those that have stood for too long at ``now``, and since when; seconds.

        An offset that is lower than one seen before comes from a broker that does not know better yet. An end that
        does not grow says nothing: it may be the marker of a transaction, which nobody reads.
        """
        for partition, (committed, end) in marks.items():
            stand = self._stands.get(partition)
            if stand is None or committed > stand.committed:
                self._stands[partition] = _Stand(committed, end)
            elif stand.grown_since is None and end > stand.end:
                stand.grown_since = now
        since = {partition: stand.grown_since for partition, stand in self._stands.items()}
        return {partition: at for partition, at in since.items() if at is not None and now - at > LIMIT_S}
