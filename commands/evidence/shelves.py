"""The conflicts and quarantine topics: which records can be published again, and as which raw record. Pure."""

from datetime import timedelta
from typing import Final

from multidict import CIMultiDict

from bridge.intake import Intake
from bridge.settings import Settings
from commands.evidence.kept import Judgement, Kept, State
from schemas.headers import (
    ACCEPT,
    CE_DATASCHEMA,
    ERROR_EXCEPTION,
    ERROR_REASON,
    ERROR_STAGE,
    REPLAY,
    RULES,
    STUB_SCHEMA,
    TRACEPARENT,
)
from schemas.keytable import KeyTable
from schemas.outcome import Reason

_BEHIND_DEDUPE: Final = "orders"


class Copies:
    """Makes raw records that name the kept record's place in `header`."""

    def __init__(self, settings: Settings, header: str) -> None:
        self._intake, self._raw, self._header = Intake(settings), settings.topics.raw, header
        self._retention_ms = settings.dedupe_retention // timedelta(milliseconds=1)
        self._limit = settings.ingress_max_body_bytes

    def standing(self, kept: Kept, now_ms: int) -> Judgement:
        """Open, with the raw record, if the bridge accepts the body now and dedupe still knows any earlier copy."""
        if now_ms - kept.timestamp > self._retention_ms:
            return Judgement(State.TOO_OLD)
        trace = {TRACEPARENT: kept.text(TRACEPARENT)} if TRACEPARENT in kept.headers else {}
        # Never earlier than the kept record, even if this clock is late: searches for copies begin at that time.
        raw = self._intake.record(kept.body, CIMultiDict(trace), max(now_ms, kept.timestamp))
        if raw.topic != self._raw:
            said = dict(raw.headers)
            return Judgement(
                State.REFUSED, b": ".join(said[n] for n in (ERROR_REASON, ERROR_EXCEPTION) if n in said).decode()
            )
        # A conflict that was accepted, and on which a handler then failed.
        accepted = [(ACCEPT, kept.headers[ACCEPT])] if ACCEPT in kept.headers else []
        raw.headers.extend([*accepted, (self._header, str(kept.place).encode())])
        if len(kept.body) > self._limit:  # as in the ingress: raw may take it, but later topics need more room
            return Judgement(State.REFUSED, Reason.TOO_LARGE, raw)
        return Judgement(State.OPEN, raw=raw)


class Conflicts:
    """Other payloads under known keys. Those that were held back can be published, to pass them on."""

    header = ACCEPT

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.conflicts
        self._copies = Copies(settings, ACCEPT)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Judgement:
        """What can be done with a record now, by the key rules in force."""
        if not table.recognises(kept.headers.get(RULES, b""), kept.key or b""):
            return Judgement(State.OTHER_RULES, kept.text(RULES))  # under those rules it may have been passed on
        if not table.rule(kept.event() or "").documented:
            return Judgement(State.PASSED_ON)
        return self._copies.standing(kept, now_ms)


class Quarantine:
    """Refused bodies. Those that the bridge accepts by now can be published again."""

    header = REPLAY

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.quarantine
        self._copies = Copies(settings, REPLAY)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Judgement:
        """What can be done with a record now. Key rules do not matter."""
        del table
        if kept.text(ERROR_STAGE) == _BEHIND_DEDUPE:
            return Judgement(State.CLEANED)
        # Stubs of old versions name no schema; they all stand for bodies that were too large.
        if kept.headers.get(CE_DATASCHEMA) == STUB_SCHEMA or kept.text(ERROR_REASON) == Reason.TOO_LARGE:
            return Judgement(State.STUB)
        return self._copies.standing(kept, now_ms)
