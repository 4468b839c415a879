"""Makes calls up until enough bodies were sent."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.calls import CORPUS_DIRECTORY, Call, calls
from tests.fuzz.target import CONNECTIONS, Target

_ROUND: Final = 150


def replay(found: Target, kept: Sequence[Path]) -> None:
    """Send every kept body, with a Content-Length, in chunks of one byte, and with `Expect`."""
    bodies = [path.read_bytes() for path in kept]
    made = [call for body in bodies for call in (Call(body), Call(body, pieces=[1, 1]), Call(body, expect=True))]
    for start in range(0, len(made), CONNECTIONS):
        found.check(made[start : start + CONNECTIONS])


def fuzz(found: Target, bodies: int, first_seed: int, on_round: Callable[[], None] = lambda: None) -> None:
    """Send made-up calls until so many bodies were sent. A failing example is made small, and its bodies are kept."""
    number = first_seed
    while found.bodies < bodies:
        _round(found, number)
        number += 1
        on_round()


def _round(found: Target, number: int) -> None:
    failing: list[Call] = []

    @seed(number)
    @settings(
        max_examples=_ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.lists(calls, min_size=1, max_size=CONNECTIONS))
    def check(made: list[Call]) -> None:
        try:
            found.check(made)
        except BaseException:
            failing[:] = made
            raise

    try:
        check()
    except BaseException:
        _keep(failing)
        raise


def _keep(failing: Sequence[Call]) -> None:
    for call in failing:
        name = f"found-{hashlib.sha256(call.body).hexdigest()[:8]}.body"
        (CORPUS_DIRECTORY / name).write_bytes(call.body)
