"""Acceptance as a whole: whatever comes in, something comes out, and the same for the same event."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.acceptance import Accepted, Quarantined, accept
from schemas.headers import Headers
from schemas.keytable import KeyTable
from tests.contract.json_texts import json_texts, nearly_json


def accepted(body: bytes) -> Accepted | Quarantined:
    return accept(
        body,
        content_encoding=None,
        tenant="t",
        table=KeyTable.shipped(),
        received_at_ms=0,
        traceparent=None,
    )


def size_of(headers: Headers) -> int:
    return sum(len(name) + len(value) for name, value in headers)


_NAMES = st.sampled_from(["order.created", "payment_account.amount_captured", "order.items_swapped", "x.y"])


@given(_NAMES, json_texts | nearly_json(), json_texts | nearly_json())
@settings(max_examples=200, deadline=None)
def test_every_body_becomes_one_record_byte_for_byte(name: str, an_id: str, transaction_id: str) -> None:
    payload = f'{{"id":{an_id},"transactions":[{{"id":{transaction_id}}}]}}'
    body = f'{{"tenant":"t","name":"{name}","published_at":{an_id},"payload":{payload}}}'.encode()
    record = accepted(body)
    assert record.value == body
    assert record == accepted(body)
    if isinstance(record, Accepted):
        assert record.key == name.encode()
        assert dict(record.headers)["ce_id"].isascii()
        assert size_of(record.headers) < 4096


@given(json_texts, json_texts)
@settings(max_examples=100, deadline=None)
def test_white_space_and_the_order_of_fields_change_no_identity(an_id: str, other: str) -> None:
    one = f'{{"name":"order.items_swapped","tenant":"t","payload":{{"id":{an_id},"z":{other}}}}}'
    two = f' {{"payload" : {{ "z":{other}\n, "id":{an_id} }},"tenant":"t","name":"order.items_swapped"}}'
    assert accepted(one.encode()).headers == accepted(two.encode()).headers
