"""The quarantine topic: which of its records can be replayed. Pure."""

from typing import Final

from bridge.evidence.copies import Copies
from bridge.evidence.kept import Kept, Standing, State
from bridge.settings import Settings
from schemas.headers import ERROR_REASON, ERROR_STAGE, REPLAY
from schemas.keytable import KeyTable
from schemas.reasons import Reason

_BEHIND_DEDUPE: Final = "orders"


class Quarantine:
    """Bodies that were refused. Those that acceptance takes by now can be published again."""

    header = REPLAY

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.quarantine
        self._copies = Copies(settings, REPLAY)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Standing:
        """What can be done with a record now: key rules change nothing about it."""
        del table
        if kept.text(ERROR_REASON) == Reason.TOO_LARGE:
            return Standing(State.STUB)
        if kept.text(ERROR_STAGE) == _BEHIND_DEDUPE:
            return Standing(State.CLEANED)
        return self._copies.standing(kept, now_ms)
