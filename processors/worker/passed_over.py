"""Which records lanes have passed over because somebody other than a lane set the group's offset behind them. An
operator may do that. Any other consumer that commits under the workers' group does it, too, and events are lost."""

from faust.types import TP

from bridge.printable import listed
from processors.engine.chunk import named


class PassedOver:
    """Keeps these offsets for as long as the process runs, as nothing else shows them; `problem` is for `/readyz`."""

    def __init__(self) -> None:
        self._ranges: dict[TP, list[range]] = {}
        """In order, with gaps between them: a lane may have processed what lies between two ranges."""

    def told(self, tp: TP, offsets: range) -> int:
        """Keep these offsets; returns how many are new. A lane that has processed nothing since reports the same ones
        again."""
        known = self._ranges.get(tp, [])
        joined = [each for each in known if each.start <= offsets.stop and offsets.start <= each.stop]
        whole = range(min(each.start for each in (*joined, offsets)), max(each.stop for each in (*joined, offsets)))
        apart = [each for each in known if each not in joined]
        self._ranges[tp] = sorted([*apart, whole], key=lambda each: each.start)
        return len(whole) - sum(map(len, joined))

    def problem(self) -> str | None:
        """Which records; None: no lane of this process has passed over any."""
        if not self._ranges:
            return None
        each = [
            f"{named(tp)} {seen.start} to {seen.stop - 1}" for tp in sorted(self._ranges) for seen in self._ranges[tp]
        ]
        return f"records were passed over, as no worker has set the group's offset behind them: {listed(each)}"
