"""Waiting for conditions, never for time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds. What is waited for takes a tenth of that; the rest is for other work on the machine's cores."""

ORDERLY_S = 11.0
"""Seconds for an orderly end: the product's bound of 10 s from the signal on, and one for the machine."""

_SHARE = 0.05
"""The share of a wait by which it may be too long."""
_SHORTEST_S, _LONGEST_S = 0.05, 0.25


def wait_until(
    what: str, condition: Callable[[], T | None], explain: Callable[[], object] = lambda: "", seconds: float = PATIENCE
) -> T:
    """What ``condition`` gives once it holds. AssertionError: it does not in time; the message has ``what`` and
    ``explain()``."""
    since = time.monotonic()
    while not (result := condition()):
        waited = time.monotonic() - since
        assert waited < seconds, f"not within {seconds:g} s: {what} {explain()}"
        time.sleep(pause_s(waited))
    return result


def pause_s(
    waited_s: float, share: float = _SHARE, shortest_s: float = _SHORTEST_S, longest_s: float = _LONGEST_S
) -> float:
    """Seconds until the next look, after a wait of so many. Each look at topics or pages keeps busy what is waited for,
    the more on a slow machine."""
    return min(max(waited_s * share, shortest_s), longest_s)
