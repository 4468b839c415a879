"""The conflicts and the quarantine topic: which of their records can be published again, and as what. Pure."""

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
        """Open, with the raw record, if acceptance takes the body now and nobody can have forgotten an earlier copy."""
        if now_ms - kept.timestamp > self._retention_ms:
            return Judgement(State.TOO_OLD)
        trace = {TRACEPARENT: kept.text(TRACEPARENT)} if TRACEPARENT in kept.headers else {}
        # Never before the kept record, whatever this machine's clock says: who looks for copies begins at its time.
        raw = self._intake.record(kept.body, CIMultiDict(trace), max(now_ms, kept.timestamp))
        if raw.topic != self._raw:
            said = dict(raw.headers)
            return Judgement(
                State.REFUSED, b": ".join(said[n] for n in (ERROR_REASON, ERROR_EXCEPTION) if n in said).decode()
            )
        accepted = [(ACCEPT, kept.headers[ACCEPT])] if ACCEPT in kept.headers else []  # that a handler failed on
        raw.headers.extend([*accepted, (self._header, str(kept.place).encode())])
        if len(kept.body) > self._limit:  # as the ingress: raw may take it, but topics behind it need more room
            return Judgement(State.REFUSED, Reason.TOO_LARGE, raw)
        return Judgement(State.OPEN, raw=raw)


class Conflicts:
    """Other payloads under known keys. Those that were held back can be published again, to be passed on."""

    header = ACCEPT

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.conflicts
        self._copies = Copies(settings, ACCEPT)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Judgement:
        """What can be done with a record now, by the key rules in force."""
        if not table.recognises(kept.headers.get(RULES, b""), kept.key or b""):
            return Judgement(State.OTHER_RULES, kept.text(RULES))  # by those, it may have been passed on
        if not table.rule(kept.event() or "").documented:
            return Judgement(State.PASSED_ON)
        return self._copies.standing(kept, now_ms)


class Quarantine:
    """Bodies that were refused. Those that acceptance takes by now can be published again."""

    header = REPLAY

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.quarantine
        self._copies = Copies(settings, REPLAY)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Judgement:
        """What can be done with a record now: key rules change nothing about it."""
        del table
        if kept.text(ERROR_STAGE) == _BEHIND_DEDUPE:
            return Judgement(State.CLEANED)
        # Stubs of before they named their schema stood only for what was too large.
        if kept.headers.get(CE_DATASCHEMA) == STUB_SCHEMA or kept.text(ERROR_REASON) == Reason.TOO_LARGE:
            return Judgement(State.STUB)
        return self._copies.standing(kept, now_ms)
