"""Log lines for people: what stands where, and that none acts on a terminal."""

import pytest

from bridge.pretty_log import PrettyLine, wants_colour

EVENT = {
    "timestamp": "2026-11-27T08:36:02.767053Z",
    "level": "warning",
    "logger": "ingress.edge",
    "message": "Not stored",
}


def line(**fields: object) -> str:
    return PrettyLine(colour=False)(None, "", {**EVENT, **fields})


def test_time_level_and_message_come_first_then_fields_and_where_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    told = line(status=500, reason="no connection to Kafka", cause="rules", lanes=["raw/1"])
    time, level, said = told.split(maxsplit=2)
    assert (len(time), level) == (len("08:36:02.767"), "warning")
    assert said == (
        'Not stored  status=500  reason="no connection to Kafka"  cause=rules  lanes=["raw/1"]  (ingress.edge)'
    )


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e", "\x9b"])
def test_what_data_say_is_inert(hostile: str) -> None:
    told = line(message=hostile, logger=hostile, value=hostile, values=[hostile], **{hostile: 1})
    assert told.isprintable()


def test_a_stack_follows_on_lines_of_its_own() -> None:
    first, *rest = line(exception='File "x"\nValueError: \x1b why').split("\n")
    assert first.endswith("(ingress.edge)")
    assert rest == ['    File "x"', "    ValueError: \\x1b why"]


def test_colour_is_only_around_what_is_ours() -> None:
    coloured = PrettyLine(colour=True)(None, "", EVENT)
    assert "\x1b[33mwarning" in coloured
    assert "Not stored" in coloured.split("\x1b[0m")[2]
    assert "\x1b" not in line()


def test_who_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour()
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour()
