"""Signals to the broker's process, on the rung of the ladder that has one."""

import os
import signal

import pytest

from deploy.local.kafka import LocalKafka, UnsupportedByRung


def signal_broker(broker: LocalKafka, number: signal.Signals) -> None:
    """Send it; the test is skipped where the broker is no process of ours."""
    try:
        os.kill(broker.pid, number)
    except UnsupportedByRung as reason:
        pytest.skip(str(reason))
