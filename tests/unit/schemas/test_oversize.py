"""The stub of a body larger than the limit."""

import json

from schemas.oversize import oversize_stub


def test_a_stub_tells_size_and_hash_and_no_secret() -> None:
    record = oversize_stub(
        headers={
            "Content-Type": "application/json",
            "AUTHORIZATION": "Bearer k",
            "Cookie": "c",
            "User-Agent": "n\udcff",
        },
        size=9_000_000,
        read_hash="abc",
        received_at_ms=0,
        traceparent=None,
        tenant="demo-tenant",
    )
    assert json.loads(record.value) == {
        "headers": {"content-type": "application/json", "user-agent": "n\udcff"},
        "size": 9_000_000,
        "hash": "abc",
        "truncated": True,
    }
    assert record.reason == "too_large"
    headers = dict(record.headers)
    assert headers.pop("ce_id").startswith(b"0/")
    assert headers == {
        "ce_specversion": b"1.0",
        "ce_type": b"bridge.body.quarantined",
        "ce_source": b"/newstore/demo-tenant/quarantine",
        "ce_time": b"1970-01-01T00:00:00.000Z",
        "content-type": b"application/json",
        "ce_dataschema": b"urn:newstore-kafka-bridge:v1:oversize-stub",
        "ce_bridgeerrorreason": b"too_large",
        "ce_bridgeerrorstage": b"ingress",
        "bridge_error_reason": b"too_large",
        "bridge_error_stage": b"ingress",
        "bridge_received_at": b"1970-01-01T00:00:00.000Z",
    }
