"""A group commit on a clock that the test sets, and what becomes of its records."""

import asyncio
from collections.abc import Callable

from bridge.kafka.words import error_name
from ingress.group_commit import GroupCommit
from tests.unit.ingress.fakes import Producer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def commit_through(
    producer: Producer, clock: Callable[[], float] | None = None, *, patience: float = 60, deadline: float = 120
) -> GroupCommit:
    return GroupCommit(producer, clock or Clock(), error_name, patience=patience, deadline=deadline, most_waiting=2)


async def outcome(ack: asyncio.Future[None]) -> type[Exception] | None:
    try:
        await ack
    except Exception as error:  # noqa: BLE001 - the test asks for its type
        return type(error)
    return None
