"""Lines are found whatever their length, and reading may go on at each line's end."""

import io

import pytest

from commands.backfill.export_file import Line, read_lines

LIMIT = 8


def lines(data: bytes, number: int = 0, position: int = 0) -> list[Line]:
    stream = io.BytesIO(data)
    stream.seek(position)
    return list(read_lines(stream, LIMIT, number, position))


@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\n\xff\x00\n", [b"a\r", b"\xff\x00"]),
        (b"12345678\n1\n", [b"12345678", b"1"]),
        (b"12345678", [b"12345678"]),
    ],
)
def test_lines_are_what_is_between_newlines_byte_for_byte(data: bytes, bodies: list[bytes]) -> None:
    found = lines(data)
    assert [line.body for line in found] == bodies
    assert [line.size for line in found] == [len(body) for body in bodies]
    assert [line.number for line in found] == list(range(1, len(bodies) + 1))


@pytest.mark.parametrize("size", [9, 10, 3_000_000])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_of_a_line_over_the_limit_there_is_its_beginning_and_its_size(size: int, end: bytes) -> None:
    (line,) = lines(b"x" * size + end)
    assert line == Line(1, b"x" * LIMIT, size, size + len(end))


def test_reading_goes_on_behind_any_line() -> None:
    data = b"one\n" + b"x" * 100 + b"\n\nlast"
    whole = lines(data)
    for place, line in enumerate(whole, start=1):
        assert lines(data, line.number, line.end) == whole[place:]
    assert whole[-1].end == len(data)


@pytest.mark.parametrize(
    ("body", "is_none"),
    [
        (b"temp", True),
        (b" temp\r", True),
        (b"", True),
        (b" \t\r", True),
        (b" " * 100 + b"\r", True),
        (b" " * 100 + b"temp", True),
        (b"temp2", False),
        (b'"temp"', False),
        (b"{}", False),
    ],
)
def test_blank_lines_and_temp_are_no_deliveries(body: bytes, is_none: bool) -> None:
    assert Line(1, body, len(body), 0).is_no_delivery is is_none


def test_a_line_of_which_only_the_beginning_is_known_to_be_blank_is_one() -> None:
    (line,) = lines(b" " * LIMIT + b"x\n")
    assert not line.is_no_delivery
