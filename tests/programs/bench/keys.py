"""What it costs to remember many keys: look-ups, throughput, memory, disk, warm restart and cold recovery."""

import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from bridge.settings import Settings
from deploy.local.service import WORKPLACE
from processors.engine.store import TablePartition
from tests.programs.bench import remembered
from tests.programs.bench.deployment import Metrics, Result, between
from tests.programs.bench.restarts import PATIENCE, Restarts
from tests.programs.bench.worker import preload

_EVENTS = 400_000
"""Half of them have known keys, anywhere among all keys; half have fresh ones."""
_LOOKUPS, _AT_ONCE = 20_000, 2_000


def remember(settings: Settings, keys: int) -> Result:
    """Measure dedupe's throughput with `keys` known keys; the remarks say what else they cost."""
    rng = random.Random(7)
    again = rng.sample(range(keys), _EVENTS // 2)
    remembered.remember(settings, keys, again)
    WORKPLACE.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="keys-", dir=WORKPLACE))
    worker = Restarts(settings, directory)
    try:
        with worker.running(signal.SIGTERM):
            recovery = Metrics(settings.worker_web_port)
            worker.wait_until_settled()
        slowest = worker.slowest_answer
        numbers = [*again, *range(keys, keys + _EVENTS - len(again))]
        rng.shuffle(numbers)
        preload(settings, (remembered.body(settings, number) for number in numbers))
        with worker.running(signal.SIGKILL) as after_term:
            first, last = _drained(settings)
        with worker.running(signal.SIGTERM) as after_kill:
            pass
        known, unknown = _lookup_us(settings, directory / "data" / "seen", keys, again)
        disk_mb = sum(path.stat().st_size for path in (directory / "data").rglob("*") if path.is_file()) / 1e6
    finally:
        shutil.rmtree(directory)
    recovered = recovery.sum("bridge_recovery_records_total")
    recovered_per_s = recovered / recovery.sum("bridge_recovery_seconds")
    return between(
        first,
        last,
        rss_mb=worker.rss_mb,
        remarks=f"µs a look-up: {known:.1f} known, {unknown:.1f} unknown; {disk_mb:,.0f} MB on disk; seconds to ready: "
        f"{after_term:.1f} after SIGTERM, {after_kill:.1f} after kill -9; cold recovery {recovered_per_s:,.0f} keys/s, "
        f"{recovery.cpu_seconds / recovered * 1e6:.1f} µs of CPU each, slowest answer meanwhile {slowest:.2f} s",
    )


def _drained(settings: Settings) -> tuple[Metrics, Metrics]:
    """The metrics at the first committed events and at the end."""
    samples = [Metrics(settings.worker_web_port)]
    deadline = time.monotonic() + PATIENCE
    while samples[-1].sum("bridge_events_total") < _EVENTS:
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.2)  # each look costs the worker some milliseconds
        samples.append(Metrics(settings.worker_web_port))
    duplicates = samples[-1].sum("bridge_events_total", 'outcome="duplicate"')
    assert duplicates == _EVENTS // 2, f"{duplicates} duplicates instead of {_EVENTS // 2}"
    return next(sample for sample in samples if sample.sum("bridge_events_total")), samples[-1]


def _lookup_us(settings: Settings, tables: Path, keys: int, again: list[int]) -> tuple[float, float]:
    """µs for each of many known and unknown keys, in the partition with the largest table."""
    fullest = max(tables.iterdir(), key=lambda path: sum(file.stat().st_size for file in path.iterdir()))
    here = [number for number in again if remembered.partition(settings, number) == int(fullest.name)][:_LOOKUPS]
    table = TablePartition(fullest)
    try:
        known = _timed(table, [remembered.row_key(number) for number in here])
        unknown = _timed(table, [remembered.row_key(number + 10 * keys) for number in here])
    finally:
        table.close()
    return known, unknown


def _timed(table: TablePartition, keys: list[bytes]) -> float:
    """µs a look-up, the best of several times, each with keys of its own: other work has the cores now and then."""
    seconds = []
    for start in range(0, len(keys), _AT_ONCE):
        started = time.perf_counter()
        table.get_many(keys[start : start + _AT_ONCE])
        seconds.append(time.perf_counter() - started)
    return min(seconds) / _AT_ONCE * 1e6
