"""Sizes for tests of events that wait."""

from collections.abc import Iterator

import pytest

from processors.orders import waiting
from tests.unit.processors.orders.waiting.tables import BYTES_PER_MS, CREATED, Table


@pytest.fixture(scope="module", autouse=True)
def _sizes() -> Iterator[None]:
    """Lets small orders pass for large ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "LARGE_BYTES", 1_000)
        patch.setattr(waiting, "_EACH_BYTES", 100)
        patch.setattr(waiting, "_BYTES_PER_MS", BYTES_PER_MS)
        yield


@pytest.fixture
def table() -> Table:
    table = Table()
    table.process(CREATED)
    return table
