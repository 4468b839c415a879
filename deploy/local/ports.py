"""Free TCP ports on the loopback interface."""

import random
import socket

# Below the range from which Linux takes the ports of outgoing connections: nobody takes one of these by
# chance between our looking and the broker's binding, nor while a killed broker is down.
CANDIDATES = range(20_000, 32_768)


def free_ports(count: int) -> list[int]:
    """`count` different ports of 127.0.0.1 on which nothing listens."""
    free: list[int] = []
    for port in random.SystemRandom().sample(CANDIDATES, len(CANDIDATES)):
        if len(free) == count:
            break
        if _is_free(port):
            free.append(port)
    return free


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
