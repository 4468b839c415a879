"""Notices documented events that come although BRIDGE_EVENTS leaves them out. They never count as missing, so a name
that is misspelt there, or forgotten, silently hides each loss of its event."""

import math
from collections.abc import Collection, Iterable
from typing import Final

from bridge.log import get_logger
from bridge.printable import listed
from schemas.events import EVENT_NAMES

RECENT_S: Final = 86_400.0
"""A day, as some events are rare."""

log = get_logger(__name__)


class UnlistedEvents:
    """`listed`: the names in `BRIDGE_EVENTS`; `problem` is for `/readyz`; times are in seconds."""

    def __init__(self, listed: Collection[str]) -> None:
        self._left_out = frozenset(EVENT_NAMES).difference(listed)
        self._came_at: dict[str, float] = {}

    def came(self, now: float, names: Iterable[str]) -> None:
        """Events of these names came."""
        seen = self._left_out.intersection(names)
        if new := sorted(seen.difference(self._recent(now))):
            log.warning("events come that BRIDGE_EVENTS leaves out: where one is lost nothing says so", events=new)
        self._came_at.update(dict.fromkeys(seen, now))

    def problem(self, now: float) -> str | None:
        """Which left-out events came within the last day; None: none did."""
        names = self._recent(now)
        if not names:
            return None
        them, one = ("it", "it") if len(names) == 1 else ("them", "one")
        return (
            f"{listed(names)} came within the last {RECENT_S / 3600:g} h, "
            f"and BRIDGE_EVENTS leaves {them} out: where {one} is lost nothing says so"
        )

    def _recent(self, now: float) -> list[str]:
        """Names that came within the last day, in the order of NewStore's documentation."""
        return [name for name in EVENT_NAMES if now - self._came_at.get(name, -math.inf) <= RECENT_S]
