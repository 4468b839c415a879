"""Waiting for conditions, never for time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds; other work may have the machine's cores meanwhile. What is waited for takes a tenth of that."""

ORDERLY_S = 11.0
"""For an orderly end: the product's bound of 10 s from the signal on, and one for the machine."""


def wait_until(
    what: str, condition: Callable[[], T | None], explain: Callable[[], object] = lambda: "", seconds: float = PATIENCE
) -> T:
    """What the condition gives once it holds; AssertionError says ``what`` did not come about, and how things stand."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what} {explain()}"
        time.sleep(0.05)
    return result
