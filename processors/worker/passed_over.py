"""Which records lanes have passed over because somebody who is no lane has set the group's offset behind them. An
operator may; any other consumer that commits under the workers' group does so, too, and then events are lost."""

from typing import Final

from faust.types import TP

from processors.engine.chunk import named

_NAMED: Final = 5


class PassedOver:
    """Told of the offsets; `problem` is for `/readyz`, for as long as the process runs: nothing else would tell."""

    def __init__(self) -> None:
        self._offsets: dict[TP, range] = {}

    def told(self, tp: TP, offsets: range) -> int:
        """How many of them it had not been told of: a lane that has processed nothing since tells of the same again."""
        before = self._offsets.get(tp, range(offsets.start, offsets.start))
        self._offsets[tp] = range(min(before.start, offsets.start), max(before.stop, offsets.stop))
        return max(0, offsets.stop - max(before.stop, offsets.start))

    def problem(self) -> str | None:
        """Which ones; None: no lane of this process has passed over any."""
        if not self._offsets:
            return None
        each = [f"{named(tp)} {seen.start} to {seen.stop - 1}" for tp, seen in sorted(self._offsets.items())]
        more = f" and of {len(each) - _NAMED} more partitions" if len(each) > _NAMED else ""
        return (
            f"records were passed over, as no worker has set the group's offset behind them: "
            f"{', '.join(each[:_NAMED])}{more}"
        )
