"""Notices events of another tenant. Each is answered 200 and quarantined: a wrong BRIDGE_TENANT shows nowhere else."""

import math
from typing import Final

from bridge.printable import printable

RECENT_S: Final = 900.0
"""As far as the alarm for it, `BridgeWrongTenant`, looks back, so whoever it calls finds both tenants named."""


class OtherTenants:
    """Is told of our own tenant's events and of others'; `problem` is for `/readyz`. Time is in seconds."""

    def __init__(self, tenant: str) -> None:
        self.tenant = printable(tenant)
        """The tenant in the settings, printable."""
        self._lately = ""
        self._own_at = self._other_at = -math.inf

    def own(self, now: float) -> None:
        """An event of the tenant in the settings."""
        self._own_at = now

    def other(self, now: float, tenant: str = "") -> None:
        """An event of another tenant. `tenant`: its name, printable, if it is known."""
        self._other_at, self._lately = now, tenant

    def problem(self, now: float) -> str | None:
        """What is wrong with the tenant, if another one's event came within `RECENT_S`; else None."""
        if now - self._other_at > RECENT_S:
            return None
        among = "all events" if now - self._own_at > RECENT_S else "some events"
        lately = self._lately and f", lately {self._lately}"
        which = f"{among} of the last {RECENT_S / 60:g} min are of another tenant{lately}"
        return f"{which}, and are quarantined; BRIDGE_TENANT is {self.tenant}"
