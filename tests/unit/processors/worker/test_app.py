"""The composition root: what is wired to what."""

from typing import Any, NoReturn

import pytest

from processors.dedupe.agent import Processed
from processors.worker.app import _on_commit


class Untouchable(list[Any]):
    """Records that nobody may look at."""

    def __len__(self) -> NoReturn:
        raise AssertionError("somebody looked")


def test_without_a_sample_no_record_is_looked_at() -> None:
    _on_commit(0)(Processed(), Untouchable())
    with pytest.raises(AssertionError, match="somebody looked"):
        _on_commit(1)(Processed(), Untouchable())
