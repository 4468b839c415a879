"""Headers that come from outside or go to quarantine."""

import re
from typing import Any

import pytest

from schemas import headers as header
from schemas.headers import identity_from_headers, quarantine_headers, raw_headers, source_of
from schemas.identity import Identity
from schemas.keytable import KeyTable

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
IDENTITY = Identity("t", "n", "t/n/k", "v1:00", "2020-01-01T00:00:00Z", "e")
TABLE = KeyTable({})
OWN = TABLE.version("n")


def traceparent_of(text: str | None) -> bytes | None:
    headers = raw_headers(IDENTITY, rules="r", received_at_ms=0, traceparent=text)
    return dict(headers).get("traceparent")


def test_a_traceparent_is_passed_on() -> None:
    assert traceparent_of(VALID) == VALID.encode()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        VALID.upper(),
        f"ff{VALID[2:]}",
        VALID[:-1],
        f"{VALID}0",
        f"{VALID}\n",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        "\ud800",
    ],
)
def test_what_is_no_traceparent_is_left_out(text: str | None) -> None:
    assert traceparent_of(text) is None


@pytest.mark.parametrize(("rules", "tenant"), [("other", "t"), (OWN, "other")])
def test_headers_by_another_rule_or_of_another_tenant_are_not_believed(rules: str, tenant: str) -> None:
    headers = raw_headers(IDENTITY, rules=OWN, received_at_ms=0, traceparent=None)
    assert identity_from_headers(headers, table=TABLE, source=source_of("t")) is not None
    headers = raw_headers(IDENTITY, rules=rules, received_at_ms=0, traceparent=None)
    assert identity_from_headers(headers, table=TABLE, source=source_of(tenant)) is None


@pytest.mark.parametrize(
    "missing", ["ce_id", "ce_type", "ce_source", "bridge_rules", "bridge_entity_key", "bridge_payload_hash"]
)
def test_headers_that_are_incomplete_are_not_believed(missing: str) -> None:
    """This includes a header that is there without a value."""
    headers = raw_headers(IDENTITY, rules=OWN, received_at_ms=0, traceparent=None)
    left = [header for header in headers if header[0] != missing]
    assert identity_from_headers(left, table=TABLE, source=source_of("t")) is None
    empty: Any = [*left, (missing, None)]
    assert identity_from_headers(empty, table=TABLE, source=source_of("t")) is None


def test_a_name_that_is_no_text_is_not_believed() -> None:
    """No ingress wrote such a name; the body says what the event is."""
    headers = [
        ("ce_type", b"\xff") if header[0] == "ce_type" else header
        for header in raw_headers(IDENTITY, rules=OWN, received_at_ms=0, traceparent=None)
    ]
    assert identity_from_headers(headers, table=TABLE, source=source_of("t")) is None


def quarantined(value: bytes = b"body", **more: Any) -> dict[str, bytes]:
    given = {"reason": "handler_failed", "stage": "dedupe", "received_at_ms": 5, "ce_source": source_of("ü"), **more}
    headers = quarantine_headers(value=value, **given)
    assert len(dict(headers)) == len(headers)
    return dict(headers)


def test_a_record_that_could_not_be_processed_is_quarantined_with_its_place() -> None:
    assert quarantined(exception="\ud800", source=("a.raw.v1", 3, 42)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"a.raw.v1/3/42",
        "ce_type": b"bridge.body.quarantined",
        "ce_source": b"/newstore/%C3%BC/quarantine",
        "ce_time": b"1970-01-01T00:00:00.005Z",
        "content-type": b"application/octet-stream",
        "ce_bridgeerrorreason": b"handler_failed",
        "ce_bridgeerrorstage": b"dedupe",
        "bridge_error_reason": b"handler_failed",
        "bridge_error_stage": b"dedupe",
        "bridge_received_at": b"1970-01-01T00:00:00.005Z",
        "bridge_error_exception": b"\\ud800",
        "bridge_error_topic": b"a.raw.v1",
        "bridge_error_partition": b"3",
        "bridge_error_offset": b"42",
    }


@pytest.mark.parametrize(("text", "header"), [(VALID, VALID.encode()), (VALID.upper(), None), (None, None)])
def test_what_is_quarantined_keeps_its_trace(text: str | None, header: bytes | None) -> None:
    assert quarantined(traceparent=text).get("traceparent") == header


def test_what_is_said_more_is_cut() -> None:
    assert quarantined(exception="x" * 201)["bridge_error_exception"] == b"x" * 200


def test_a_body_without_a_place_has_its_time_and_hash_as_id() -> None:
    """The id is the same however often the record is made: a producer may send it twice."""
    assert quarantined(b"a")["ce_id"] == quarantined(b"a")["ce_id"]
    others = [quarantined(b"b"), quarantined(b"a", received_at_ms=6)]
    assert len({each["ce_id"] for each in (quarantined(b"a"), *others)}) == 3


def test_attributes_for_sdks_are_spelt_as_cloudevents_wants_it() -> None:
    named = {value for name, value in vars(header).items() if name.startswith("CE_")}
    assert len(named) > 12
    assert all(re.fullmatch("ce_[a-z0-9]{1,20}", name) for name in named)
