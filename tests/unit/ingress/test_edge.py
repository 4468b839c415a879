"""Which requests get in: by key, path and method, and while there is room."""

import asyncio
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from bridge.intake import WEBHOOK
from bridge.refusals import SettingsError
from bridge.settings import Settings
from ingress.causes import DeliveryCause
from ingress.edge import LONGEST_PATH
from tests.unit.ingress.edges import BODY, KEY, SETTINGS, Kafka, call, counted, edge_with, refused, request
from tests.unit.ingress.fakes import Content


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_the_key_the_body_is_not_read_and_nothing_is_stored(headers: dict[str, str]) -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    body = Content(BODY)
    incoming = make_mocked_request("POST", WEBHOOK, headers, payload=cast("Any", body))
    before = counted(401)
    response = await call(edge, incoming)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert body.read == 0
    assert kafka.records == []
    assert counted(401) == before + 1


@pytest.mark.parametrize("key", ["old", "right"])
async def test_while_keys_are_rotated_both_open(key: str) -> None:
    edge, _ = edge_with(Kafka())
    assert (await call(edge, request(BODY, headers={"Authorization": f"Bearer {key}"}))).status == 200


def test_without_keys_it_does_not_start() -> None:
    with pytest.raises(SettingsError, match="BRIDGE_INGRESS_API_KEYS"):
        edge_with(Kafka(), Settings(tenant="acme"))


async def test_anonymous_callers_are_served_if_that_was_asked_for() -> None:
    edge, _ = edge_with(Kafka(), Settings(tenant="acme", ingress_allow_anonymous=True))
    assert (await call(edge, request(BODY, headers={}))).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", WEBHOOK, 405, "POST"),
        ("HEAD", WEBHOOK, 405, "POST"),
        ("POST", "/livez", 405, "GET,HEAD"),
        ("POST", "/", 404, None),
        ("GET", f"{WEBHOOK}/", 404, None),
    ],
)
async def test_other_paths_and_methods_are_problems_of_their_own(
    method: str, path: str, status: int, allow: str | None
) -> None:
    edge, _ = edge_with(Kafka())
    response = await call(edge, request(method=method, path=path))
    assert (response.status, response.headers.get("Allow")) == (status, allow)
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "cause"),
    [
        ("PUT", WEBHOOK, DeliveryCause.METHOD),
        ("POST", "/livez", DeliveryCause.METHOD),
        ("POST", "/webhook/newstore", DeliveryCause.PATH),
        ("POST", f"{WEBHOOK}/", DeliveryCause.PATH),
    ],
)
async def test_who_has_the_key_and_asks_for_something_else_is_counted_and_told(
    method: str, path: str, cause: DeliveryCause
) -> None:
    """After a gateway was changed, nothing arrived any more, and neither a line nor a count said so."""
    edge, _ = edge_with(Kafka())
    before = refused()
    with capture_logs() as lines:
        response = await call(edge, request(method=method, path=f"{path}?key=secret"))
    counted_under = {each for each, count in refused().items() if count != before[each]}
    assert (response.status, counted_under) == ({DeliveryCause.PATH: 404, DeliveryCause.METHOD: 405}[cause], {cause})
    assert [(line["log_level"], line["method"], line["path"]) for line in lines] == [("warning", method, path)]
    assert "gateway" in lines[0]["event"]


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        (SETTINGS, {}),
        (SETTINGS, {"Authorization": "Bearer wrong"}),
        (Settings(tenant="acme", ingress_allow_anonymous=True), KEY),
    ],
)
async def test_who_has_no_key_can_ask_for_anything_else_without_a_count_or_a_line(
    settings: Settings, headers: dict[str, str]
) -> None:
    """Also where no key is required: anybody could raise the alarm."""
    edge, _ = edge_with(Kafka(), settings)
    before = refused()
    with capture_logs() as lines:
        for path, method in (("/nowhere", "POST"), (WEBHOOK, "PUT")):
            await call(edge, request(headers=headers, method=method, path=path))
    assert (refused(), lines) == (before, [])


async def test_a_path_without_end_is_cut_in_the_log() -> None:
    edge, _ = edge_with(Kafka())
    with capture_logs() as lines:
        await call(edge, request(path="/" + "x" * 60_000))
    assert len(lines[0]["path"]) == LONGEST_PATH


async def test_a_query_does_not_change_the_path() -> None:
    edge, _ = edge_with(Kafka())
    assert (await call(edge, request(BODY, path=f"{WEBHOOK}?a=b"))).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_pages_are_answered_without_a_key(method: str) -> None:
    edge, _ = edge_with(Kafka())
    page = await call(edge, request(method=method, path="/livez", headers={}))
    assert isinstance(page, web.Response)
    assert page.text == "page"


async def test_more_than_the_allowed_requests_are_told_to_come_again() -> None:
    kafka = Kafka()
    kafka.open.clear()
    edge, _ = edge_with(kafka)
    waiting = asyncio.create_task(call(edge, request(BODY)))
    while not edge.busy:
        await asyncio.sleep(0)
    response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (429, "1")
    kafka.open.set()
    assert (await waiting).status == 200
    assert (await call(edge, request(BODY))).status == 200


async def test_while_draining_nothing_new_is_taken_and_what_is_in_flight_is_finished() -> None:
    kafka = Kafka()
    kafka.open.clear()
    edge, webhook = edge_with(kafka)
    waiting = asyncio.create_task(call(edge, request(BODY)))
    while not edge.busy:
        await asyncio.sleep(0)
    webhook.draining = True
    late = await call(edge, request(BODY))
    assert late.status == 500
    assert edge.busy
    kafka.open.set()
    assert (await waiting).status == 200
    assert not edge.busy
    assert len(kafka.records) == 1


async def test_who_goes_away_before_the_answer_is_no_mistake_of_ours() -> None:
    """A mistake of ours raises an alarm."""
    kafka = Kafka()
    kafka.open.clear()
    edge, _ = edge_with(kafka)
    before = refused()
    waiting = asyncio.create_task(call(edge, request(BODY)))
    while not edge.busy:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    assert refused() == before
    assert not edge.busy
