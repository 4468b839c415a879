"""Signals to a broker, where it is a process of ours (`deploy/local/kafka.py` says when)."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from deploy.local.kafka import UnsupportedByRung
from tests.integration.waiting import wait_until


class Broker(Protocol):
    """`LocalKafka`, or a node of a cluster."""

    @property
    def pid(self) -> int:
        """Process id. UnsupportedByRung: the broker is no process of ours."""


@contextmanager
def frozen(broker: Broker) -> Iterator[None]:
    """Meanwhile the broker takes connections, and says nothing."""
    signal_broker(broker, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_broker(broker, signal.SIGCONT)


def signal_broker(broker: Broker, number: signal.Signals) -> None:
    """Send the signal. After a SIGSTOP, none of its threads runs on return. The test is skipped if it is no process of
    ours."""
    try:
        pid = broker.pid
    except UnsupportedByRung as reason:
        pytest.skip(str(reason))
    os.kill(pid, number)
    if number is signal.SIGSTOP:
        # On a busy machine the threads go on for some milliseconds.
        wait_until(f"process {pid} is frozen", lambda: _is_frozen(pid))


def _is_frozen(pid: int) -> bool:
    try:
        stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):  # a thread has just ended, so it ran
        return False
    return {stat.rpartition(")")[2].split()[0] for stat in stats} == {"T"}
