"""What bridge/http/protocol.py, chunks.py and answers.py assume of aiohttp. A failing fingerprint means: read the
new code, check the override, then renew the fingerprint."""

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web_protocol
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import StreamWriter
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_response import StreamResponse
from aiohttp.web_runner import AppRunner, BaseRunner
from aiohttp.web_server import Server

from bridge.http import protocol
from bridge.http.bounds import QUEUED_REQUESTS


@pytest.mark.parametrize(
    ("upstream", "fingerprint"),
    [
        (RequestHandler.__init__, "9f475bfe2890"),
        (RequestHandler.connection_made, "bdecc031d307"),
        (RequestHandler.connection_lost, "864d2c189427"),
        (RequestHandler.eof_received, "5c170f79ca72"),
        (RequestHandler.data_received, "494210f7b855"),
        (RequestHandler._resume_reading_if_drained, "a03006ee8072"),
        (RequestHandler.close, "8c4fd08825bc"),
        (RequestHandler.force_close, "95691dec7362"),
        (RequestHandler._process_keepalive, "ead98f4b6c92"),
        (RequestHandler.start, "5235f4803612"),
        (RequestHandler.finish_response, "32837a7d0c51"),
        (RequestHandler.handle_error, "b6fce846c802"),
        (RequestHandler._make_error_handler, "635c7a3fb4ec"),
        (web_protocol._ErrInfo, "d8e13134ef87"),
        (BaseProtocol.pause_writing, "c4cbcaa08909"),
        (BaseProtocol.resume_writing, "abdc347e1f9a"),
        (BaseProtocol.pause_reading, "f32aaa0a032a"),
        (BaseProtocol.resume_reading, "1d4263fe80b3"),
        (StreamWriter.write_headers, "8bfef159a412"),
        (StreamWriter.write, "1bb5830e202c"),
        (StreamResponse.prepare, "722a6bf2d947"),
        (StreamResponse._start, "9dd0d6d62f45"),
        (StreamResponse._prepare_headers, "a10d9bf6df3f"),
        (StreamResponse.write_eof, "aa715d3272c7"),
        (StreamReader.feed_data, "3eb37bf401bf"),
        (StreamReader.set_exception, "83e697223586"),
        (StreamReader.begin_http_chunk_receiving, "bb7c77e68ba5"),
        (StreamReader.end_http_chunk_receiving, "125a29e7f5fc"),
        (StreamReader.readany, "7188f1cff981"),
        (StreamReader._read_nowait, "173d885e1a2c"),
        (StreamReader._read_nowait_chunk, "11ed8584c0b3"),
        (Server, "e8d0a082f83f"),
        (AppRunner._make_server, "425084e5f654"),
        (BaseRunner.cleanup, "dedf7ee35b29"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_upstream_code_is_the_code_that_was_read(upstream: Callable[..., Any], fingerprint: str) -> None:
    found = hashlib.blake2b(inspect.getsource(upstream).encode(), digest_size=6).hexdigest()
    assert found == fingerprint


def test_the_compiled_parser_is_the_one_that_was_read() -> None:
    """aiohttp ships its source."""
    source = Path(web_protocol.__file__).with_name("_http_parser.pyx")
    assert hashlib.blake2b(source.read_bytes(), digest_size=6).hexdigest() == "a348284f6177"


def test_so_many_requests_are_read_ahead() -> None:
    """There is no option for it. Protocol and parser read it when they are made."""
    assert protocol.BoundedProtocol.__mro__[1] is RequestHandler
    assert web_protocol.MAX_MSG_QUEUE_SIZE == QUEUED_REQUESTS
    assert "MAX_MSG_QUEUE_SIZE" in inspect.getsource(RequestHandler.__init__)
