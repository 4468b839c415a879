"""What this worker did in the last minutes: samples of its own counters, taken every few seconds."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from prometheus_client.registry import Collector

from bridge import metrics
from processors.worker.console.home.quantiles import Buckets
from schemas.outcome import Outcome

EVERY_S: Final = 5.0
WINDOW_S: Final = 300.0


class Sample(NamedTuple):
    """The counters at one moment; `at` in seconds of a monotonic clock."""

    at: float
    outcomes: Counter[str]
    end_to_end: Buckets
    delivery: Buckets


class Activity:
    """Keeps samples of the last minutes. `clock` and `now` in seconds; `now` since 1970."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time) -> None:
        self._clock, self._now = clock, now
        self.started = now()
        self.last_quarantined: float | None = None
        """When the last event went to quarantine, to within `EVERY_S`; None: none since the start."""
        self._samples: deque[Sample] = deque([self._sample()], maxlen=int(WINDOW_S / EVERY_S) + 1)

    async def run(self) -> NoReturn:
        """Take samples until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.look()

    def look(self) -> None:
        """Take a sample."""
        sample = self._sample()
        if sample.outcomes[Outcome.QUARANTINED] > self._samples[-1].outcomes[Outcome.QUARANTINED]:
            self.last_quarantined = self._now()
        self._samples.append(sample)

    def window(self) -> tuple[Sample, Sample]:
        """The oldest sample, from `WINDOW_S` ago at most, and the counters now."""
        return self._samples[0], self._sample()

    def _sample(self) -> Sample:
        return Sample(
            self._clock(),
            _outcomes(),
            buckets_of(metrics.end_to_end_seconds),
            buckets_of(metrics.sampled_delay_seconds),
        )


def _outcomes() -> Counter[str]:
    found: Counter[str] = Counter()
    for metric in metrics.events_total.collect():
        for sample in metric.samples:
            found[sample.labels["outcome"]] += int(sample.value)
    return found


def buckets_of(histogram: Collector) -> Buckets:
    """Return the current buckets of a histogram without labels."""
    samples = [each for metric in histogram.collect() for each in metric.samples if each.name.endswith("_bucket")]
    return Buckets([float(each.labels["le"]) for each in samples], [each.value for each in samples])
