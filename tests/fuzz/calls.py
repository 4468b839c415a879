"""Made-up calls of the webhook: what no client sends, what is near to NewStore's, and the kept corpus, altered."""

import codecs
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from schemas.events import EVENT_NAMES

LIMIT: Final = 64 * 1024
"""Body limit of the called ingress: a low one, so that many bodies are larger."""
KEY: Final = b"Bearer right"
CORPUS_DIRECTORY: Final = Path(__file__).with_name("corpus")
CORPUS: Final = tuple(sorted(CORPUS_DIRECTORY.glob("*.body")))

_KEPT: Final = tuple(path.read_bytes() for path in CORPUS)
_TOKEN: Final = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONTROLS: Final = bytes([*range(32), 127])
_FRAMING: Final = b"authorization connection content-length expect host te trailer transfer-encoding upgrade".split()
"""What the sender sets itself, or what would make the message another protocol's."""
_SINGLE: Final = b"content-location content-range content-type etag max-forwards server user-agent".split()
"""If one of these comes twice, it is no HTTP to aiohttp, which answers 500."""
_NAMES: Final = (
    b"Content-Type Content-Encoding traceparent tracestate User-Agent Accept Cookie Range X-Forwarded-For "
    b"X-HTTP-Method-Override bridge_replay bridge_accept bridge_rules ce_id"
).split()
_VALUES: Final = (
    b"",
    b"application/json",
    b"application/json; charset=utf-16",
    b"multipart/form-data",
    b"gzip",
    b"identity",
    b"br, gzip",
    b"Identity ",
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    b"x" * 300,
    b"0:1",
    b"bytes=0-1",
    b"\xff\xfe",
)


@dataclass(frozen=True, slots=True)
class Call:
    """A POST. `pieces`: sizes of its chunks; empty: it has a Content-Length. `keys`: values of Authorization."""

    body: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()
    pieces: Sequence[int] = ()
    keys: Sequence[bytes] = (KEY,)
    expect: bool = False

    @property
    def admitted(self) -> bool:
        """Whether the call has the right key, once."""
        return list(self.keys) == [KEY]

    def wire(self) -> bytes:
        """The bytes that are sent."""
        lines = [b"POST /webhooks/newstore HTTP/1.1", b"Host: bridge"]
        lines += [b"Authorization: " + key for key in self.keys]
        lines += [name + b": " + value for name, value in self.headers]
        lines += [b"Expect: 100-continue"] if self.expect else []
        lines += [b"Transfer-Encoding: chunked" if self.pieces else b"Content-Length: %d" % len(self.body)]
        return b"\r\n".join([*lines, b"", self._chunked() if self.pieces else self.body])

    def _chunked(self) -> bytes:
        sent, rest, sizes = [], self.body, list(self.pieces)
        while rest:
            size = sizes.pop(0) if sizes else len(rest)
            piece, rest = rest[:size], rest[size:]
            sent.append(b"%x\r\n%s\r\n" % (len(piece), piece))
        return b"".join([*sent, b"0\r\n\r\n"])


def _one_in(count: int, odd: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """`st.one_of` counts a strategy once, however often it is given."""
    return st.integers(1, count).flatmap(lambda number: odd if number == count else usual)


_texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | _texts
_values = st.recursive(
    _scalars, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(_texts, inside, max_size=4), max_leaves=8
)
_instants = st.datetimes().map(lambda at: f"{at.isoformat()}Z")
_members = st.sampled_from(["id", "order_id", "order", "items", "transactions"]) | _texts
_payloads = st.dictionaries(_members, _values, max_size=5)
_events = st.fixed_dictionaries(
    {
        "tenant": _one_in(4, _values, st.just("acme")),
        "name": _one_in(4, _values, st.sampled_from(EVENT_NAMES)),
        "payload": _one_in(4, _values, _payloads),
    },
    optional={"published_at": _one_in(4, _values, _instants), "more": _values},
)


@st.composite
def _written(draw: st.DrawFn, documents: st.SearchStrategy[Any]) -> bytes:
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\r\n", "\t:\n")]))
    text = json.dumps(draw(documents), ensure_ascii=draw(st.booleans()), separators=separators)
    odd = st.sampled_from([(codecs.BOM_UTF8, "utf-8"), (b"", "utf-16")])
    prefix, encoding = draw(_one_in(6, odd, st.just((b"", "utf-8"))))
    return bytes(prefix) + text.encode(encoding, "surrogatepass")


@st.composite
def _altered(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(_KEPT)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 8)))
        body[start:end] = draw(st.binary(max_size=4) | st.sampled_from(_KEPT).map(lambda kept: kept[:200]))
    return bytes(body)


_near = _written(_events)
_large = st.builds(lambda body, size: body + b" " * size, _near, st.integers(LIMIT - 300, LIMIT + 300))
_bodies = st.one_of(_near, _written(_values), _altered(), st.binary(max_size=99))

_names = st.sampled_from(_NAMES) | st.text(_TOKEN, min_size=1, max_size=20).map(str.encode)
_fields = st.sampled_from(_VALUES) | st.binary(max_size=30).map(lambda value: value.translate(None, _CONTROLS))
_headers = st.lists(st.tuples(_names.filter(lambda name: name.lower() not in _FRAMING), _fields), max_size=4).filter(
    lambda fields: all(
        count < 2 for name, count in Counter(name.lower() for name, _ in fields).items() if name in _SINGLE
    )
)
_keys = st.sampled_from([[], [b"Bearer wrong"], [KEY, KEY], [b"Basic right"], [b"\xff"]])

calls = st.builds(
    Call,
    _one_in(30, _large, _bodies),
    _one_in(3, _headers, st.just([])),
    _one_in(4, st.lists(st.integers(1, 100), min_size=1, max_size=5), st.just([])),
    _one_in(20, _keys, st.just([KEY])),
    _one_in(10, st.just(True), st.just(False)),
)
"""One call in thirty has a body of about the limit, and one in twenty lacks the key."""
