"""The stub of a body larger than the limit."""

import json
from hashlib import blake2b

import pytest

from schemas.oversize import oversize_stub, stands_for, stub_value


def test_a_stub_tells_size_and_hash_and_no_secret() -> None:
    record = oversize_stub(
        headers={
            "Content-Type": "application/json",
            "AUTHORIZATION": "Bearer k",
            "Cookie": "c",
            "User-Agent": "n\udcff",
        },
        size=9_000_000,
        read=b"abc",
        received_at_ms=0,
        traceparent=None,
        tenant="demo-tenant",
    )
    assert json.loads(record.value) == {
        "headers": {"content-type": "application/json", "user-agent": "n\udcff"},
        "size": 9_000_000,
        "hash": "blake2b-128 of the first 3 bytes: " + blake2b(b"abc", digest_size=16).hexdigest(),
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


def test_a_stub_knows_the_body_that_it_stands_for() -> None:
    """A stub knows its body also if it is older, from when a worker's words were others. It knows no other body, as
    there may be one at its place in a raw topic that was made anew."""
    digest = blake2b(b"body", digest_size=16).hexdigest()
    older = json.dumps({"headers": {}, "size": 4, "hash": f"blake2b:{digest}", "truncated": True}).encode()
    for stub in (stub_value({}, 4, b"body"), older):
        assert (stands_for(stub, b"body"), stands_for(stub, b"ydob"), stands_for(stub, b"body ")) == (
            True,
            False,
            False,
        )


@pytest.mark.parametrize("stub", [b"", b"[]", b"{}", b'{"size":4,"hash":null}', stub_value({}, 4, b"bo")])
def test_what_is_no_stub_of_all_of_a_body_stands_for_none(stub: bytes) -> None:
    assert not stands_for(stub, b"body")
