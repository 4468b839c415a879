"""Waiting for conditions, never for time."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds; other work may have the machine's cores meanwhile."""

ORDERLY_SECONDS = 15.0
"""For an orderly end; the product's bound is 10 s, from the signal on."""


def wait_until(what: str, condition: Callable[[], object], explain: Callable[[], object] = lambda: "") -> None:
    """Return once the condition holds; AssertionError says ``what`` did not come about, and how things stand."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what} {explain()}"
        time.sleep(0.05)
