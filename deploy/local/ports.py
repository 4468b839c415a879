"""Free TCP ports on the loopback interface."""

import fcntl
import functools
import itertools
import os
import random
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

# Linux takes the ports of outgoing connections from a higher range. So nobody takes one of these by chance between our
# check and the broker's bind, or while a killed broker is down.
CANDIDATES = range(20_000, 32_768)

_taken: set[int] = set()


def free_ports(count: int, wanted: Iterable[int] = ()) -> list[int]:
    """Return `count` different ports of 127.0.0.1 on which nothing listens, `wanted` ports first. No port is returned
    twice while this process lives."""
    free: list[int] = []
    start = random.SystemRandom().randrange(len(CANDIDATES))
    for port in itertools.chain(wanted, CANDIDATES[start:], CANDIDATES[:start]):
        if len(free) == count:
            break
        if port not in _taken and _is_reserved_for_us(port):
            _taken.add(port)
            if _is_free(port):
                free.append(port)
    return free


def _is_reserved_for_us(port: int) -> bool:
    """Lock the port's byte of a file: test runs share the machine. The lock ends with this process. False: another
    process has it."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@functools.cache
def _reservations() -> int:
    return os.open(Path(tempfile.gettempdir()) / f"bridge-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have just ended do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
