"""Requests are found in a stream of bytes, however it is cut, and read as aiokafka writes them."""

import warnings
from typing import Any

from aiokafka.protocol.api import RequestHeader_v1
from aiokafka.protocol.metadata import MetadataRequest_v1
from aiokafka.protocol.produce import ProduceRequest_v3
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest_v0,
    AddPartitionsToTxnRequest_v0,
    EndTxnRequest_v0,
    InitProducerIdRequest_v0,
)

from tests.programs.chaos.frames import (
    ADD_OFFSETS_TO_TXN,
    ADD_PARTITIONS_TO_TXN,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    TXN_OFFSET_COMMIT,
    Frames,
    Request,
    request_in,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads its definitions by an older function of Python's
    from kafka.protocol.producer import EndTxnRequest as EndTxn
    from kafka.protocol.producer import ProduceRequest as Produce
    from kafka.protocol.producer import TxnOffsetCommitRequest as TxnOffsetCommit


def frame(request: Any) -> bytes:
    content: bytes = RequestHeader_v1(request, correlation_id=7, client_id="a client").encode() + request.encode()
    return len(content).to_bytes(4, "big") + content


END = frame(EndTxnRequest_v0("lane-3", 5, 1, True))
ADD = frame(AddPartitionsToTxnRequest_v0("lane-3", 5, 1, [("orders", [1])]))
OFFSETS = frame(AddOffsetsToTxnRequest_v0("lane-3", 5, 1, "a group"))
START = frame(InitProducerIdRequest_v0("lane-3", 1000))
PRODUCED = frame(ProduceRequest_v3("lane-3", -1, 1000, []))
OTHER = frame(MetadataRequest_v1([]))


def test_transactional_requests_are_known_with_their_ids() -> None:
    assert [request_in(each) for each in (START, END, ADD, OFFSETS, PRODUCED)] == [
        Request(INIT_PRODUCER_ID, "lane-3"),
        Request(END_TXN, "lane-3"),
        Request(ADD_PARTITIONS_TO_TXN, "lane-3"),
        Request(ADD_OFFSETS_TO_TXN, "lane-3"),
        Request(PRODUCE, "lane-3"),
    ]
    assert request_in(frame(ProduceRequest_v3(None, -1, 1000, []))).transactional_id is None
    assert request_in(OTHER).transactional_id is None


def test_those_of_the_second_protocol_are_known_too() -> None:
    """The relay holds back the end of a transaction, whichever protocol its producer speaks."""
    requests = [
        Produce[12](transactional_id="lane-3", acks=-1, timeout_ms=1000, topic_data=[]),
        TxnOffsetCommit[5](transactional_id="lane-3", group_id="a group"),
        EndTxn[5](transactional_id="lane-3", producer_id=5, producer_epoch=1, committed=True),
    ]
    for request in requests:
        request.with_header(correlation_id=7, client_id="a client")
    frames = [bytes(request.encode(header=True, framed=True)) for request in requests]
    assert [request_in(each) for each in frames] == [
        Request(PRODUCE, "lane-3"),
        Request(TXN_OFFSET_COMMIT, "lane-3"),
        Request(END_TXN, "lane-3"),
    ]
    nobodys = Produce[12](transactional_id=None, acks=-1, timeout_ms=1000, topic_data=[])
    nobodys.with_header(correlation_id=7, client_id="a client")
    assert request_in(bytes(nobodys.encode(header=True, framed=True))).transactional_id is None


def test_frames_are_whole_however_the_stream_is_cut() -> None:
    stream = END + OTHER + ADD
    for size in (1, 5, len(END), len(stream)):
        frames = Frames()
        cut = [stream[start : start + size] for start in range(0, len(stream), size)]
        assert [each for data in cut for each in frames.whole(data)] == [END, OTHER, ADD]
