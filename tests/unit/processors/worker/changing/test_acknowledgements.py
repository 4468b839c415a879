"""Setting gaps aside over HTTP: who may, what is a reason, and what is answered."""

import json

import pytest

from processors.orders.acknowledging import NoSuchGapError, NotSetAside
from processors.orders.older_rows import NewerRowError
from processors.orders.too_large import OrderTooLargeError
from processors.worker.changing.acknowledgements import MOST_REASON, BadReasonError, acknowledged, read_reason
from tests.unit.processors.orders.facts import fact, state_of
from tests.unit.processors.worker.queries.test_routes import KEY, asked
from tests.unit.processors.worker.test_web import serving

PATH = "/orders/a/gaps/fulfillment_request.assigned:r%2F1/ack"


async def test_nobody_sets_a_gap_aside_without_a_key_and_a_reason() -> None:
    async with serving() as port:
        assert (await asked(port, PATH, {}, b'{"reason": "lost"}'))[0] == 401
        assert await asked(port, PATH, KEY, b'{"reason": ""}') == (400, "application/problem+json")
        assert await asked(port, PATH, KEY, b'{"reason": "lost"}') == (503, "application/problem+json")
        assert (await asked(port, PATH, KEY))[0] == 405
        foreign = KEY | {"Origin": "https://evil.example"}
        assert (await asked(port, PATH, foreign, b'{"reason": "lost"}'))[0] == 403


@pytest.mark.parametrize(
    "reason", ["lost", "  verloren für immer ", "x" * MOST_REASON, "x" * MOST_REASON + " ", "\0 lo\0st"]
)
def test_a_reason_is_text(reason: str) -> None:
    """Databases take no U+0000."""
    assert read_reason(json.dumps({"reason": reason}).encode()) == reason.replace("\0", "").strip()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"lost",
        b"[]",
        b"{}",
        b'{"reason": null}',
        b'{"reason": 1}',
        b'{"reason": "  "}',
        b'{"reason": "\\u0000 "}',
        b'{"reason": "lost", "name": "other"}',
        b'{"reason": "\xff"}',
        b'{"reason": "\\ud800"}',
        json.dumps({"reason": "x" * (MOST_REASON + 1)}).encode(),
    ],
)
def test_anything_else_is_none(body: bytes) -> None:
    with pytest.raises(BadReasonError):
        read_reason(body)


def test_the_answer_is_what_the_order_waits_for() -> None:
    state = state_of(fact("order.opened"))
    answer = acknowledged(json.dumps(state).encode())
    assert (answer.status, answer.body) == (
        200,
        {"order_id": "order-1", "incomplete": False, "missing": ["order.created"], "stalled": [], "acknowledged": []},
    )


def test_an_unknown_gap_is_not_found() -> None:
    answer = acknowledged(NoSuchGapError("order a waits for no b"))
    assert (answer.status, answer.body["detail"]) == (404, "order a waits for no b")


@pytest.mark.parametrize(("outcome", "status"), [(NewerRowError("version 9"), 503), (OrderTooLargeError(10), 400)])
def test_an_order_that_is_left_as_it_is_says_why(outcome: NotSetAside, status: int) -> None:
    answer = acknowledged(outcome)
    assert (answer.status, answer.body["detail"]) == (status, str(outcome))
