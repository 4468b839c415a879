"""The sample in docs/command-line.md is what `bridge order` prints."""

import json
from datetime import datetime
from pathlib import Path

from processors.orders.fact import Fact, fact_of
from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, printed
from tests.unit.processors.orders.facts import LIVES, cleaned

PAGE = Path(__file__).parents[4] / "docs" / "command-line.md"
WIDTH = 100
LATENESS_MS = 1_400


def received() -> list[Fact]:
    """Return an order paid by cash and gift card. Each event is received a little after its publication."""
    facts = []
    for number, envelope in enumerate(json.loads((LIVES / "cash_and_gift_card.json").read_text())):
        published_ms = int(datetime.fromisoformat(envelope["published_at"]).timestamp() * 1000)
        source = f"{number % 4}:{1200 + number}"
        made = fact_of(
            *cleaned(json.dumps(envelope).encode(), received_at_ms=published_ms + LATENESS_MS, source=source)
        )
        assert made is not None
        facts.append(made)
    return facts


def test_the_sample_is_true() -> None:
    text = printed(OrderState.model_validate(document(received())), width=WIDTH)
    assert f"```\n{text}\n```" in PAGE.read_text(encoding="utf-8")
