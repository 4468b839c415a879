"""Changes asked of a lane from outside: somebody wants a row to be another, and hears once that is committed.

Only the lane's own units write its tables. So a change waits for the lane's next tick, and is made by that.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from processors.engine.errors import NOT_ITS_FAULT
from processors.engine.unit import Unit

MOST_WAITING: Final = 100
"""Changes of one partition."""

T = TypeVar("T")


class NotMadeError(Exception):
    """It is not known to be made: too many others wait, or the lane got nowhere in time. Whoever asks again asks for
    the same, which may be there by then."""


@dataclass(slots=True, eq=False)
class _Waiting:
    change: Callable[[Unit], Any]
    outcome: asyncio.Future[Any]


class Changes:
    """Those that wait, by partition of one source topic, whether its lane is here or not."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, deque[_Waiting]] = defaultdict(deque)

    async def ask(self, partition: int, change: Callable[[Unit], T], within: float) -> T:
        """Have ``change`` write into a unit of the partition's lane; returns what it returned once that is committed.

        Where the commit fails it is tried again, so making it twice must come to the same. What it raises is raised
        here, and nothing of it is written. NotMadeError: see there, after ``within`` seconds at most.
        """
        queue = self._waiting[partition]
        if len(queue) >= MOST_WAITING:
            raise NotMadeError(f"{len(queue)} other changes wait for partition {partition}")
        waiting = _Waiting(change, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        try:
            async with asyncio.timeout(within):
                answer: T = await waiting.outcome
                return answer
        except TimeoutError:
            raise NotMadeError(f"not committed within {within:g} s") from None
        finally:
            if waiting in queue:
                queue.remove(waiting)

    def make(self, unit: Unit) -> bool:
        """Make the next change of the unit's partition, one a unit; False: none waits. Where it raises, the unit is not
        to be committed."""
        queue = self._waiting[unit.partition]
        while queue and queue[0].outcome.done():  # nobody waits any more
            queue.popleft()
        if not queue:
            return False
        waiting = queue[0]
        try:
            answer = waiting.change(unit)
        except NOT_ITS_FAULT:
            raise  # it waits for another unit
        except Exception as error:
            queue.popleft()
            waiting.outcome.set_exception(error)
            raise
        unit.on_commit(partial(self._made, waiting, answer))
        return True

    @staticmethod
    def _made(waiting: _Waiting, answer: Any) -> None:
        if not waiting.outcome.done():
            waiting.outcome.set_result(answer)
