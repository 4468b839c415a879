"""What is a valid envelope, and why other bodies are none."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.exact_json import parse
from schemas.instant import ABSENT
from schemas.outcome import Reason
from tests.contract.golden import about, body_of, vectors


@pytest.mark.parametrize("vector", vectors("invalid_envelopes"), ids=about)
def test_a_malformed_body_is_refused_with_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidEnvelope) as refused:
        read_envelope(body_of(vector))
    assert refused.value.reason == vector["reason"]


@pytest.mark.parametrize("vector", vectors("valid_envelopes"), ids=about)
def test_an_odd_but_valid_envelope_is_read(vector: dict[str, Any]) -> None:
    envelope = read_envelope(body_of(vector))
    assert (envelope.tenant, envelope.name, envelope.payload) == (vector["tenant"], vector["name"], vector["payload"])
    assert envelope.published_at == vector.get("published_at", ABSENT)


def nested(levels: int, opening: str, closing: str) -> bytes:
    """Return an envelope of so many levels in all; its own object and the payload are two of them."""
    inside = opening * (levels - 2) + "1" + closing * (levels - 2)
    return f'{{"tenant":"t","name":"n","payload":{{"a":{inside}}}}}'.encode()


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_five_hundred_levels_are_read_and_one_more_is_too_deep(opening: str, closing: str) -> None:
    assert read_envelope(nested(500, opening, closing)).name == "n"
    with pytest.raises(InvalidEnvelope) as refused:
        read_envelope(nested(501, opening, closing))
    assert refused.value.reason == Reason.TOO_DEEP


@pytest.mark.parametrize(
    "text", ["[" * 600, '\\"' + "[{" * 600, "\\\\" + "{" * 600], ids=["plain", "quote", "backslash"]
)
def test_brackets_in_a_string_are_no_levels(text: str) -> None:
    body = f'{{"tenant":"t","name":"n","payload":{{"\\ud800":"{text}","b":[]}}}}'.encode()
    assert parse(body).exact
    assert read_envelope(body).name == "n"


def test_brackets_side_by_side_are_no_levels() -> None:
    body = f'{{"tenant":"t","name":"n","payload":{{"a":[0.10{",[{}]" * 600}]}}}}'.encode()
    assert parse(body).exact
    assert read_envelope(body).name == "n"


@pytest.mark.parametrize("levels", [10_000, 60_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_bottomless_body_is_too_deep_without_recursion(opening: str, levels: int) -> None:
    with pytest.raises(InvalidEnvelope) as refused:
        read_envelope((opening * levels).encode())
    assert refused.value.reason == Reason.TOO_DEEP


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_anything_but_an_envelope_or_a_refusal(noise: bytes) -> None:
    """Any other exception fails here."""
    for body in (noise, b'{"tenant":"t","name":"n","payload":{"a":' + noise + b"}}"):
        with suppress(InvalidEnvelope):
            assert read_envelope(body).tenant == "t"
