"""A service or command of the bridge as a process that ends with its starter: ``python -m …child worker``."""

import ctypes
import os
import signal
import sys
import threading

from commands import main

_PR_SET_PDEATHSIG = 1


def _stand_still(*_: object) -> None:
    """On SIGUSR1: block the main thread for ever, with its event loop."""
    threading.Event().wait()


def run(parent: int) -> None:
    """Run what `sys.argv` and the environment say. The process is killed when its ``parent`` ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the parent ended before the call of prctl, so no signal would come
    signal.signal(signal.SIGUSR1, _stand_still)
    _set_up()
    main()


def _set_up() -> None:  # noqa: C901 - one variable after the other
    """Apply what the test has set in `BRIDGE_TEST_*` variables."""
    if mutation := os.environ.pop("BRIDGE_TEST_MUTATION", None):
        from tests.programs.chaos.mutations import MUTATIONS

        MUTATIONS[mutation]()
    if sweep := os.environ.pop("BRIDGE_TEST_SWEEP", None):
        from tests.integration.exactly_once import sweeping

        sweeping.set_up(sweep)
    if "BRIDGE_TEST_FAULT" in os.environ and sys.argv[1:] == ["ingress"]:
        from tests.programs.chaos import ingress_points

        ingress_points.set_up()
    if fault := os.environ.pop("BRIDGE_TEST_COMMAND_FAULT", None):
        from tests.integration.exactly_once.command_faults import inject

        inject(fault)
    if clock := os.environ.pop("BRIDGE_TEST_CLOCK", None):
        from tests.programs.chaos.clock import set_up

        set_up(clock)
    if lease := os.environ.pop("BRIDGE_TEST_LEASE", None):
        from bridge.rules import watch as rules_watch
        from commands.topics.migration import quiet

        rules_watch.LEASE_S = float(lease)  # type: ignore[misc]  # seconds that a migration waits for every ingress
        quiet.LEASE_S = float(lease)  # type: ignore[attr-defined]  # it may have been imported before
    if standstill := os.environ.pop("BRIDGE_TEST_STANDSTILL", None):
        from bridge import watchdog

        watchdog.STANDSTILL_S = float(standstill)  # type: ignore[misc]  # seconds that the event loop may stand still
    if drain := os.environ.pop("BRIDGE_TEST_DRAIN", None):
        from ingress import main as ending

        ending.DRAIN_S = float(drain)  # type: ignore[misc]  # seconds that requests in flight may take at the end
    if upload := os.environ.pop("BRIDGE_TEST_UPLOAD_TIMEOUT", None):
        from ingress import body

        body.BODY_S = float(upload)  # type: ignore[attr-defined]  # seconds that a body may take to come
    if absence := os.environ.pop("BRIDGE_TEST_ABSENCE", None):
        from processors.worker import membership

        membership.ABSENCE_S = float(absence)  # type: ignore[misc]  # seconds that a worker may be in no group
    if looks := os.environ.pop("BRIDGE_TEST_LOOKS_A_QUESTION", None):
        from processors.worker import lane_watch

        lane_watch.LOOKS_A_QUESTION = int(looks)  # type: ignore[misc]  # seconds between two questions to Kafka


if __name__ == "__main__":
    run(os.getppid())
