"""Whether raw has events of another tenant: each is quarantined, and a worker with a wrong BRIDGE_TENANT runs on."""

import math
from typing import Final

from bridge.printable import printable
from processors.dedupe.agent import Processed
from schemas.outcome import Outcome, Reason

RECENT_S: Final = 300.0


class OtherTenants:
    """Told of each committed chunk; `problem` is for `/readyz`. Time is in seconds."""

    def __init__(self, tenant: str) -> None:
        self._tenant = printable(tenant)
        self._own_at = self._other_at = -math.inf

    def committed(self, processed: Processed, now: float) -> None:
        """What became of it."""
        if processed.quarantined[Reason.OTHER_TENANT]:
            self._other_at = now
        if any(outcome is not Outcome.QUARANTINED for _, outcome in processed.counted):
            self._own_at = now

    def problem(self, now: float) -> str | None:
        """What is wrong with the tenant, if such an event came in the last minutes."""
        if now - self._other_at > RECENT_S:
            return None
        among = "all events" if now - self._own_at > RECENT_S else "some events"
        which = f"{among} processed in the last {RECENT_S / 60:g} min are of another tenant"
        return f"{which}, and are quarantined; BRIDGE_TENANT is {self._tenant}"
