"""Answers that all visitors of the first page share: asked for at most every two seconds, and not waited for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bridge.boottime import boottime
from processors.worker.queries.answer import Answer, problem

KEPT_S: Final = 2.0
OLDEST_S: Final = 10.0
"""Older answers are not shown: perhaps nobody has looked at the first page for hours."""
PATIENCE_S: Final = 0.15
"""The first page does not wait longer for an answer; it has the answer when it is next asked for."""

Ask = Callable[[], Awaitable[Answer]]


class Recent:
    """Answers by name; there are only a few fixed names. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = boottime) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, Answer]] = {}
        self._asking: dict[str, asyncio.Task[Answer]] = {}

    async def get(self, name: str, ask: Ask) -> Answer:
        """The answer. If it takes longer than `PATIENCE_S`: the one before it, or a 503 if that is older than
        `OLDEST_S` or there is none."""
        asked_at, kept = self._kept.get(name, (float("-inf"), None))
        if kept is not None and self._clock() - asked_at < KEPT_S:
            return kept
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.create_task(self._ask(name, ask))
        await asyncio.wait({task}, timeout=PATIENCE_S)
        if task.done():
            return task.result()
        if kept is not None and self._clock() - asked_at < OLDEST_S:
            return kept
        return problem(503, "Other workers have not answered yet")

    async def _ask(self, name: str, ask: Ask) -> Answer:
        try:
            answer = await ask()
            self._kept[name] = self._clock(), answer
            return answer
        finally:
            del self._asking[name]

    async def close(self) -> None:
        """Cancel the questions that are being asked."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
