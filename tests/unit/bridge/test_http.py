import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client import CollectorRegistry

from bridge.http import Handler, authorized, health_routes, problem

KEYS = (b"first", "schlüssel".encode())


async def get(routes: dict[str, Handler], path: str) -> tuple[int, str]:
    response = await routes[path.partition("?")[0]](make_mocked_request("GET", path))
    assert isinstance(response, web.Response)
    return response.status, bytes(response.body).decode()  # type: ignore[arg-type]  # bytes, for all pages here


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

    monkeypatch.setattr("bridge.http.hmac.compare_digest", compare)
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


async def test_readiness_is_200_only_if_every_check_says_so() -> None:
    state: dict[str, str | None] = {"kafka": None}
    routes = health_routes(
        CollectorRegistry(), live={}, ready={"kafka": lambda: state["kafka"], "topics": lambda: None}
    )
    assert await get(routes, "/readyz") == (200, "ok\n")
    state["kafka"] = "unreachable"
    status, body = await get(routes, "/readyz")
    assert status == 503
    assert json.loads(body)["detail"] == "kafka: unreachable"


async def test_verbose_lists_every_check() -> None:
    routes = health_routes(CollectorRegistry(), live={}, ready={"kafka": lambda: "unreachable", "topics": lambda: None})
    assert await get(routes, "/readyz?verbose") == (503, "[-]kafka: unreachable\n[+]topics ok\n")


async def test_a_warning_is_listed_and_makes_nothing_unready() -> None:
    routes = health_routes(
        CollectorRegistry(), live={}, ready={"kafka": lambda: None}, warnings={"tenant": lambda: "another one"}
    )
    assert await get(routes, "/readyz") == (200, "ok\n")
    assert await get(routes, "/readyz?verbose") == (200, "[+]kafka ok\n[!]tenant: another one\n")


async def test_liveness_has_checks_of_its_own() -> None:
    routes = health_routes(CollectorRegistry(), live={"lanes": lambda: "stuck"}, ready={})
    assert (await get(routes, "/livez"))[0] == 503
    assert (await get(routes, "/readyz"))[0] == 200
