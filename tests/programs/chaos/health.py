"""Watches from outside, during a whole run, whether the services tell the truth about themselves.

`/livez` must answer within 2 s at all times. A source partition that stands still must show as lag or 503 within 90 s.
A client of our own finds what stands still; the services have no part in it.
"""

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from confluent_kafka import KafkaException

from tests.integration.exactly_once.service import Service
from tests.programs.chaos.diary import Diary
from tests.programs.chaos.marks import MarksReader
from tests.programs.chaos.probe import LIMIT_S, seconds_to_answer
from tests.programs.chaos.standing import Partition, Standing, View, shown

_PAUSE = 0.5
_BETWEEN_LOOKS = 3.0
_HIDDEN_S = 30.0
"""Seconds in which no worker need show it. A worker that has just become ready, and no longer shows it, is about to go
on."""
_LANE = re.compile(r'bridge_lane_state\{partition="(\d+)",state="\w+",topic="([^"]+)"\} 1\.0')
_LAG = re.compile(r'bridge_consumer_lag_events\{partition="(\d+)",topic="([^"]+)"\} (\S+)')


class Health:
    """`violations`: what it found. `probed`: the processes that have answered once, and must from then on.

    `workers` and `ingresses`: those that should run at the time.
    """

    def __init__(
        self, workers: Mapping[str, Service], ingresses: Mapping[str, Service], marks: MarksReader, diary: Diary
    ) -> None:
        self.violations: list[str] = []
        self._workers, self._ingresses, self._marks, self._diary = workers, ingresses, marks, diary
        self._stop = threading.Event()
        self.probed: set[Service] = set()
        self._known: set[Service] = set()
        self._told: set[tuple[Partition, float]] = set()
        self._hidden: dict[Partition, float] = {}
        """Since when no worker has shown that a partition stands still."""

    @contextmanager
    def watching(self) -> Iterator[list[str]]:
        """Watch until the end of the block; give `violations`."""
        works = (self._probe_all, self._watch_standstills)
        threads = [threading.Thread(target=self._guarded, args=[work], daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield self.violations
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _found(self, violation: str) -> None:
        self.violations.append(violation)
        self._diary.note(f"health: {violation}")

    def _guarded(self, work: Callable[..., None], *arguments: object) -> None:
        """A watch that ends early sees nothing wrong any more. That must not count as health."""
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody watches any more
            self._found(f"the watch of the services has ended: {error!r}")

    # -- liveness -------------------------------------------------------------------------------------------

    def _probe_all(self) -> None:
        """A thread for each process: one that hangs holds up no other."""
        while not self._stop.wait(_PAUSE):
            for name, service in (*dict(self._workers).items(), *dict(self._ingresses).items()):
                if service not in self._known:
                    self._known.add(service)
                    threading.Thread(target=self._guarded, args=[self._probe, name, service], daemon=True).start()

    def _probe(self, name: str, service: Service) -> None:
        while service.runs and not _listens(service):  # a start may take any time
            if self._stop.wait(_PAUSE):
                return
        self.probed.add(service)
        while service.runs and not self._stop.wait(_PAUSE):
            seconds = seconds_to_answer(service)
            if seconds is not None and seconds > LIMIT_S:
                self._found(f"{name}: /livez was not answered within {seconds:.1f} s in which it could have been")

    # -- standstills ----------------------------------------------------------------------------------------

    def _watch_standstills(self) -> None:
        standing = Standing()
        while not self._stop.wait(_BETWEEN_LOOKS):
            try:
                late = standing.late(self._marks.read(), time.monotonic())
            except KafkaException:  # nobody can tell now
                continue
            self._hidden = {partition: at for partition, at in self._hidden.items() if partition in late}
            for partition, since in late.items():
                self._judge(partition, since)

    def _judge(self, partition: Partition, since: float) -> None:
        views, now = [view(worker) for worker in dict(self._workers).values() if worker.runs], time.monotonic()
        if shown(partition, views):
            self._hidden.pop(partition, None)
            return
        hidden = now - self._hidden.setdefault(partition, now) > _HIDDEN_S
        if not hidden or (partition, since) in self._told or not self._marks.is_behind(partition):
            return
        self._told.add((partition, since))
        topic, number = partition
        self._found(f"{topic}[{number}] has stood still for {time.monotonic() - since:.0f} s, and no worker shows it")


def view(worker: Service) -> View:
    """What the worker tells about itself now."""
    try:
        ready, text = worker.get("/readyz").status == 200, worker.get("/metrics").body.decode()
    except (OSError, http.client.HTTPException):
        return View(answers=False)
    owns = frozenset((topic, int(number)) for number, topic in _LANE.findall(text))
    return View(True, ready, owns, {(topic, int(number)): float(lag) for number, topic, lag in _LAG.findall(text)})


def _listens(service: Service) -> bool:
    try:
        return service.get("/livez").status == 200
    except (OSError, http.client.HTTPException):
        return False
