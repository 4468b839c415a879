import json

import pytest

from bridge.http.answers import place_of, problem

KEYS = (b"first", "schlüssel".encode())


@pytest.mark.parametrize(
    "header",
    ["Bearer first", "bearer first", "Bearer  first ", "Bearer schlüssel"],
)
def test_each_key_opens(header: str) -> None:
    assert place_of(header, KEYS) == 1 + ("schlüssel" in header)


@pytest.mark.parametrize(
    "header",
    [None, "", "first", "Bearer", "Bearer ", "Bearer firs", "Bearer first2", "Basic first", "Bearer \udcff"],
)
def test_nothing_else_does(header: str | None) -> None:
    assert place_of(header, KEYS) is None


def test_key_bytes_that_are_no_utf8_are_compared_as_they_came() -> None:
    assert place_of("Bearer \udcff", (b"\xff",)) == 1


def test_no_keys_at_all_open_nothing_unless_anonymity_is_allowed() -> None:
    assert place_of("Bearer first", ()) is None
    assert place_of(None, None) == 0


def test_all_keys_are_compared_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(_given: bytes, key: bytes) -> bool:
        compared.append(key)
        return True

    monkeypatch.setattr("bridge.http.answers.hmac.compare_digest", compare)
    place_of("Bearer first", KEYS)
    assert compared == list(KEYS)


def test_a_problem_document_has_type_title_status_and_detail() -> None:
    response = problem(429, "Too much in flight", "1024 requests", {"Retry-After": "1"})
    assert (response.status, response.content_type) == (429, "application/problem+json")
    assert response.headers["Retry-After"] == "1"
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {
        "type": "about:blank",
        "title": "Too much in flight",
        "status": 429,
        "detail": "1024 requests",
    }
