"""Outputs are found by the raw record that they name."""

from bridge.kafka.reading import Source
from commands.verify.outputs import Output, Outputs, content
from tests.unit.commands.verify.records import TOPICS, InMemory

SOURCE = ("bridge_source", b"2:40")
CE_ID = ("ce_id", b"acme/x/1")


def test_a_cleaned_record_stands_under_its_source_with_its_id() -> None:
    outputs = Outputs(TOPICS)
    outputs.add(InMemory(b"body", topic=TOPICS.orders, key=b"o1", headers=(SOURCE, CE_ID)))
    assert outputs.take(Source(2, 40)) == (Output(TOPICS.orders, content(b"o1", b"body", b"acme/x/1")),)


def test_what_was_taken_is_not_left() -> None:
    outputs = Outputs(TOPICS)
    outputs.add(InMemory(b"body", topic=TOPICS.orders, headers=(SOURCE,)))
    outputs.take(Source(2, 40))
    assert not outputs.left


def test_a_conflict_and_its_passed_record_stand_together() -> None:
    outputs = Outputs(TOPICS)
    for topic in (TOPICS.conflicts, TOPICS.orders):
        outputs.add(InMemory(b"body", topic=topic, headers=(SOURCE,)))
    assert [output.topic for output in outputs.take(Source(2, 40))] == [TOPICS.conflicts, TOPICS.orders]


def test_a_record_without_a_source_is_kept_as_such() -> None:
    outputs = Outputs(TOPICS)
    outputs.add(InMemory(b"body", topic=TOPICS.orders))
    outputs.add(InMemory(b"body", topic=TOPICS.orders, headers=(("bridge_source", b"nonsense"),)))
    assert len(outputs.without_source) == 2


def quarantined(stage: bytes, *more: tuple[str, bytes]) -> InMemory:
    headers = (("bridge_error_reason", b"invalid_json"), ("bridge_error_stage", stage), *more)
    return InMemory(b"{", topic=TOPICS.quarantine, headers=headers)


def test_what_ingress_and_backfills_quarantine_has_a_line_of_its_own() -> None:
    outputs = Outputs(TOPICS)
    for stage in (b"ingress", b"backfill", b"backfill"):
        outputs.add(quarantined(stage))
    assert (outputs.by_ingress, outputs.by_backfill) == ({"invalid_json": 1}, {"invalid_json": 2})
    assert not outputs.left


def test_what_dedupe_quarantines_stands_under_its_raw_record() -> None:
    outputs = Outputs(TOPICS)
    place = (
        ("bridge_error_topic", TOPICS.raw.encode()),
        ("bridge_error_partition", b"2"),
        ("bridge_error_offset", b"40"),
    )
    outputs.add(quarantined(b"dedupe", *place))
    assert outputs.take(Source(2, 40)) == (Output(TOPICS.quarantine, content(None, b"{")),)


def test_what_a_later_stage_quarantines_is_counted_apart() -> None:
    outputs = Outputs(TOPICS)
    outputs.add(quarantined(b"orders", ("bridge_error_topic", TOPICS.orders.encode())))
    assert outputs.by_others == {"invalid_json": 1}
    assert not outputs.by_ingress


def test_contents_differ_wherever_a_boundary_lies() -> None:
    """Key, value and id are distinguished, and none from nothing."""
    assert len({content(b"ab", b"c"), content(b"a", b"bc"), content(None, b"abc"), content(b"", b"abc")}) == 4
