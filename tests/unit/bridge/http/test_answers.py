import json

import pytest

from bridge.http.answers import authorized, problem

KEYS = (b"first", "schlüssel".encode())


@pytest.mark.parametrize(
    "header",
    ["Bearer first", "bearer first", "Bearer  first ", "Bearer schlüssel"],
)
def test_each_key_opens(header: str) -> None:
    assert authorized(header, KEYS)


@pytest.mark.parametrize(
    "header",
    [None, "", "first", "Bearer", "Bearer ", "Bearer firs", "Bearer first2", "Basic first", "Bearer \udcff"],
)
def test_nothing_else_does(header: str | None) -> None:
    assert not authorized(header, KEYS)


def test_key_bytes_that_are_no_utf8_are_compared_as_they_came() -> None:
    assert authorized("Bearer \udcff", (b"\xff",))


def test_no_keys_at_all_open_nothing_unless_anonymity_is_allowed() -> None:
    assert not authorized("Bearer first", ())
    assert authorized(None, None)


def test_all_keys_are_compared_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(_given: bytes, key: bytes) -> bool:
        compared.append(key)
        return True

    monkeypatch.setattr("bridge.http.answers.hmac.compare_digest", compare)
    authorized("Bearer first", KEYS)
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
