"""Every verdict as sentences, with all positions that somebody may want to see next."""

import pytest

from commands.explain.delivery import Delivery
from commands.explain.order import OrderStory
from commands.explain.search import MOST, Searched
from commands.explain.sentences import of_delivery, of_order, of_search
from schemas.outcome import Outcome

RECEIVED = "2026-01-01T10:00:00.123Z"
PART = {"order_id": "SO-1", "state": "open", "why": None, "fact": 2, "listed": True, "of": 3, "unprocessed": None}


def told(**facts: object) -> str:
    made = Delivery("3:557", RECEIVED, event="order.created", ce_id="acme/order.created/SO-1", cleaned_topic="o.v1")
    for name, value in facts.items():
        setattr(made, name, value)
    return "\n".join(of_delivery(made, "raw.v1", "conflicts.v1", "quarantine.v1"))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"verdict": Outcome.UNIQUE, "cleaned": "2:8"}, ["Verdict unique", "o.v1 2:8"]),
        ({"verdict": Outcome.UNIQUE}, ["Verdict unique", "No cleaned record", "retention may have"]),
        (
            {"verdict": Outcome.DUPLICATE, "first": "3:1", "cleaned": "2:8"},
            ["Verdict duplicate", "raw 3:1", "o.v1 2:8"],
        ),
        (
            {"verdict": Outcome.CONFLICT, "first": "3:1", "conflict": "0:4"},
            ["Verdict conflict", "raw 3:1", "held back", "`bridge conflicts accept 0:4`"],
        ),
        (
            {"verdict": Outcome.CONFLICT, "conflict": "0:4", "passed_on": True, "cleaned": "2:8"},
            ["was passed on", "o.v1 2:8"],
        ),
        (
            {"verdict": Outcome.CONFLICT, "conflict": "0:4", "accepted": "3:9", "cleaned": "2:8"},
            ["accepted as raw 3:9", "o.v1 2:8"],
        ),
        ({"verdict": Outcome.QUARANTINED, "reason": "invalid_json", "quarantined": "1:1"}, ["quarantine.v1 1:1"]),
        (
            {"verdict": Outcome.QUARANTINED, "reason": "handler_failed", "quarantined": "1:1", "replayed": "3:9"},
            ["quarantine.v1 1:1", "published again as raw 3:9"],
        ),
        (
            {"verdict": Outcome.UNIQUE, "accepts": "2:4"},
            ["by `bridge conflicts accept` from conflicts.v1 2:4", "unique: that conflict was not accepted before"],
        ),
        ({"replays": "2:21"}, ["by `bridge quarantine replay` from quarantine.v1 2:21"]),
        ({"pending": True}, ["No verdict yet"]),
        ({}, ["was not found in what was searched"]),
        ({"order": PART}, ["order SO-1 (open) it is fact 2 of 3"]),
        ({"order": PART | {"fact": None}}, ["It is in the state of order SO-1"]),
        ({"order": PART | {"fact": None, "listed": False}}, ["It is not among the facts"]),
        ({"order": PART | {"unprocessed": "no items"}}, ["is without it: no items"]),
        ({"order": PART | {"state": None}}, ["No state of order SO-1"]),
        ({"order": PART | {"state": None, "why": "it was erased"}}, ["no state of order SO-1: it was erased"]),
        ({"deliveries": 3, "last_received_at": RECEIVED}, ["delivered 3 times, last 2026-01-01 10:00:00 UTC"]),
    ],
)
def test_it_is_said_with_positions(facts: dict[str, object], said: list[str]) -> None:
    text = told(**facts)
    assert text.startswith("raw.v1 3:557 is order.created, received 2026-01-01 10:00:00 UTC.")
    for part in said:
        assert part in text


def test_what_the_ingress_has_refused_has_no_raw_record() -> None:
    text = told(raw=None, verdict=Outcome.QUARANTINED, stage="ingress", reason="not_utf8", quarantined="1:1")
    assert text.startswith("quarantine.v1 1:1, received")
    assert "was no raw record when it came." in text
    assert "by ingress: not_utf8" in text
    assert "published again" not in text
    assert "published again as raw 3:9" in told(raw=None, verdict=Outcome.QUARANTINED, replayed="3:9")


def test_an_order_says_how_it_is_and_what_it_is_without() -> None:
    failed = {"event": "order.opened", "source": "0:7", "reason": "no items"}
    state = {"order_id": "SO-1", "status": "open", "order": {"external_id": "X"}, "missing": ["order.created"]}
    lines = [*of_order(OrderStory("SO-1", state | {"unprocessed": [failed]}))]
    assert lines[0] == "Order SO-1 (external id X) is open; it waits for order.created."
    assert "without order.opened, raw 0:7: no items" in lines[1]
    assert [*of_order(OrderStory("SO-1", {"detail": "it was erased"}))] == ["Order SO-1: it was erased."]
    assert "no state of it was found" in next(of_order(OrderStory("SO-1")))


def test_what_was_searched_is_said_and_how_far() -> None:
    whole, found, too_many = (
        Searched("o.v1", (2,), 0, 5, ended=True),
        Searched("o.v1", (1, 2), 0, 1),
        Searched("o.v1", (2,), 0, MOST),
    )
    lines = [*of_search([whole, found, too_many], "http://w", "")]
    assert lines[0] == "Asked: the worker at http://w."
    assert lines[1].endswith("partition 2, received since 1970-01-01T00:00:00.000Z: 5 records, to the present end.")
    assert "partitions 1, 2, " in lines[2]
    assert lines[2].endswith("1 record, no further.")
    assert lines[3].endswith("no further: too many.")
    assert next(of_search([], "", "No worker answers.")).startswith("No worker could be asked")
