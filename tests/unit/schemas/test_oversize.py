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
    )
    assert json.loads(record.value) == {
        "headers": {"content-type": "application/json", "user-agent": "n\udcff"},
        "size": 9_000_000,
        "hash": "abc",
        "truncated": True,
    }
    assert record.reason == "too_large"
    assert dict(record.headers) == {
        "bridge_error_reason": b"too_large",
        "bridge_error_stage": b"ingress",
        "bridge_received_at": b"1970-01-01T00:00:00.000Z",
    }
