import json
import pickle
from hashlib import blake2b

import pytest
from multidict import CIMultiDict

from bridge.intake import Intake, NewRecord
from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings

NOW_MS = 1_700_000_000_123
BODY = b'{ "tenant":"acme","name":"order.created","published_at":"2024-01-01T00:00:00Z","payload":{"id":"7"}}\n'


@pytest.fixture
def intake() -> Intake:
    return Intake(Settings(tenant="acme", partitions=5))


def headers(record: NewRecord) -> dict[str, bytes]:
    return dict(record.headers)


def test_an_event_of_this_tenant_goes_to_the_raw_topic_byte_for_byte(intake: Intake) -> None:
    record = intake.record(BODY, CIMultiDict(), NOW_MS)
    assert (record.topic, record.key, record.value) == ("newstore.raw.v1", b"order.created", BODY)
    assert record.partition == partition_for(b"order.created", 5)
    assert record.timestamp_ms == NOW_MS
    assert record.event == "order.created"
    assert headers(record)["bridge_received_at"] == b"2023-11-14T22:13:20.123Z"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BODY.replace(b"acme", b"other"), b"other_tenant"),
        (b"not json", b"invalid_json"),
        (b"", b"invalid_json"),
        (b"\xff", b"not_utf8"),
    ],
)
def test_everything_else_goes_to_quarantine_byte_for_byte(intake: Intake, body: bytes, reason: bytes) -> None:
    record = intake.record(body, CIMultiDict(), NOW_MS)
    assert (record.topic, record.key, record.value, record.event) == ("newstore.quarantine.v1", None, body, None)
    assert headers(record)["bridge_error_reason"] == reason
    assert 0 <= record.partition < 5


@pytest.mark.parametrize(
    ("encodings", "topic"),
    [
        (["gzip"], "newstore.quarantine.v1"),
        (["identity", "gzip"], "newstore.quarantine.v1"),
        (["identity"], "newstore.raw.v1"),
        ([], "newstore.raw.v1"),
    ],
)
def test_every_content_encoding_header_counts(intake: Intake, encodings: list[str], topic: str) -> None:
    request_headers = CIMultiDict(("content-encoding", encoding) for encoding in encodings)
    assert intake.record(BODY, request_headers, NOW_MS).topic == topic


def test_the_trace_is_handed_on_and_no_other_header_of_the_request(intake: Intake) -> None:
    """`bridge_accept` on a raw record changes its verdict: no caller may set it, nor another header of operators."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    by_operator = {"bridge_accept": "0:0", "bridge_replay": "0:0"}
    request_headers = CIMultiDict({"Traceparent": trace, **by_operator, "ce_id": "forged", "x": "y"})
    found = headers(intake.record(BODY, request_headers, NOW_MS))
    assert found["traceparent"] == trace.encode()
    assert found["ce_id"] == b"acme/order.created/7"
    assert not found.keys() & {*by_operator, "x"}


def test_a_stub_tells_what_was_there_and_no_secret(intake: Intake) -> None:
    request_headers = CIMultiDict({"Authorization": "Bearer hunter2", "User-Agent": "a\udcff", "Content-Length": "99"})
    record = intake.stub(b"0123456789", 99, request_headers, NOW_MS)
    stub = json.loads(record.value)
    digest = blake2b(b"0123456789", digest_size=16).hexdigest()
    assert (record.topic, record.key, record.event) == ("newstore.quarantine.v1", None, None)
    assert (stub["size"], stub["truncated"]) == (99, True)
    assert stub["hash"] == f"blake2b-128 of the first 10 bytes: {digest}"
    assert stub["headers"] == {"user-agent": "a\\udcff", "content-length": "99"}
    assert b"hunter2" not in record.value
    assert headers(record)["bridge_error_reason"] == b"too_large"


def test_a_stub_names_kafkas_refusal(intake: Intake) -> None:
    record = intake.stub(b"0", 1, CIMultiDict(), NOW_MS, kafka_error="INVALID_RECORD")
    assert headers(record)["bridge_error_exception"] == b"INVALID_RECORD"


def test_of_what_the_sender_chose_only_so_much_is_copied(intake: Intake) -> None:
    """A record that Kafka refuses for its headers would be answered 400."""
    record = intake.record(BODY, CIMultiDict({"content-encoding": "x" * 60_000}), NOW_MS)
    assert headers(record)["bridge_error_exception"] == b"x" * 200
    stub = intake.stub(BODY, 9_000_000, CIMultiDict({"user-agent": "x" * 60_000}), NOW_MS)
    assert json.loads(stub.value)["headers"] == {"user-agent": "x" * 200}


def test_a_question_is_answered_in_another_process_as_in_this_one(intake: Intake) -> None:
    question = pickle.loads(pickle.dumps(intake.question(CIMultiDict({"content-encoding": "identity"}), NOW_MS)))
    assert intake.record_of(question(BODY), NOW_MS) == intake.record(BODY, CIMultiDict(), NOW_MS)
