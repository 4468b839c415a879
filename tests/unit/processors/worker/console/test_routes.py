"""Every answer of the console: where it is, what it forbids, and when it need not be sent again."""

import re

import pytest

from processors.worker.console.guard import CSP
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.known import BUSY, PAGES
from tests.unit.processors.worker.console.serving import Served

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("page", [*PAGES, "/console/login", "/console/orders/unknown"])
async def test_every_page_forbids_what_is_not_its_own(console: Served, page: str) -> None:
    await console.log_in()
    answer = await console.get(page)
    headers = answer.answer.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|<script(?! defer src=)", answer.text)


async def test_the_root_leads_here(open_console: Served) -> None:
    for path in ("/", "/console"):
        assert (await open_console.get(path)).location == "/console/"


async def test_files_are_kept_by_the_digest_in_their_address(open_console: Served) -> None:
    page = (await open_console.get("/console/")).text
    files = re.findall(r'(?:href|src)="(/console/static/[^"]+)"', page)
    assert len(files) == 3
    for file in files:
        answer = await open_console.get(file)
        assert answer.status == 200
        assert "immutable" in answer.answer.headers["Cache-Control"]
    assert (await open_console.get("/console/static/..%2Froutes.py")).status == 404


async def test_an_inner_part_comes_again_only_if_it_is_new(open_console: Served) -> None:
    path = f"/console/orders/{BUSY.order_id}"
    whole_page = await open_console.get(path)
    [fragment] = re.findall(r'data-poll="([^"]+)"', whole_page.text)
    [etag] = re.findall(r'data-etag="([^"]+)"', whole_page.text)
    first = await open_console.get(fragment)
    assert first.text.strip() in whole_page.text
    assert "<html" not in first.text
    assert first.answer.headers["ETag"] == etag.replace("&#34;", '"')
    assert (await open_console.get(fragment, **{"If-None-Match": first.answer.headers["ETag"]})).status == 304


@pytest.mark.parametrize("as_sent", ["W/{}", '"another", {}', '"another",W/{}'])
async def test_it_is_known_through_a_proxy_that_weakens_etags_too(open_console: Served, as_sent: str) -> None:
    """nginx does so when it compresses."""
    fragment = f"/console/orders/{BUSY.order_id}?fragment"
    etag = (await open_console.get(fragment)).answer.headers["ETag"]
    assert (await open_console.get(fragment, **{"If-None-Match": as_sent.format(etag)})).status == 304
    assert (await open_console.get(fragment, **{"If-None-Match": as_sent.format('"other"')})).status == 200


async def test_the_same_order_is_not_even_rendered_again(
    open_console: Served, queries: FakeQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragment = f"/console/orders/{BUSY.order_id}?fragment"
    etag = (await open_console.get(fragment)).answer.headers["ETag"]

    def nobody(*_: object) -> None:
        raise AssertionError("somebody renders")

    with monkeypatch.context() as patched:
        patched.setattr("processors.worker.console.orders.order_page", nobody)
        assert (await open_console.get(fragment, **{"If-None-Match": etag})).status == 304
    queries.orders[BUSY.order_id] = BUSY.but(status="on_hold")
    assert (await open_console.get(fragment, **{"If-None-Match": etag})).status == 200
    assert (await open_console.get(f"{fragment}&items=2", **{"If-None-Match": etag})).status == 200


async def test_what_is_the_matter_is_an_inner_part_too(open_console: Served, queries: FakeQueries) -> None:
    """By its ETag the script tells it from a proxy's answer."""
    unknown = await open_console.get("/console/orders/unknown?fragment")
    queries.away = True
    away = await open_console.get("/console/lists/stalled?fragment")
    assert (unknown.status, away.status) == (404, 503)
    for answer in (unknown, away):
        assert "<html" not in answer.text
        assert answer.answer.headers["ETag"]


async def test_the_script_is_told_that_the_session_is_over(console: Served) -> None:
    answer = await console.get("/console/?fragment")
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/console/lists/unknown", "/console/other", "/console/orders/"])
async def test_other_paths_are_not_there(open_console: Served, path: str) -> None:
    assert (await open_console.get(path)).status == 404
