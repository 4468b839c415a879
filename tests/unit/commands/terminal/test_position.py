"""Positions as tools print them."""

import pytest

from bridge.kafka.reading import Source
from commands.terminal.position import GivenPosition, place, position
from commands.wrong_use import WrongValueError


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("3:557", None),
        (" 3:557\n", None),
        ("3/557", None),
        ("raw:3:557", "raw"),
        ("newstore.raw.v1:3:557", "newstore.raw.v1"),
        ("newstore.raw.v1/3/557", "newstore.raw.v1"),
        ("newstore.order-state.v1-3@557", "newstore.order-state.v1"),
        ("newstore.raw.v1 3 557", "newstore.raw.v1"),
    ],
)
def test_a_position_is_read_however_a_tool_writes_it(text: str, topic: str | None) -> None:
    assert position(text) == GivenPosition(topic, Source(3, 557))


@pytest.mark.parametrize(
    "text", ["", "7", "a:b", "1:", ":1", "1:1_0", "+1:1", "1:-1", "\u0661:\u0662", "1:" + "9" * 30, "x.gz:17"]
)
def test_what_is_none_is_refused_in_words(text: str) -> None:
    for read in (place, position):
        with pytest.raises(WrongValueError, match="is no position: write it as"):
            read(text)


def test_a_line_of_an_export_file_is_told_from_a_position() -> None:
    with pytest.raises(WrongValueError) as refused:
        position("day-1.export.gz:17")
    assert "export file" in refused.value.hint


def test_kept_records_are_named_without_a_topic() -> None:
    assert place("3:557") == Source(3, 557)
    with pytest.raises(WrongValueError):
        place("raw:3:557")
