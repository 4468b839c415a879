"""An iterator of rows that is interrupted by the handler's CPU limit."""

import traceback
from types import SimpleNamespace
from typing import Any

import pytest

from processors.engine.cpu_limit import TookTooLongError
from processors.engine.damage import rows_from


class _Interrupted:
    """An iterator whose ``next`` raises: a handler's time may be over anywhere."""

    def seek(self, key: bytes) -> None: ...

    def key(self) -> bytes:
        return b"key"

    def value(self) -> bytes:
        return b"row"

    def next(self) -> None:
        raise TookTooLongError


def test_an_iterator_is_left_wherever_it_is_interrupted() -> None:
    database: Any = SimpleNamespace(iter=_Interrupted)
    with pytest.raises(TookTooLongError) as kept:
        list(rows_from(database, b""))
    frames = [frame for frame, _ in traceback.walk_tb(kept.value.__traceback__)]
    keeping = [frame.f_code.co_name for frame in frames if "rows" in frame.f_locals]
    assert (frames[-2].f_code.co_name, keeping) == ("rows_from", [])
