"""`bridge backfill` of one large export file, killed twice on the way, and the ledger afterwards."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from bridge.settings import Settings
from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from deploy.local.service import Service
from tests.programs.bench.deployment import PATIENCE, Result

_MIX = Mix(orders=None, duplicates=0.2, conflicts=0.001, malformed=0.01, disorder=0.1)
_TEMP_EVERY = 1000
_KILLED_AT = (1 / 3, 2 / 3)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A process's life: its duration, CPU time, largest resident set, and what it printed (`output`)."""

    seconds: float
    cpu_s: float
    rss_mb: float
    output: bytes


def backfill(settings: Settings, lines: int) -> Result:
    """Run one command three times over one file, the first two ended by SIGKILL; then a worker, and the ledger."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "1700000000000-data-bench.export"
        written = _write(file, settings.tenant, lines)
        size = file.stat().st_size
        runs = [_run(settings, file, int(lines * share)) for share in _KILLED_AT]
        runs.append(_run(settings, file, None))
    # A run that was killed amid a slice leaves its rest to be done again, so only all runs together give the rate.
    seconds, cpu_s = sum(run.seconds for run in runs), sum(run.cpu_s for run in runs)
    ledger = _ledger(settings)
    stored = ledger["raw"] + sum(ledger["quarantined_by_backfill"].values())
    assert stored == written, f"{written} lines to be stored, {stored} are: {ledger}"
    last = json.loads(runs[-1].output)
    return Result(
        rate=lines / seconds,
        cpu_us=cpu_s / lines * 1e6,
        rss_mb=max(run.rss_mb for run in runs),
        remarks=f"{lines:,} lines of {size / lines:.0f} B, killed twice, {len(runs)} runs in {seconds:.1f} s"
        f" (the last: {last['per_second']:,.0f}/s); each line stored once, the ledger balances",
    )


def _write(file: Path, tenant: str, lines: int) -> int:
    """Write a simulated export; return how many of its lines are to be stored."""
    sent = deliveries(7, _MIX, tenant, datetime(2026, 1, 1, tzinfo=UTC))
    to_be_stored = 0
    with file.open("wb") as output:
        for number in range(lines):
            line = b"temp" if number % _TEMP_EVERY == 0 else next(sent).body.replace(b"\n", b" ")
            to_be_stored += line.strip() not in {b"", b"temp"}
            output.write(line + b"\n")
    return to_be_stored


def _run(settings: Settings, file: Path, kill_at: int | None) -> _Ended:
    """One run; SIGKILL ends it once raw has so many records."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "commands", "backfill", "--yes", "-o", "json", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        if kill_at is not None:
            for written in _records(settings):
                assert process.poll() is None, "the backfill ended before it could be killed"
                if written >= kill_at:
                    break
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == (0 if kill_at is None else -9), f"exit code {process.returncode}"
        output.seek(0)
        return _Ended(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3, output.read())


def _records(settings: Settings) -> Iterator[int]:
    """How many records raw has, again and again."""
    consumer = Consumer({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers), "group.id": "looks-only"})
    partitions = [TopicPartition(settings.topics.raw, number) for number in range(settings.partitions)]
    try:
        for _ in itertools.count():
            yield sum(consumer.get_watermark_offsets(partition, timeout=10)[1] for partition in partitions)
            time.sleep(0.05)
    finally:
        consumer.close()


def _ledger(settings: Settings) -> dict[str, Any]:
    """What `bridge verify` says once a worker has done all."""
    service = Service("worker", settings.worker_web_port)
    try:
        service.wait_until_ready()
        verify = [sys.executable, "-m", "commands", "verify", "--wait", f"{PATIENCE}s", "-o", "json"]
        done = subprocess.run(verify, capture_output=True, check=False)
    finally:
        service.stop()
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    ledger: dict[str, Any] = json.loads(done.stdout)
    return ledger
