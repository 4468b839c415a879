"""Connecting producers, once it is certain that this ingress belongs to this deployment."""

from bridge.first_contact import first_contact
from bridge.settings import Settings
from ingress.producer import KafkaProducer


class FirstContact:
    """Connects producers; nothing is written before the recorded rules were compared with the settings once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._checked = False

    async def connect(self) -> KafkaProducer:
        """A started producer. RulesMismatch: this process must not go on. Other errors: try again."""
        if not self._checked:
            await first_contact(self._settings)
            self._checked = True
        return await KafkaProducer.connect(self._settings)
