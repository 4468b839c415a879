"""Whether events of another tenant come: they are answered 200 and quarantined, so a wrong BRIDGE_TENANT shows nowhere
else."""

import math
from typing import Final

from bridge.log import get_logger
from bridge.printable import printable

RECENT_S: Final = 300.0
TELL_EVERY_S: Final = 60.0

log = get_logger(__name__)


class TenantWatch:
    """Told of each durable event; `problem` is for `/readyz`, and the log has a line a minute. Time is in seconds."""

    def __init__(self, tenant: str) -> None:
        self._tenant = printable(tenant)
        self._other = ""
        self._own_at = self._other_at = self._told_at = -math.inf
        self._untold = 0

    def own(self, now: float) -> None:
        """An event of the tenant that is set."""
        self._own_at = now

    def other(self, tenant: str, now: float) -> None:
        """An event of another tenant."""
        self._other, self._other_at = printable(tenant), now
        self._untold += 1
        if now - self._told_at >= TELL_EVERY_S:
            log.warning(
                "events of another tenant than BRIDGE_TENANT are quarantined",
                configured=self._tenant,
                seen=self._other,
                events_since_last_told=self._untold,
            )
            self._told_at, self._untold = now, 0

    def problem(self, now: float) -> str | None:
        """What is wrong with the tenant, if such an event came in the last minutes."""
        if now - self._other_at > RECENT_S:
            return None
        among = "all events" if now - self._own_at > RECENT_S else "some events"
        which = f"{among} of the last {RECENT_S / 60:g} min are of another tenant, lately {self._other}"
        return f"{which}, and are quarantined; BRIDGE_TENANT is {self._tenant}"
