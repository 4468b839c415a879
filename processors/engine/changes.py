"""Changes of rows that somebody outside a lane asks for; the caller hears once they are committed.

Only a lane's own units write its tables. So a change waits for the lane's next tick, which makes it.
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
"""Most changes that wait for one partition."""

T = TypeVar("T")


class NotMadeError(Exception):
    """The change is not known to be made: too many others wait, or the lane got nowhere in time. The caller may ask
    again; the change may have been made by then."""


@dataclass(slots=True, eq=False)
class _Waiting:
    change: Callable[[Unit], Any]
    outcome: asyncio.Future[Any]


class Changes:
    """The waiting changes of one source topic, by partition, whether its lane is here or not."""

    def __init__(self) -> None:
        self._waiting: defaultdict[int, deque[_Waiting]] = defaultdict(deque)

    async def ask(self, partition: int, change: Callable[[Unit], T], within: float) -> T:
        """Have ``change`` write into a unit of the partition's lane; return what it returned once the unit is
        committed.

        If the commit fails, the change is made again, so making it twice must come to the same. What ``change`` raises
        is raised here, and nothing of it is written. After an error of ``NOT_ITS_FAULT`` another unit makes it.
        NotMadeError: see there; after ``within`` seconds at most.
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
        """Make the partition's next change, one a unit; False: none waits. If it raises, the unit must not be
        committed."""
        queue = self._waiting[unit.partition]
        while queue and queue[0].outcome.done():  # nobody waits any more
            queue.popleft()
        if not queue:
            return False
        waiting = queue[0]
        try:
            answer = waiting.change(unit)
        except NOT_ITS_FAULT:
            raise  # the change waits for another unit
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
