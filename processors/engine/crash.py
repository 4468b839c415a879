"""Named points at which a test may have the process killed or frozen.

``BRIDGE_TEST_FAULT=<point>:<signal>:<nth>`` sends the process the signal (KILL, STOP) when it passes the point for
the nth time. Not a setting of the product: faults between two lines of the engine cannot be hit from outside.
"""

import os
import signal
from collections import Counter

_POINT, _, _REST = os.environ.get("BRIDGE_TEST_FAULT", "").partition(":")
_SIGNAL, _, _NTH = _REST.partition(":")
_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """The process may end here."""
    if name != _POINT:
        return
    _passed[name] += 1
    if _passed[name] == int(_NTH or 1):
        os.kill(os.getpid(), getattr(signal, f"SIG{_SIGNAL or 'KILL'}"))
