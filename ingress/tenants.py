"""Events of another tenant: noticed as they are answered, and told to the log, too."""

import math
from typing import Final

from bridge.log import get_logger
from bridge.other_tenants import OtherTenants
from bridge.printable import printable

TELL_EVERY_S: Final = 60.0

log = get_logger(__name__)


class TenantWatch(OtherTenants):
    """Is told of each durable event; the log has a line a minute at most."""

    def __init__(self, tenant: str) -> None:
        super().__init__(tenant)
        self._told_at = -math.inf
        self._untold = 0

    def other(self, now: float, tenant: str = "") -> None:
        """As in the base class, but `tenant` comes from outside."""
        seen = printable(tenant)
        super().other(now, seen)
        self._untold += 1
        if now - self._told_at >= TELL_EVERY_S:
            log.warning(
                "events of another tenant than BRIDGE_TENANT are quarantined",
                configured=self.tenant,
                seen=seen,
                events_since_last_told=self._untold,
            )
            self._told_at, self._untold = now, 0
