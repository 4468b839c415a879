"""The conflicts topic: which of its records can be accepted. Pure."""

from bridge.evidence.copies import Copies
from bridge.evidence.kept import Kept, Standing, State
from bridge.settings import Settings
from schemas.headers import ACCEPT, RULES
from schemas.keytable import KeyTable


class Conflicts:
    """Other payloads under known keys. Those that were held back can be published again, to be passed on."""

    header = ACCEPT

    def __init__(self, settings: Settings) -> None:
        self.topic = settings.topics.conflicts
        self._copies = Copies(settings, ACCEPT)

    def judge(self, kept: Kept, table: KeyTable, now_ms: int) -> Standing:
        """What can be done with a record now, by the key rules in force."""
        if not table.recognises(kept.headers.get(RULES, b""), kept.key or b""):
            return Standing(State.OTHER_RULES, kept.text(RULES))  # by those, it may have been passed on
        if not table.rule(kept.event() or "").documented:
            return Standing(State.PASSED_ON)
        return self._copies.standing(kept, now_ms)
