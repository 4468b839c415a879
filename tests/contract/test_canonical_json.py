"""Canonical JSON and the payload hash made of it, against vectors and a second implementation."""

from typing import Any

import pytest
from hypothesis import example, given, settings

from schemas.exact_json import InvalidJson, canonical, parse, parse_exactly
from schemas.identity import payload_hash_of
from tests.contract import reference
from tests.contract.golden import SAMPLE_NAMES, about, body_of, sample, vectors
from tests.contract.json_texts import json_texts, machine_written, nearly_json


@pytest.mark.parametrize("vector", vectors("canonical_json"), ids=about)
def test_a_body_has_the_canonical_form_and_payload_hash_of_the_contract(vector: dict[str, Any]) -> None:
    value = parse(body_of(vector)).value
    assert canonical(value).decode() == vector["canonical"]
    assert payload_hash_of(value) == vector["payload_hash"]


@pytest.mark.parametrize("vector", vectors("canonical_json"), ids=about)
def test_the_exact_path_alone_gives_the_same_canonical_form(vector: dict[str, Any]) -> None:
    body = body_of(vector).removeprefix(b"\xef\xbb\xbf")
    assert canonical(parse_exactly(body)).decode() == vector["canonical"]


@given(json_texts | machine_written)
@settings(max_examples=300, deadline=None)
@example('{"a":-0}')
@example('{"a":0.000009}')
@example('{"a":123456789012345.60}')
def test_both_paths_and_the_reference_agree_on_every_spelling(text: str) -> None:
    body = text.encode()
    expected = reference.canonical(text)
    assert canonical(parse(body).value) == expected
    assert canonical(parse_exactly(body)) == expected


@given(json_texts)
@settings(max_examples=100, deadline=None)
def test_a_canonical_form_is_its_own_canonical_form(text: str) -> None:
    form = canonical(parse(text.encode()).value)
    assert canonical(parse(form).value) == form


@given(nearly_json())
@settings(max_examples=200, deadline=None)
@example("[1.]")
@example('"\\ud83d\\u"')
def test_what_is_json_does_not_depend_on_the_path(text: str) -> None:
    try:
        expected = reference.canonical(text)
    except ValueError:
        with pytest.raises(InvalidJson):
            parse(text.encode())
    else:
        assert canonical(parse(text.encode()).value) == expected


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_real_events_take_the_fast_path_as_they_are(name: str) -> None:
    assert not parse(sample(name)).exact
