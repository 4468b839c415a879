"""Whether documented events come that BRIDGE_EVENTS leaves out: those never count as missing, so that a name which is
misspelt there, or was forgotten, hides each loss of its event in silence."""

import math
from collections.abc import Collection, Iterable
from typing import Final

from bridge.log import get_logger
from schemas.events import EVENT_NAMES

RECENT_S: Final = 86_400.0
"""Some events are rare."""
_NAMED: Final = 5

log = get_logger(__name__)


class UnlistedEvents:
    """Told of the events that came; `problem` is for `/readyz`. `listed` are the names of `BRIDGE_EVENTS`, time is in
    seconds."""

    def __init__(self, listed: Collection[str]) -> None:
        self._left_out = frozenset(EVENT_NAMES).difference(listed)
        self._came_at: dict[str, float] = {}

    def came(self, now: float, names: Iterable[str]) -> None:
        """Events of these names."""
        seen = self._left_out.intersection(names)
        if new := sorted(seen.difference(self._recent(now))):
            log.warning("events come that BRIDGE_EVENTS leaves out: where one is lost nothing says so", events=new)
        self._came_at.update(dict.fromkeys(seen, now))

    def problem(self, now: float) -> str | None:
        """Which ones came within the last day, if any did."""
        names = self._recent(now)
        if not names:
            return None
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        them, one = ("it", "it") if len(names) == 1 else ("them", "one")
        return (
            f"{', '.join(names[:_NAMED])}{more} came within the last {RECENT_S / 3600:g} h, "
            f"and BRIDGE_EVENTS leaves {them} out: where {one} is lost nothing says so"
        )

    def _recent(self, now: float) -> list[str]:
        """In the order in which NewStore documents them."""
        return [name for name in EVENT_NAMES if now - self._came_at.get(name, -math.inf) <= RECENT_S]
