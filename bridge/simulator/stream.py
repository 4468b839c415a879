"""NewStore's event stream as a whole: a bad answer to one call stops all of them until somebody starts it again."""

import asyncio


class Stream:
    """Runs at first."""

    def __init__(self) -> None:
        self._running = asyncio.Event()
        self._running.set()

    async def running(self) -> None:
        """Wait until it runs."""
        await self._running.wait()

    def stop_for(self, seconds: float) -> bool:
        """Stop it for so long. False: it stands still already, and the calls under way do not stop it once more."""
        if not self._running.is_set():
            return False
        self._running.clear()
        asyncio.get_running_loop().call_later(seconds, self._running.set)
        return True
