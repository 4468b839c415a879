"""Running what talks to Kafka: a broker that cannot be asked is one sentence and exit 2, never a traceback."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.cli.output import fail

if TYPE_CHECKING:
    from bridge.settings import Settings

T = TypeVar("T")


def run(settings: "Settings", task: Coroutine[Any, Any, T]) -> T:
    """Run `task` to its end and give its result; exits 2 if Kafka cannot be used."""
    from aiokafka.errors import KafkaConnectionError, KafkaError

    log = _LastWords()
    servers = ", ".join(settings.kafka_bootstrap_servers)
    try:
        return asyncio.run(task)
    except KafkaConnectionError:
        fail(f"No Kafka answers at {servers}: start it, or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS{log.words}.")
    except (KafkaError, TimeoutError) as error:
        fail(f"The Kafka at {servers} cannot be used: {error or type(error).__name__}{log.words}.")


class _LastWords(logging.Handler):
    """Keeps aiokafka's last complaint, which says more than the exception that follows, off the terminal."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""
        aiokafka = logging.getLogger("aiokafka")
        aiokafka.propagate = False
        aiokafka.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self._last = record.getMessage()

    @property
    def words(self) -> str:
        """In brackets, to be put into a sentence."""
        return f" ({self._last})" if self._last else ""
