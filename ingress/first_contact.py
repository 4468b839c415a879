"""Connecting producers, once it is certain that this ingress belongs to this deployment."""

import time

from bridge.first_contact import first_contact
from bridge.rules_watch import RulesWatch
from bridge.settings import Settings
from ingress.answers import Unavailable
from ingress.producer import KafkaProducer


class FirstContact:
    """Connects producers; nothing is written before the recorded rules were compared with the settings once, nor
    while `rules` has an objection."""

    def __init__(self, settings: Settings, rules: RulesWatch) -> None:
        self._settings, self._rules = settings, rules
        self._checked = False

    async def connect(self) -> KafkaProducer:
        """A started producer. RulesMismatch: this process must not go on. Other errors: try again."""
        if not self._checked:
            asked_at = time.monotonic()
            self._rules.confirm(await first_contact(self._settings), asked_at)
            self._checked = True
        if objection := self._rules.problem():
            raise Unavailable(objection)
        return await KafkaProducer.connect(self._settings, self._rules.problem)
