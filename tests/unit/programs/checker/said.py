"""Orders as the checker folds them, from a few words."""

import json
from collections.abc import Sequence
from typing import Any

from tests.programs.checker.facts import Fact, in_order
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_fold import state_of
from tests.programs.checker.order_waiting import next_events
from tests.programs.checker.values import Number

Said = tuple[str, dict[str, Any]]
"""An event's name and its payload."""


def folded(*said: Said, at_once: bool = False, in_part: bool = False) -> dict[str, Any]:
    """The state of an order of which this is said, a second apart unless ``at_once``. ``in_part``: more may have been
    said before."""
    return state_of(Evidence(_facts(said, at_once=at_once)), in_part=in_part)


def awaited(*said: Said) -> set[str]:
    """What such an order waits for next."""
    evidence = Evidence(_facts(said))
    return next_events(evidence, state_of(evidence))


def _facts(said: Sequence[Said], *, at_once: bool = False) -> list[Fact]:
    return in_order(_fact(place, 0 if at_once else place, *each) for place, each in enumerate(said))


def _fact(place: int, second: int, name: str, payload: dict[str, Any]) -> Fact:
    read = json.loads(json.dumps(payload), parse_int=Number, parse_float=Number)
    return Fact(f"event {place}", name, f"2026-01-01T00:00:{second:02}Z", f"received {place:02}", f"0:{place}", read)


def listed(event: str, *ids: str, **payload: Any) -> Said:
    """``order.created`` or ``order.opened``, with one piece of each item."""
    return f"order.{event}", {"items": [{"id": item, "quantity": 1} for item in ids], **payload}


def of_items(event: str, *ids: str, **line: Any) -> Said:
    """An event of the order that names these items."""
    return f"order.{event}", {"items": [{"id": item, **line} for item in ids]}


def request(step: str, *ids: str, of: str = "r", **payload: Any) -> Said:
    """An event of a fulfilment request that names these items."""
    return f"fulfillment_request.{step}", {"id": of, "items": [{"id": item} for item in ids], **payload}


def money(action: str, *moved: tuple[str, object], **transaction: Any) -> Said:
    """A payment account's event: transaction ids and amounts."""
    moves = [{"id": each, "amount": amount, "currency": "EUR", **transaction} for each, amount in moved]
    return f"payment_account.amount_{action}", {"transactions": moves}


def wish(name: str, amount: object, **said: Any) -> Said:
    """A refund that somebody asks for."""
    return "refund_request.issued", {"id": name, "amount": amount, **said}


def given_back(*ids: str, of: str = "return", lines: tuple[dict[str, Any], ...] = (), **payload: Any) -> Said:
    """A processed return of one piece of each item, and of other lines."""
    return "return.processed", {"id": of, "items": [*({"id": item, "quantity": 1} for item in ids), *lines], **payload}


def statuses(state: dict[str, Any]) -> dict[str, str]:
    """The items' statuses."""
    return {item: known["status"] for item, known in state["items"].items()}


def kinds(state: dict[str, Any]) -> list[str]:
    """The kinds of contradictions."""
    return [kind for kind, *_ in state["contradictions"]]
