"""The worker process: from the first contact with Kafka to a bounded end."""

import asyncio
import gc
import signal

import uvloop
from aiokafka.errors import KafkaError

from bridge import topics
from bridge.log import configure_logging, get_logger
from bridge.rules import RulesMismatch, RulesNotRecorded, check_rules
from bridge.settings import Settings
from processors import observe
from processors.app import build_app
from processors.engine.overrides.app import LaneApp
from processors.web import WorkerServer

log = get_logger(__name__)

_RETRY_SECONDS = 1.0
_STOP_SECONDS = 8.0  # SIGTERM ends the process within 10 s, whatever Kafka does
_REFRESH_SECONDS = 1.0


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Exit codes: 0 stopped as told; 2 rules or settings do not fit."""
    configure_logging()
    uvloop.install()  # Faust makes the loop of its consumer's thread by the policy
    # Chunks of small objects make the default thresholds collect all the time, without finding anything.
    gc.set_threshold(1_000_000, 20, 50)
    return asyncio.run(Worker(settings).run())


class Worker:
    """Keeps a Faust app running, and answers HTTP whether it runs or not."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = asyncio.Event()
        self.app: LaneApp | None = None
        self.waiting_for: str | None = "Kafka has not been asked yet"
        """Why no app runs; None while one does."""

    async def run(self) -> int:
        """As the function of the same name."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        async with WorkerServer(self._settings, self):
            try:
                while not self._stop.is_set():
                    await self._contact_and_serve()
            except RulesMismatch as error:
                log.critical("refusing to run", reason=str(error))
                return 2
        return 0

    async def _contact_and_serve(self) -> None:
        try:
            self.waiting_for = await self._first_contact()
        except (KafkaError, OSError, RulesNotRecorded, topics.TopicsRefused) as error:
            self.waiting_for = f"{type(error).__name__}: {error}"
        if self.waiting_for is None:
            await self._serve(build_app(self._settings))
        else:
            log.warning("not started yet", waiting_for=self.waiting_for)
        await self._pause()

    async def _first_contact(self) -> str | None:
        """What the topics lack; RulesMismatch if the worker must not touch them."""
        lacking = await topics.check(self._settings)
        if lacking:
            return "; ".join(lacking)
        await check_rules(self._settings)
        return None

    async def _serve(self, app: LaneApp) -> None:
        """Run the app until it crashes or the process is told to stop."""
        self.app = app
        tasks = [asyncio.create_task(work) for work in (app.start(), self._stop.wait(), app.wait_crashed())]
        refreshing = asyncio.create_task(self._refresh(app))
        try:
            start, *ends = tasks
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not start.done() or start.exception() is None:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not self._stop.is_set():
                self.waiting_for = f"the processor crashed: {app.crash_reason!r}"
                log.error("the processor crashed and is started anew", reason=repr(app.crash_reason))
        finally:
            self.app = None
            for task in (*tasks, refreshing):
                task.cancel()
            await asyncio.gather(*tasks, refreshing, return_exceptions=True)
            await app.end(_STOP_SECONDS)

    async def _refresh(self, app: LaneApp) -> None:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            observe.refresh(app.lanes, app.stable_ends())

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_RETRY_SECONDS):
                await self._stop.wait()
        except TimeoutError:
            return
