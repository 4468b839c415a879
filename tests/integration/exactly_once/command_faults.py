"""Ends or freezes a command just before or after a commit: ``before-commit:KILL:2``, ``after-commit:STOP:1``."""

import os
import signal
from typing import Any

from aiokafka import AIOKafkaProducer


def inject(fault: str) -> None:
    """From now on, this process gets the signal before or after its nth commit of a Kafka transaction."""
    point, name, nth = fault.split(":")
    commit, left = AIOKafkaProducer.commit_transaction, int(nth)

    async def commit_transaction(self: Any) -> None:
        nonlocal left
        left -= 1
        if point == "before-commit" and not left:
            await self.flush()  # all records are in the log, and not visible yet
            os.kill(os.getpid(), signal.Signals[f"SIG{name}"])
        await commit(self)
        if point == "after-commit" and not left:
            os.kill(os.getpid(), signal.Signals[f"SIG{name}"])

    AIOKafkaProducer.commit_transaction = commit_transaction
