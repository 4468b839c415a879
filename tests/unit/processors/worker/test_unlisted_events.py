"""The worker tells of documented events that come though BRIDGE_EVENTS leaves them out."""

import pytest

from processors.worker.unlisted_events import RECENT_S, UnlistedEvents
from schemas.events import EVENT_NAMES, TEST_EVENT

CREATED, OPENED = "order.created", "order.opened"


def test_what_is_listed_is_nothing_to_tell() -> None:
    events = UnlistedEvents(EVENT_NAMES)
    events.came(0.0, EVENT_NAMES)
    assert events.problem(0.0) is None


def test_what_newstore_does_not_document_is_waited_for_by_nobody() -> None:
    events = UnlistedEvents([OPENED])
    events.came(0.0, [TEST_EVENT, "order.reopened", ""])
    assert events.problem(0.0) is None


def test_a_name_that_was_misspelt_is_told_for_a_day_after_its_last_event() -> None:
    """Nothing was said, and no order that lacked the event was incomplete."""
    events = UnlistedEvents(["order.creatd", OPENED])
    events.came(10.0, [CREATED, OPENED])
    assert events.problem(10.0 + RECENT_S) == (
        "order.created came within the last 24 h, and BRIDGE_EVENTS leaves it out: where it is lost nothing says so"
    )
    assert events.problem(10.1 + RECENT_S) is None


def test_of_many_some_are_named() -> None:
    events = UnlistedEvents([EVENT_NAMES[0]])
    events.came(0.0, EVENT_NAMES)
    named = ", ".join(EVENT_NAMES[1:11])
    assert (events.problem(0.0) or "").startswith(f"{named}, and 31 more came within")
    assert "leaves them out: where one is lost" in (events.problem(0.0) or "")


def test_the_log_has_a_line_when_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    events = UnlistedEvents([OPENED])
    for now in (0.0, 1.0, 1.0 + RECENT_S, 1.1 + 2 * RECENT_S):
        events.came(now, [CREATED])
    assert capsys.readouterr().out.count(f"events=['{CREATED}']") == 2
