"""The CloudEvents headers of records from dedupe."""

from typing import Any

import orjson
import pytest

from processors.dedupe.output_headers import cleaned_headers, conflict_headers, passed_on
from processors.dedupe.raw_event import NewHeaders, RawEvent
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.events import EVENT_NAMES
from schemas.headers import Headers
from schemas.keytable import KeyTable
from schemas.models import EVENT_MODELS


def event(name: str = "order.opened", **payload: Any) -> RawEvent:
    """An event as the ingress writes it."""
    body = orjson.dumps({"tenant": "acme", "name": name, "published_at": "2026-01-01", "payload": payload})
    table = KeyTable.shipped()
    accepted = accept(body, content_encoding=None, tenant="acme", table=table, received_at_ms=0, traceparent=None)
    assert isinstance(accepted, Accepted)
    identity = header.identity_from_headers(accepted.headers, table=table, source=header.source_of("acme"))
    assert identity is not None
    return RawEvent(identity, NewHeaders(accepted.headers))


def only(headers: Headers) -> dict[str, bytes]:
    """The headers by name, each there once."""
    assert len(dict(headers)) == len(headers)
    return dict(headers)


def test_a_cleaned_record_has_what_the_raw_one_has_and_says_what_it_is_about() -> None:
    raw = event(id="o-1")
    cleaned = only(cleaned_headers(raw, b"3:7"))
    assert {name: cleaned[name] for name in cleaned.keys() - dict(raw.carrier.headers).keys()} == {
        "bridge_source": b"3:7",
        "ce_bridgesource": b"3:7",
        "ce_subject": b"o-1",
        "ce_dataschema": b"urn:newstore-kafka-bridge:v1:events:order.opened",
    }
    assert dict(raw.carrier.headers).items() <= cleaned.items()


def test_an_event_without_an_id_is_about_nothing_that_has_one() -> None:
    assert "ce_subject" not in only(cleaned_headers(event("inventory_count.items_counted"), b"3:7"))


@pytest.mark.parametrize("name", ["order.teleported", "something.new", "events/../x"])
def test_of_an_undocumented_event_the_envelope_is_known(name: str) -> None:
    cleaned = only(cleaned_headers(event(name, id="o-1"), b"3:7"))
    assert cleaned["ce_dataschema"] == b"urn:newstore-kafka-bridge:v1:envelope"


def test_every_documented_event_has_a_published_schema() -> None:
    assert set(EVENT_NAMES) == set(EVENT_MODELS)


def test_a_conflict_that_is_passed_on_has_an_id_of_its_own_and_both_marks() -> None:
    raw = event(id="o-1")
    before = only(cleaned_headers(raw, b"3:7"))
    after = only(passed_on(cleaned_headers(raw, b"3:7"), raw.identity.payload_hash))
    assert after == before | {
        "ce_id": before["ce_id"] + b"~" + raw.identity.payload_hash,
        "bridge_conflict": b"true",
        "ce_bridgeconflict": b"true",
    }


def test_what_the_bridge_found_is_no_event_of_newstores() -> None:
    """Read together with the cleaned topics, a conflict's report must not be taken for the event that it is about, nor
    for another event of NewStore."""
    raw = event(id="o-1")
    cleaned = only(cleaned_headers(raw, b"3:7"))
    assert only(conflict_headers(cleaned_headers(raw, b"3:7"), raw.identity, b"3:1")) == cleaned | {
        "ce_id": cleaned["ce_id"] + b"~" + raw.identity.payload_hash,
        "ce_type": b"bridge.event.conflicted",
        "ce_source": b"/newstore/acme/conflicts",
        "bridge_first_source": b"3:1",
        "ce_bridgefirstsource": b"3:1",
        "ce_bridgeevent": b"order.opened",
    }
