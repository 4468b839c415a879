"""Making a raw record of a kept one: what the ingress would, and the header that tells where it comes from. Pure."""

from datetime import timedelta

from multidict import CIMultiDict

from bridge.evidence.kept import Kept, Standing, State
from bridge.intake import Intake
from bridge.settings import Settings
from schemas.headers import ACCEPT, ERROR_EXCEPTION, ERROR_REASON, TRACEPARENT


class Copies:
    """Makes raw records that name the kept record's place in `header`."""

    def __init__(self, settings: Settings, header: str) -> None:
        self._intake, self._raw, self._header = Intake(settings), settings.topics.raw, header
        self._retention_ms = settings.dedupe_retention // timedelta(milliseconds=1)

    def standing(self, kept: Kept, now_ms: int) -> Standing:
        """Open, with the raw record, if acceptance takes the body now and nobody can have forgotten an earlier copy."""
        if now_ms - kept.timestamp > self._retention_ms:
            return Standing(State.TOO_OLD)
        trace = {TRACEPARENT: kept.text(TRACEPARENT)} if TRACEPARENT in kept.headers else {}
        # Never before the kept record, whatever this machine's clock says: who looks for copies begins at its time.
        raw = self._intake.record(kept.body, CIMultiDict(trace), max(now_ms, kept.timestamp))
        if raw.topic != self._raw:
            said = dict(raw.headers)
            return Standing(
                State.REFUSED, b": ".join(said[n] for n in (ERROR_REASON, ERROR_EXCEPTION) if n in said).decode()
            )
        accepted = [(ACCEPT, kept.headers[ACCEPT])] if ACCEPT in kept.headers else []  # that a handler failed on
        raw.headers.extend([*accepted, (self._header, str(kept.place).encode())])
        return Standing(State.OPEN, raw=raw)
