"""What became of a raw record, by what topics have of it or, once retention has deleted that, by times."""

from dataclasses import replace

import pytest

from bridge.kafka.reading import Record
from commands.explain.delivery import Delivery, _by_time, explain_delivery, of_another_tenant
from schemas.headers import ACCEPT, FIRST_SOURCE, REPLAY
from schemas.outcome import Outcome
from tests.unit.commands.explain.cases import BODY, HOUR_MS, START_MS, TOPICS, case_of, cleaned, quarantined, raw
from tests.unit.commands.record.test_shown import Read

FIRST, LATER = "2026-01-01T10:00:00.000Z", "2026-01-02T10:00:00.000Z"


@pytest.mark.parametrize(
    ("received", "deliveries", "last", "verdict"),
    [
        (FIRST, 1, FIRST, Outcome.UNIQUE),
        (FIRST, 2, LATER, Outcome.UNIQUE),
        (LATER, 2, LATER, Outcome.DUPLICATE),
        (FIRST, 2, FIRST, None),
        (FIRST, 3, LATER, None),
    ],
)
def test_two_that_came_in_the_same_millisecond_are_not_told_apart(
    received: str, deliveries: int, last: str, verdict: Outcome | None
) -> None:
    made = Delivery("3:557", received, first_received_at=FIRST, deliveries=deliveries, last_received_at=last)
    assert _by_time(made) is verdict


async def explained(record: Record, *kept: Record) -> Delivery:
    return await explain_delivery(case_of(record, *kept), record)


async def test_what_was_quarantined_and_replayed_is_no_duplicate_of_its_copy() -> None:
    """The copy's cleaned record was taken for the first."""
    copy = raw(200, START_MS + HOUR_MS, [(REPLAY, b"0:5")])
    made = await explained(raw(100), quarantined(5, "0:100"), copy, cleaned(9, b"0:200", START_MS + HOUR_MS))
    assert (made.verdict, made.reason, made.quarantined) == (Outcome.QUARANTINED, "handler_failed", "0:5")
    assert (made.replayed, made.first, made.cleaned) == ("0:200", None, None)


async def test_its_copy_is_what_it_became() -> None:
    copy = raw(200, START_MS + HOUR_MS, [(REPLAY, b"0:5")])
    made = await explained(copy, quarantined(5, "0:100"), raw(100), cleaned(9, b"0:200", START_MS + HOUR_MS))
    assert (made.verdict, made.cleaned, made.quarantined) == (Outcome.UNIQUE, "0:9", None)


async def test_what_the_ingress_refused_may_have_been_published_since() -> None:
    """The event was said never to have been a raw record."""
    refused, other = quarantined(5), raw(199, START_MS + HOUR_MS, [(REPLAY, b"0:55")])
    assert (await explained(refused, other)).replayed is None
    made = await explained(refused, other, raw(200, START_MS + HOUR_MS, [(REPLAY, b"0:5")]))
    assert (made.verdict, made.stage, made.replayed) == (Outcome.QUARANTINED, "ingress", "0:200")


async def test_what_is_no_envelope_can_have_no_copy_and_none_is_looked_for() -> None:
    made = await explained(replace(quarantined(5), value=b"{"), raw(200, START_MS, [(REPLAY, b"0:5")]))
    assert made.replayed is None


def conflict(source: bytes) -> Read:
    """Dedupe's report on raw record `source`, with another payload under the key of raw 0:1."""
    said = dict(cleaned(0, source).headers) | {FIRST_SOURCE: b"0:1"}
    return Read(BODY, TOPICS.conflicts, 0, 4, START_MS, b"order.created", [*said.items()])


@pytest.mark.parametrize(("offset", "first"), [(2, "0:1"), (3, "0:2")], ids=["it", "a duplicate of it"])
async def test_whether_a_conflict_was_passed_on_its_cleaned_record_tells(offset: int, first: str) -> None:
    """Today's key rules may not be those of the decision: the conflict was called accepted as itself."""
    held = await explained(raw(offset), conflict(b"0:2"))
    assert (held.passed_on, held.accepted, held.first) == (False, None, first)
    passed = await explained(raw(offset), conflict(b"0:2"), cleaned(9, b"0:2"))
    assert (passed.passed_on, passed.accepted, passed.first) == (True, None, first)
    accepted = await explained(raw(offset), conflict(b"0:2"), cleaned(9, b"0:7"))
    assert (accepted.passed_on, accepted.accepted, accepted.first) == (False, "0:7", first)


@pytest.mark.parametrize(
    ("name", "place", "published_from"), [(ACCEPT, b"2:4", ("2:4", None)), (REPLAY, b"2:21", (None, "2:21"))]
)
async def test_what_an_operator_has_published_says_what_it_is(
    name: str, place: bytes, published_from: tuple[str | None, str | None]
) -> None:
    """Of an acceptance, it was said that nothing was seen under its key before."""
    made = await explained(raw(200, headers=[(name, place)]), cleaned(9, b"0:200"))
    assert (made.accepts, made.replays) == published_from
    assert (made.verdict, made.cleaned) == (Outcome.UNIQUE, "0:9")


async def test_what_raw_has_of_another_tenant_is_told_from_what_was_put_aside_for_that() -> None:
    """With a wrong BRIDGE_TENANT, nothing was found of any delivery, and nothing said why."""
    ours = case_of(raw(100), cleaned(9, b"0:100"))
    theirs = replace(ours, settings=ours.settings.model_copy(update={"tenant": "other"}))
    assert not of_another_tenant(await explain_delivery(ours, raw(100)))
    assert of_another_tenant(await explain_delivery(theirs, raw(100)))
    put_aside = replace(theirs, search=case_of(quarantined(5, "0:100")).search)
    assert not of_another_tenant(await explain_delivery(put_aside, raw(100)))
