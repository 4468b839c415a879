"""What an id is, by how it is written."""

import pytest

from bridge.kafka.reading import Source
from commands.explain.asked import AnyId, Asked, At, EventId, Trace, asked
from commands.wrong_use import WrongValueError

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3:557", At(None, Source(3, 557), "3:557")),
        (" 3:557 ", At(None, Source(3, 557), "3:557")),
        ("quarantine:0:12", At("quarantine", Source(0, 12), "quarantine:0:12")),
        ("newstore.orders.v1-2@810", At("newstore.orders.v1", Source(2, 810), "newstore.orders.v1-2@810")),
        (PARENT, Trace(TRACE, PARENT)),
        (TRACE, Trace(TRACE, TRACE)),
        (f"\t{TRACE}\n", Trace(TRACE, TRACE)),
        ("acme/order.created/SO-7", EventId("acme/order.created/SO-7", "order.created")),
        ("acme/order.opened/SO-7~v1:00", EventId("acme/order.opened/SO-7~v1:00", "order.opened")),
        ("5d0c8a5e-3f1b-4a77-9a33-0b8f0a6f2d10", AnyId("5d0c8a5e-3f1b-4a77-9a33-0b8f0a6f2d10")),
        ("GC000000101", AnyId("GC000000101")),
        (" 12/7 ", AnyId(" 12/7 ")),
        ("SO/1/2", AnyId("SO/1/2")),
    ],
)
def test_it_is_told_from_others(text: str, expected: Asked) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize("text", ["", "SO-\udc80"])
def test_nothing_is_no_id(text: str) -> None:
    with pytest.raises(WrongValueError):
        asked(text)
