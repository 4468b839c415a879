"""From a webhook's body to the record: keys, values and headers to the letter."""

import json
from hashlib import blake2b
from typing import Any

import pytest

from schemas.acceptance import Accepted, Quarantined, accept
from schemas.headers import CachedIdentity, identity_from_headers, source_of
from schemas.keytable import KeyTable
from tests.contract.golden import SAMPLE_NAMES, about, body_of, sample, vectors

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def accepted(body: bytes, **changes: Any) -> Accepted | Quarantined:
    request: dict[str, Any] = {
        "content_encoding": None,
        "tenant": "demo-tenant",
        "table": KeyTable.shipped(),
        "received_at_ms": 1_606_848_069_007,
        "traceparent": None,
    }
    return accept(body, **(request | changes))


def test_an_accepted_event_becomes_this_raw_record() -> None:
    body = sample("refund_request.issued")
    record = accepted(body, traceparent=TRACEPARENT)
    assert isinstance(record, Accepted)
    assert (record.event, record.key, record.value) == ("refund_request.issued", b"refund_request.issued", body)
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"demo-tenant/refund_request.issued/93ae9173-9497-4e10-9949-d113a2e90390",
        "ce_type": b"refund_request.issued",
        "ce_source": b"/newstore/demo-tenant",
        "ce_time": b"2019-02-06T22:10:09.037Z",
        "content-type": b"application/json",
        "traceparent": TRACEPARENT.encode(),
        "bridge_received_at": b"2020-12-01T18:41:09.007Z",
        "bridge_entity_key": b"f115c3b1-8ced-492f-ac4e-38c75700e837",
        "bridge_payload_hash": b"v1:b1885e6c589791e50e75090f243dafad",
        "bridge_rules": b"1-0d468de88d5a",
    }
    assert len(record.headers) == 11


def test_an_event_without_a_date_time_has_no_ce_time() -> None:
    record = accepted(b'{"tenant":"demo-tenant","name":"n","published_at":"soon","payload":{}}')
    assert "ce_time" not in dict(record.headers)


def test_names_outside_ascii_are_percent_encoded_where_cloudevents_wants_a_uri() -> None:
    body = '{"tenant":"café 1","name":"ü.b","payload":{"id":"é"}}'.encode()
    headers = dict(accepted(body, tenant="café 1").headers)
    assert headers["ce_source"] == b"/newstore/caf%C3%A9%201"
    assert headers["ce_id"].startswith(b"caf%C3%A9%201/%C3%BC.b/v1%3A")
    assert (headers["ce_type"], headers["bridge_entity_key"]) == ("ü.b".encode(), "é".encode())


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_worker_reads_the_identity_back_from_the_headers(name: str) -> None:
    record = accepted(sample(name))
    found = dict(record.headers)
    identity = identity_from_headers(tuple(record.headers), table=KeyTable.shipped(), source=source_of("demo-tenant"))
    assert identity == CachedIdentity(
        name=name,
        row_key=found["ce_id"].removeprefix(b"demo-tenant/"),
        payload_hash=found["bridge_payload_hash"],
        entity_key=found["bridge_entity_key"],
    )


def test_re_ordered_keys_and_other_white_space_are_the_same_event() -> None:
    for name in SAMPLE_NAMES:
        body = sample(name)
        reordered = json.dumps(json.loads(body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))).encode()
        assert reordered != body
        assert accepted(reordered).headers == accepted(body).headers


@pytest.mark.parametrize("vector", vectors("invalid_envelopes"), ids=about)
def test_a_malformed_body_becomes_a_quarantine_record_byte_for_byte(vector: dict[str, Any]) -> None:
    record = accepted(body_of(vector))
    assert isinstance(record, Quarantined)
    assert (record.reason, record.value) == (vector["reason"], body_of(vector))
    headers = dict(record.headers)
    headers.pop("bridge_error_exception", None)
    digest = blake2b(body_of(vector), digest_size=16).hexdigest()
    assert headers == {
        "ce_specversion": b"1.0",
        "ce_id": f"1606848069007/{digest}".encode(),
        "ce_type": b"bridge.body.quarantined",
        "ce_source": b"/newstore/demo-tenant/quarantine",
        "ce_time": b"2020-12-01T18:41:09.007Z",
        "content-type": b"application/octet-stream",
        "ce_bridgeerrorreason": vector["reason"].encode(),
        "ce_bridgeerrorstage": b"ingress",
        "bridge_error_reason": vector["reason"].encode(),
        "bridge_error_stage": b"ingress",
        "bridge_received_at": b"2020-12-01T18:41:09.007Z",
    }


@pytest.mark.parametrize("tenant", ["demo-tenant-2", "demo", "Demo-Tenant"])
def test_another_tenants_event_is_quarantined(tenant: str) -> None:
    record = accepted(sample("order.opened"), tenant=tenant)
    assert isinstance(record, Quarantined)
    assert (record.reason, record.value) == ("other_tenant", sample("order.opened"))


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "x"])
def test_an_encoded_body_is_quarantined_as_it_came(coding: str) -> None:
    record = accepted(sample("order.opened"), content_encoding=coding)
    assert isinstance(record, Quarantined)
    assert (record.reason, record.value) == ("content_encoding", sample("order.opened"))
    assert dict(record.headers)["bridge_error_exception"] == coding.encode()


@pytest.mark.parametrize("coding", [None, "", "identity", " Identity ", "identity, identity", "identity,"])
def test_identity_is_no_encoding(coding: str | None) -> None:
    assert isinstance(accepted(sample("order.opened"), content_encoding=coding), Accepted)
