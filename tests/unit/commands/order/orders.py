"""Orders for tests of the view, and what it prints of them."""

import io
import re
from typing import Any

from commands.order.view.page import show
from commands.terminal.output import InertConsole
from processors.orders.fact import Fact
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import Json, fact, items, life, paid, request, state_of

LIVES = [
    "cash_and_gift_card",
    "cash_rounding",
    "exchange_order",
    "exchanged_order",
    "mixed_currencies",
    "over_capture",
    "partial_captures",
    "refund_request",
    "refunds_as_new_instruments",
    "store_credit_voided",
]
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
WITH_DEFAULT = [name for name, field in OrderState.model_fields.items() if not field.is_required()]


def document(of: str | list[Fact]) -> Json:
    """Return the document of a kept order, or of facts."""
    return state_of(*(life(of) if isinstance(of, str) else of))


def order(*facts: Fact, **fields: Any) -> OrderState:
    """Return the state of facts, with these fields replaced."""
    return OrderState.model_validate(document([*facts]) | fields)


def shipped_and_paid(*, total: object = 58, opened: bool = True) -> list[Fact]:
    """Return the life of an order of one item."""
    said: Json = {"items": items("A", quantity=1), "currency": "EUR", "grand_total": total}
    facts = [
        fact("order.created", "2024-05-01T10:00:00Z", **said),
        paid("authorized", 1, "t1", total),
        fact("order.opened", "2024-05-01T10:00:02Z", **said),
        request("assigned", 3, "A"),
        request("items_completed", 4, "A"),
        paid("captured", 5, "t2", total),
        fact("order.completed", "2024-05-01T10:00:06Z", items=items("A", status="complete")),
    ]
    return facts if opened else [each for each in facts if each.event != "order.opened"]


def printed(state: OrderState, *, width: int = 200, by_arrival: bool = False, piped: bool = False) -> str:
    """Return the whole view, without colours and the blanks that fill up lines."""
    console = InertConsole(
        file=io.StringIO(), width=width, soft_wrap=True, force_terminal=not piped, color_system="standard"
    )
    show(console, state, by_arrival=by_arrival)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in _STYLE.sub("", console.file.getvalue()).splitlines())


def section(text: str, title: str) -> list[str]:
    """Return the lines of one part without its title, each with single blanks."""
    (found,) = (part for part in text.split("\n\n") if part.startswith(title))
    return [" ".join(line.split()) for line in found.splitlines()[1:]]
