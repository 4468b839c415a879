"""A wait that never ends must fail its test, not stop the run."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

LONGEST_S = 20


@pytest.fixture(autouse=True)
def no_endless_wait() -> Iterator[None]:
    """Raise TimeoutError in a test that takes far longer than any of these should."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the test waits for something that did not happen within {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
