"""Waiting until Kafka answers: a pod may start before its Kafka, or before Kafka knows its user."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiokafka.errors import KafkaError

PATIENCE_S: Final = 10.0
"""For one answer: a broker that accepts a connection and says nothing must not use up the whole wait."""

PAUSE_S: Final = 1.0
PASSING: Final = (KafkaError, OSError)


async def wait_for(
    ask: Callable[[], Awaitable[Any]],
    wait_s: float,
    tell: Callable[[BaseException], None],
    *,
    passing: tuple[type[BaseException], ...] = PASSING,
    patience_s: float = PATIENCE_S,
    pause_s: float = PAUSE_S,
) -> None:
    """Ask again and again until Kafka answers. `tell` gets each reason why it does not, if it differs from the last.

    Any of `passing`, by default KafkaError and OSError (TimeoutError): Kafka did not answer within `wait_s` seconds.
    Every other error, such as a `Refusal`, is an answer and is raised at once.
    """
    clock = asyncio.get_running_loop().time
    deadline, told = clock() + wait_s, ""
    while True:
        try:
            async with asyncio.timeout(patience_s):
                await ask()
        except passing as error:
            if clock() >= deadline:
                raise
            if repr(error) != told:
                told = repr(error)
                tell(error)
        else:
            return
        await asyncio.sleep(pause_s)
