"""The lists that fulfilment and finance work through, as a worker answers for them."""

from tests.unit.processors.orders.facts import items, transaction
from tests.unit.processors.worker.queries.partitions import Shop
from tests.unit.processors.worker.queries.partitions import Told as Said
from tests.unit.processors.worker.queries.test_local import found, lines, opened


async def test_orders_are_found_that_failed_twice_are_unbalanced_or_owe_a_refund() -> None:
    def failed(request_id: str) -> Said:
        return "fulfillment_request.items_failed", {"id": request_id, "order_id": "a", "items": items("A")}

    ended: Said = ("order.completed", {"id": "b", "items": items("A", status="complete")})
    short: Said = ("payment_account.amount_captured", {"id": "b", "transactions": [transaction("t", 9)]})
    given: Said = ("refund_request.issued", {"id": "q", "order_id": "c", "amount": 5, "currency": "EUR"})
    shop = Shop().tell(*(opened(order, currency="EUR", grand_total=10) for order in "abcd"))
    shop.tell(failed("r"), failed("s"), short, ended, given)
    for name, order in (("failed_twice", "a"), ("unbalanced", "b"), ("refund_outstanding", "c")):
        [line] = await lines(shop, name, "true")
        assert (line["order_id"], line["since"] is None) == (order, False)
    [line] = await lines(shop, "unbalanced", "true")
    assert (line["current_total"], line["captured"], line["balance"]) == ("10", "9", "1")


async def test_they_are_left_once_there_is_nothing_more_to_do() -> None:
    given: Said = ("refund_request.issued", {"id": "q", "order_id": "a", "amount": 5, "currency": "EUR"})
    shop = Shop().tell(opened("a", currency="EUR", grand_total=10), given)
    assert await found(shop, "refund_outstanding", "true") == ["a"]
    back = transaction("t", 5, correlation_id="q")
    shop.tell(("payment_account.amount_refunded", {"id": "a", "transactions": [back]}))
    assert await found(shop, "refund_outstanding", "true") == []
