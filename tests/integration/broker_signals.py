"""Signals to a broker's process, on the rung of the ladder that has one."""

import os
import signal
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka, UnsupportedByRung
from tests.integration.waiting import wait_until


def signal_broker(broker: LocalKafka, number: signal.Signals) -> None:
    """Send it, a SIGSTOP as `freeze` does; the test is skipped where the broker is no process of ours."""
    try:
        pid = broker.pid
    except UnsupportedByRung as reason:
        pytest.skip(str(reason))
    if number is signal.SIGSTOP:
        freeze(pid)
    else:
        os.kill(pid, number)


def freeze(pid: int) -> None:
    """Stop a process, and return once no thread of it runs: on a busy machine they go on for some milliseconds."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(f"process {pid} is frozen", lambda: _is_frozen(pid))


def _is_frozen(pid: int) -> bool:
    try:
        stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):  # a thread has just ended, so it ran
        return False
    return {stat.rpartition(")")[2].split()[0] for stat in stats} == {"T"}
