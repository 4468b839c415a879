"""A list fits the terminal: what identifies a row is whole; the rest is cut or left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from commands.terminal.columns import Column, fit

COLUMNS = (
    *(Column("position"), Column("event", least=10, end=True), Column("reason", least=6)),
    *(Column("stage", rank=3), Column("bytes", rank=2, right=True), Column("body", least=8, rank=1)),
)
ROW = ("3:557", "fulfillment_request.items_completed", "other_tenant", "ingress", "12", '{"tenant": "acme", "name"}')


def shown(width: int | None, row: tuple[str, ...] = ROW) -> tuple[str, str]:
    fitted = fit(COLUMNS, [row], width)
    return fitted.head(), fitted.line(row)


def test_where_nothing_limits_the_width_nothing_is_cut() -> None:
    head, line = shown(None)
    assert head.split() == ["position", "event", "reason", "stage", "bytes", "body"]
    assert all(cell in line for cell in ROW)


def test_the_body_has_what_is_left() -> None:
    _, line = shown(100)
    assert cell_len(line) <= 100
    assert line.endswith("…")
    assert ROW[1] in line


def test_what_there_is_no_room_for_is_left_out_the_highest_rank_first() -> None:
    names = [shown(width)[0].split() for width in (60, 52, 45, 30)]
    assert names == [
        ["position", "event", "reason", "stage", "bytes", "body"],
        ["position", "event", "reason", "bytes", "body"],
        ["position", "event", "reason", "bytes", "body"],
        ["position", "event", "reason"],
    ]
    assert not fit(COLUMNS, [ROW], 52).is_whole
    assert fit(COLUMNS, [ROW], 60).is_whole


def test_a_name_is_only_cut_where_no_room_is_given_to_what_nobody_needs() -> None:
    columns = (*COLUMNS[:2], Column("source", rank=6), COLUMNS[5])
    row = (ROW[0], ROW[1], "1:23", ROW[5])
    assert [fit(columns, [row], width).head().split()[2:] for width in (63, 62)] == [["source", "body"], ["body"]]
    assert all(ROW[1] in fit(columns, [row], width).line(row) for width in (63, 62))


def test_a_name_keeps_its_end() -> None:
    assert "fulfil…leted" in shown(30)[1]


def test_numbers_stand_at_the_right() -> None:
    fitted = fit(COLUMNS, [ROW, (*ROW[:4], "1,234", *ROW[5:])], None)
    assert "     12  " in fitted.line(ROW)


def test_rows_that_come_later_are_cut_as_well_unless_nothing_is() -> None:
    longer = ("12345:123456789", *ROW[1:])
    assert "12345:123456789" in fit(COLUMNS, [ROW], None).line(longer)
    assert cell_len(fit(COLUMNS, [ROW], 80).line(longer)) <= 80


@given(st.lists(st.tuples(*[st.text(max_size=60)] * 6), max_size=3), st.integers(60, 200))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, ...]], width: int) -> None:
    """Positions are short; other cells hold anything: wide characters, marks, controls."""
    given_rows = [("3:557", row[1], row[2], row[3][:10], row[4][:10], row[5]) for row in rows]
    fitted = fit(COLUMNS, [tuple(cell.replace("\ud800", "") for cell in row) for row in given_rows], width)
    for row in given_rows:
        line = fitted.line(row)
        assert cell_len(line) <= width
        assert "\n" not in line


@pytest.mark.parametrize("width", [1, 5, 12])
def test_a_terminal_that_is_too_narrow_for_anything_is_no_error(width: int) -> None:
    head, _ = shown(width)
    assert head.startswith("position")
