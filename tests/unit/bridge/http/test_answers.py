import json

from bridge.http.answers import problem


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
