"""Waiting for conditions, never for time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds; other work may have the machine's cores meanwhile. What is waited for takes a tenth of that."""

ORDERLY_S = 11.0
"""For an orderly end: the product's bound of 10 s from the signal on, and one for the machine."""

_SHARE = 0.05
"""Of the wait, by which it may be too long."""
_SHORTEST_S, _LONGEST_S = 0.05, 0.25


def wait_until(
    what: str, condition: Callable[[], T | None], explain: Callable[[], object] = lambda: "", seconds: float = PATIENCE
) -> T:
    """What the condition gives once it holds; AssertionError says ``what`` did not come about, and how things stand."""
    since = time.monotonic()
    while not (result := condition()):
        waited = time.monotonic() - since
        assert waited < seconds, f"not within {seconds:g} s: {what} {explain()}"
        time.sleep(pause_s(waited))
    return result


def pause_s(
    waited_s: float, share: float = _SHARE, shortest_s: float = _SHORTEST_S, longest_s: float = _LONGEST_S
) -> float:
    """How long not to look again, once it has been waited for so long: who looks at topics or pages keeps those busy
    that are waited for, the more where the machine is slow."""
    return min(max(waited_s * share, shortest_s), longest_s)
