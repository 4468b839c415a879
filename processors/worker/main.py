"""The worker process, from the first contact with Kafka to an end within bounded time."""

import asyncio
import gc
import logging
import os
import time
from collections.abc import Coroutine, Sequence
from typing import Any, NoReturn

import uvloop

from bridge import metrics, topics
from bridge.ending import raise_if_cancelled, stop_signal
from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.kafka.client import client_options
from bridge.kafka.words import in_words
from bridge.log import begin_logging, get_logger
from bridge.other_tenants import OtherTenants
from bridge.printable import say
from bridge.process import allow_many_open_files, keep_large_blocks_apart
from bridge.refusals import FatalRefusal, Refusal
from bridge.rules.rules import Recorded, require_adopted, rules_of
from bridge.rules.watch import RulesWatch, first_contact
from bridge.settings import Settings
from bridge.topics.watch import TopicsWatch
from bridge.tracing import spans_of
from bridge.watchdog import watched
from processors.engine.changes import Changes
from processors.engine.chunk import named
from processors.engine.log_ends import LogEnds
from processors.engine.overrides.app import LaneApp
from processors.engine.overrides.fetching import use_compiled_codec
from processors.engine.overrides.producer import leave_out_expected_answers
from processors.engine.passing import keep_passing
from processors.engine.purge import keep_purging
from processors.engine.records import IS_COMPILED
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.engine.ticking import keep_ticking
from processors.orders.beginning import Beginning
from processors.worker.app import ProcessState, RawLookups, build_app
from processors.worker.caught_up import CaughtUp
from processors.worker.crashes import WITHIN_S, Crashes, first_of
from processors.worker.first_record import FirstRecord
from processors.worker.lane_watch import LaneWatch
from processors.worker.membership import Absence
from processors.worker.observe import expect_topics, keep_looking_at_disk
from processors.worker.open_conflicts import OpenConflicts
from processors.worker.open_outputs import OpenOutputs
from processors.worker.passed_over import PassedOver
from processors.worker.raw_events import RawEventReader
from processors.worker.unlisted_events import UnlistedEvents
from processors.worker.web import WorkerServer

log = get_logger(__name__)

_RETRY_S = 1.0
_STOP_S = 7.0  # SIGTERM ends the process within 10 s, whatever Kafka does
_LOOK_S = 1.0
_CANCEL_S = 2.0  # aiokafka swallows cancellation while it closes a client


class ChangelogForgets(Refusal):
    """A changelog topic drops rows that the worker needs: a cold recovery would lose them."""


async def worker_first_contact(settings: Settings) -> Recorded:
    """Return the recorded rules if all rules of the settings are in force and the changelogs keep their rows.

    ChangelogForgets: a changelog would drop some. Other errors as of `first_contact` and `require_adopted`.
    """
    recorded = await first_contact(settings)
    require_adopted(recorded, rules_of(settings))
    changes = (await topics.plan(settings)).alter
    raise_if_cancelled()
    changelogs = {settings.topics.dedupe_changelog, settings.topics.orders_changelog}
    if forgetful := [str(change) for change in changes if change.topic in changelogs and change.drops_records]:
        raise ChangelogForgets(
            f"{', '.join(forgetful)}: rows that still count would be lost. Run `bridge topics apply`."
        )
    return recorded


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code. 0: stopped as told. 1: a lane or the event loop is stuck, a
    watch has ended, Kafka does not take this process into its group, or the processor crashes again and again. 2: rules
    or settings do not fit."""
    begin_logging("worker", settings)
    logging.getLogger("processors.engine.overrides").setLevel(logging.WARNING)  # Faust's services log as their class
    leave_out_expected_answers()
    mend_aiokafka()
    use_compiled_codec()  # before any consumer exists: one that has already fetched could not read on
    log.info("records are read and written", codec="compiled" if IS_COMPILED else "aiokafka's: there was no C compiler")
    uvloop.install()  # Faust creates the loop of its consumer's thread by the policy
    # With the default thresholds, chunks of small objects make Python collect all the time and find little. A threshold
    # of a million was not reached in a minute and a half at 2,000 events a second.
    gc.set_threshold(50_000, 20, 20)
    keep_large_blocks_apart()
    allow_many_open_files()
    try:
        return asyncio.run(watched(Worker(settings).run()))
    except FatalRefusal as error:
        say(str(error))
        return 2


class Worker:
    """Keeps a Faust app running, and answers HTTP whether the app runs or not."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop: asyncio.Event
        self._exit_code = 0
        self.watch = TopicsWatch(settings, metrics.worker_kafka)
        self.app: LaneApp | None = None
        self.lane_watch: LaneWatch | None = None
        self.waiting_for: str | None = "Kafka has not been asked yet"
        """Why no app runs; None while one runs."""
        self.process_state = ProcessState(
            Beginning(settings.history_window),
            Changes(),
            spans_of(settings, "worker"),
            OtherTenants(settings.tenant),
            UnlistedEvents(settings.events),
            RefusalsByLane(),
            PassedOver(),
            OpenOutputs(),
            Rival(settings.session_timeout.total_seconds()),
        )
        self.crashed: str | None = None
        """Why the last app crashed; None once an app is a member of the group again."""
        self._crashes = Crashes()
        self._belongs = False
        self._rules = RulesWatch(settings)

    async def run(self) -> int:
        """Run until a signal; returns the exit code. FatalRefusal: this process must not go on."""
        self._stop = stop_signal()
        metrics.worker_deployment.labels("worker", self._settings.tenant, self._settings.topic_prefix).set(1)
        expect_topics(self._settings.topics)
        client_options(self._settings)  # unreadable certificates end it here, not in the background
        disk = keep_looking_at_disk(self._settings.worker_data_dir)
        watching = [asyncio.create_task(each) for each in (self.watch.run(), self._attend(), disk)]
        for task in watching:
            task.add_done_callback(self.ended)
        try:
            async with WorkerServer(self._settings, self):
                while not self._stop.is_set():
                    if recorded := await self._contacted():
                        caught_up, raw = CaughtUp(self._settings), RawEventReader(self._settings)
                        first = FirstRecord(self._settings)
                        lookups = RawLookups(caught_up, raw, first)
                        app = build_app(self._settings, recorded, lookups, self.process_state)
                        conflicts = OpenConflicts(self._settings, recorded.key_table)
                        answering = (caught_up.run(app.readings), raw.run(), first.run(), conflicts.run(app.lanes))
                        ends = LogEnds(client_options(self._settings))
                        outputs = self.process_state.open_outputs.run(app.lanes, ends)
                        await self._serve(app, recorded, *answering, outputs)
                    await self._pause()
        finally:
            for task in watching:
                task.remove_done_callback(self.ended)
                task.cancel()
            self.process_state.spans.close()
        return self._exit_code

    def ended(self, watching: asyncio.Task[Any]) -> None:
        """End the process: a task that must never end has ended. A cancellation counts, too: nobody asked for it."""
        error = asyncio.CancelledError() if watching.cancelled() else watching.exception()
        log.critical("a watch has ended, giving up", exc_info=error)
        self._exit_code = 1
        self._stop.set()

    async def _contacted(self) -> Recorded | None:
        """The recorded rules, if Kafka answers and this worker belongs to this deployment. FatalRefusal: this process
        must not go on."""
        asked_at = self._rules.now()
        contact = asyncio.create_task(worker_first_contact(self._settings))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({contact, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (contact, stopping):
            task.cancel()
        await asyncio.wait({contact, stopping}, timeout=_CANCEL_S)
        if not contact.done() or contact.cancelled():
            return None
        error = contact.exception()
        if isinstance(error, FatalRefusal):
            raise error
        self._belongs = error is None
        if error is not None:
            self._crashes.reset()
            self.waiting_for = in_words(error, self._settings)
            log.warning("not started yet", waiting_for=self.waiting_for)
            return None
        recorded = contact.result()
        self._rules.confirm(recorded, asked_at)
        if retained := recorded.retained(rules_of(self._settings)):
            log.warning(
                "adopted key rules are in force, though the key table has none", names=[c.name for c in retained]
            )
        return recorded

    async def _serve(self, app: LaneApp, recorded: Recorded, *answering: Coroutine[Any, Any, NoReturn]) -> None:
        """Run the app until it crashes, other rules are recorded, or the process is told to stop; run `answering`
        beside it."""
        self.app, self.waiting_for = app, None
        self.lane_watch = LaneWatch(app, self.watch.kafka)
        start = asyncio.create_task(app.start())
        watches = (self._stop.wait(), app.wait_crashed(), self._rules.run(), self._outdated(recorded))
        beside = (
            self._watch_lanes(self.lane_watch),
            keep_purging(app.lanes),
            keep_ticking(app.lanes, app.ticking),
            keep_passing(app.lanes, app.readings),
            *answering,
            app.leftovers.keep_removing(),
        )
        ends = [asyncio.create_task(each) for each in (*watches, *beside)]
        try:
            await asyncio.wait([start, *ends], return_when=asyncio.FIRST_COMPLETED)
            if not start.done() or start.exception() is None:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.app = self.lane_watch = None
            for task in (start, *ends):
                task.cancel()
            done, _ = await asyncio.wait([start, *ends], timeout=_CANCEL_S)
            errors = [task.exception() for task in done if not task.cancelled() and task.exception()]
            if not self._stop.is_set():
                self.waiting_for = self._objection(recorded) or self._has_crashed(app, errors)
                log.error("the processor has ended", reason=self.waiting_for, started_anew=not self._stop.is_set())
            if not await app.end(_STOP_S):
                self._give_up(0 if self._stop.is_set() else 1)

    def _has_crashed(self, app: LaneApp, errors: Sequence[BaseException | None]) -> str:
        """Why the app has crashed. The process ends if it crashed too often."""
        reason = first_of(next((each for each in (app.crash_reason, *errors) if each), None))
        self.crashed = in_words(reason, self._settings) if reason else "nothing says why"
        if self._crashes.are_too_many(time.monotonic(), reason):
            log.critical("the processor crashes again and again, giving up", seconds=WITHIN_S, reason=self.crashed)
            self._exit_code = 1
            self._stop.set()
        return f"the processor crashed: {self.crashed}"

    async def _attend(self) -> None:
        """End the process if Kafka does not take it into its group for too long. While a part of Kafka is out of reach,
        which may be the group's coordinator, neither absence nor crashes count."""
        absence = Absence(self._settings.session_timeout.total_seconds())
        while True:
            await asyncio.sleep(_LOOK_S)
            away = self.watch.kafka() is not None or (self.lane_watch is not None and self.lane_watch.outage)
            if away:
                self._crashes.reset()
            if self.app is not None and self.app.is_member():
                self.crashed = None
                absence.reset()
            elif away or not self._belongs:
                absence.reset()
            elif absence.is_too_long(time.monotonic()):
                log.critical("not a member of the group, giving up", seconds=absence.limit, reason=self.crashed)
                self._exit_code = 1
                self._stop.set()

    async def _outdated(self, recorded: Recorded) -> None:
        """Return once other rules are recorded than the app was built for."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._objection(recorded) is not None:
                return

    def _objection(self, recorded: Recorded) -> str | None:
        """Why the app must not go on by these rules; None: it may."""
        if self._rules.refusal is None and self._rules.recorded != recorded:
            return "key rules are being adopted"
        return self._rules.refusal

    async def _watch_lanes(self, watch: LaneWatch) -> None:
        stuck = await watch.run()
        log.critical("lanes are stuck, giving up", lanes=[named(tp) for tp in stuck])
        self._exit_code = 1
        self._stop.set()

    def _give_up(self, exit_code: int) -> NoReturn:
        """End the process at once: a thread that waits for a silent broker would keep it for half a minute, and until
        it ends no new processor may start."""
        log.warning("not stopped in time; Kafka finds out by the session timeout")
        logging.shutdown()
        os._exit(self._exit_code or exit_code)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_RETRY_S):
                await self._stop.wait()
        except TimeoutError:
            return
