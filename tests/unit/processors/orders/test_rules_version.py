"""A change of rows or documents of the same events must raise the rules' version. Otherwise old orders keep theirs."""

import hashlib
from random import Random
from typing import Final

import pytest

from processors.orders.apply import apply, state_of
from processors.orders.fact import Fact
from processors.orders.row import RULES_VERSION
from tests.unit.processors.orders.facts import EVERYTHING
from tests.unit.processors.orders.test_rows_of_version_3 import made
from tests.unit.programs.checker.wild_orders import wild_orders

_ORDERS: Final = 1_000
_OF_VERSION: Final = {8: "6a4abc14d616ab33e9e0e79ee7dc5550e6c9f915d95d836d320fe7b4b8648a39"}
"""By version, the digest of its rows and documents of the same wild orders."""


@pytest.mark.thorough  # folds so many orders
def test_rows_and_documents_are_those_of_their_version() -> None:
    """If they are meant to differ, raise `RULES_VERSION`. Rows of the version before are then brought up and judged
    anew (`older_rows`). If no deployment has the version yet, or only this test's orders have changed, a new digest is
    enough."""
    facts: dict[str, list[Fact]] = {}
    for output in wild_orders(Random(1), _ORDERS):
        fact = made(output.source)
        facts.setdefault(fact.order_id, []).append(fact)
    digest = hashlib.sha256()
    for order in sorted(facts):
        row = apply(None, facts[order], EVERYTHING).row
        digest.update(row)
        digest.update(state_of(row, EVERYTHING))
    assert {RULES_VERSION: digest.hexdigest()} == _OF_VERSION
