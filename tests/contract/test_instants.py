"""Instants of published_at."""

from typing import Any

import pytest

from schemas.instant import ABSENT, instant_of, is_time
from tests.contract.golden import vectors


@pytest.mark.parametrize("vector", vectors("instants"), ids=lambda vector: repr(vector.get("published_at", "absent")))
def test_published_at_has_the_instant_of_the_contract(vector: dict[str, Any]) -> None:
    instant = instant_of(vector.get("published_at", ABSENT))
    assert instant == vector["instant"]
    assert is_time(instant) == vector["instant"].endswith("Z")
