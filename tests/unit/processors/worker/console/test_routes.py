"""The console over a socket: who may go where, what is answered, and what every answer forbids."""

import re
from collections.abc import AsyncIterator

import pytest

from bridge import metrics
from processors.worker.console.guard import CSP
from processors.worker.console.session import COOKIE
from tests.unit.processors.orders.facts import Json
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import KEY, Served, serving
from tests.unit.processors.worker.console.told import Told, busy, held, whole

BUSY, WHOLE, HELD = busy(), whole(), held()
PAGES = [
    "/console/",
    f"/console/orders/{BUSY.order_id}",
    f"/console/orders/{BUSY.order_id}/events/{BUSY.entries[0]['source']}",
    "/console/lists/incomplete",
    "/console/lists/blind-returns",
    "/console/search?q=nothing",
]


@pytest.fixture
def queries() -> FakeQueries:
    lists = {("incomplete", "true"): [BUSY], ("status", "on_hold"): [HELD], ("stalled", "true"): [WHOLE] * 120}
    blind = [blind_return("r-1", "EX-7")]
    return FakeQueries([BUSY, WHOLE, HELD], lists, blind)


@pytest.fixture
async def open_console(queries: FakeQueries) -> AsyncIterator[Served]:
    async with serving(queries, keys=None) as served:
        yield served


@pytest.fixture
async def console(queries: FakeQueries) -> AsyncIterator[Served]:
    async with serving(queries) as served:
        yield served


def blind_return(return_id: str | None, external: str | None) -> Json:
    since = "2026-01-01T00:00:00.000Z"
    return {"kind": "return", "since": since, "order_id": None, "return_id": return_id, "external_order_id": external}


def logins(outcome: str) -> float:
    counted = metrics.console_logins_total.labels(outcome).collect()
    return sum(each.value for family in counted for each in family.samples)


# -- who may


@pytest.mark.parametrize("page", PAGES)
async def test_without_a_session_every_page_leads_to_the_login(
    console: Served, page: str, queries: FakeQueries
) -> None:
    answer = await console.get(page)
    assert answer.status == 303
    assert answer.location.startswith("/console/login")
    assert (await console.get(page, Cookie=f"{COOKIE}=9999999999.a.b")).status == 303
    assert (await console.get(page, Authorization=f"Bearer {KEY}")).status == 303, "a page is no place for bearer keys"
    assert not queries.asked


async def test_a_key_opens_a_session_that_a_script_cannot_read(console: Served, queries: FakeQueries) -> None:
    wanted = f"/console/orders/{BUSY.order_id}?items=1"
    login = await console.get((await console.get(wanted)).location)
    assert login.status == 200
    [field] = re.findall(r'name="next" value="([^"]*)"', login.text)
    answer = await console.post("/console/login", {"key": KEY, "next": field})
    assert (answer.status, answer.location) == (303, wanted)
    cookie = answer.answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"))
    assert "Secure" not in cookie
    assert KEY not in cookie
    assert (await console.get(wanted)).status == 200
    assert queries.asked[0][1].startswith("session ")


async def test_behind_tls_the_cookie_never_goes_without(console: Served) -> None:
    answer = await console.post("/console/login", {"key": KEY}, **{"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.answer.headers["Set-Cookie"]


async def test_a_wrong_key_opens_nothing_and_is_counted(
    console: Served,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.PAUSE_S", 0.0)
    before = logins("refused")
    answer = await console.post("/console/login", {"key": "WRONG-KEY"})
    assert answer.status == 401
    assert "not in force" in answer.text
    assert "Set-Cookie" not in answer.answer.headers
    assert logins("refused") == before + 1
    assert "WRONG-KEY" not in answer.text + caplog.text + "".join(capsys.readouterr())


async def test_too_many_wrong_keys_are_held_off_and_the_right_one_with_them(
    console: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.MOST_WAITING", 0)
    answer = await console.post("/console/login", {"key": KEY})
    assert answer.status == 429
    assert answer.answer.headers["Retry-After"] == "10"
    assert "Set-Cookie" not in answer.answer.headers


@pytest.mark.parametrize("path", ["/console/login", "/console/logout"])
async def test_a_form_of_another_site_changes_nothing(console: Served, path: str) -> None:
    await console.log_in()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await console.post(path, {"key": KEY}, **headers)
        assert answer.status == 403
        assert "Set-Cookie" not in answer.answer.headers
    assert (await console.get("/console/")).status == 200


@pytest.mark.parametrize("body", [b"key=" + b"x" * 20_000, b"\xff\xfe", b"", b"next=/console/"])
async def test_odd_forms_open_nothing(console: Served, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.PAUSE_S", 0.0)
    assert (await console.post("/console/login", body)).status in {401, 413}


async def test_logging_out_ends_it(console: Served) -> None:
    await console.log_in()
    assert (await console.get("/console/login")).location == "/console/"
    assert (await console.post("/console/logout")).status == 303
    assert (await console.get("/console/")).status == 303


async def test_where_no_key_is_asked_for_there_is_no_login(open_console: Served) -> None:
    answer = await open_console.get("/console/")
    assert answer.status == 200
    assert "Log out" not in answer.text
    assert (await open_console.get("/console/login")).location == "/console/"


# -- what is answered


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


async def test_the_script_is_told_that_the_session_is_over(console: Served) -> None:
    answer = await console.get("/console/?fragment")
    assert answer.status == 401


async def test_an_order_that_nobody_knows(open_console: Served) -> None:
    answer = await open_console.get("/console/orders/%3Cscript%3E")
    assert answer.status == 404
    assert "Unknown order" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", PAGES[1:])
async def test_workers_that_are_away_are_told_of(open_console: Served, queries: FakeQueries, path: str) -> None:
    queries.away = True
    answer = await open_console.get(path)
    assert answer.status == 503
    assert "partition 3 has no owner" in answer.text


async def test_the_first_page_is_there_whoever_is_away(open_console: Served, queries: FakeQueries) -> None:
    queries.away = True
    answer = await open_console.get("/console/")
    assert answer.status == 200
    assert "partition 3 has no owner" in answer.text
    assert "No order waits for an event" not in answer.text


async def test_the_first_page_shows_the_oldest_of_each_list(open_console: Served) -> None:
    page = (await open_console.get("/console/")).text
    assert page.count(f'href="/console/orders/{WHOLE.order_id}"') == 5
    assert "No order needs anybody" in page
    assert "r-1" in page


async def test_long_lists_go_on(open_console: Served) -> None:
    seen, path = 0, "/console/lists/stalled"
    while path:
        page = (await open_console.get(path)).text
        seen += page.count(f'href="/console/orders/{WHOLE.order_id}"')
        path = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), "").replace("&amp;", "&")
    assert seen == 120


async def test_a_search_that_finds_one_order_shows_it(open_console: Served) -> None:
    answer = await open_console.get(f"/console/search?q=+{BUSY.document['order']['external_id']}+")
    assert answer.location == f"/console/orders/{BUSY.order_id}"
    assert "has the id nothing" in (await open_console.get("/console/search?q=nothing")).text


@pytest.mark.parametrize("asked", ["", "++", "x" * 201])
async def test_odd_searches_are_refused(open_console: Served, queries: FakeQueries, asked: str) -> None:
    assert (await open_console.get(f"/console/search?q={asked}")).status == 400
    assert not queries.asked


@pytest.mark.parametrize("path", ["/console/lists/unknown", "/console/other", "/console/orders/"])
async def test_other_paths_are_not_there(open_console: Served, path: str) -> None:
    assert (await open_console.get(path)).status == 404


async def test_an_order_of_a_later_version_is_not_half_shown(queries: FakeQueries) -> None:
    later = WHOLE.but(items=["a list"])
    async with serving(FakeQueries([later]), keys=None) as served:
        answer = await served.get(f"/console/orders/{later.order_id}")
    assert answer.status == 501
    assert "cannot show the order" in answer.text


async def test_a_timeline_goes_on_where_the_page_before_ended(queries: FakeQueries) -> None:
    many = Told(BUSY.document, [BUSY.entries[n % 19] | {"source": f"9:{n}"} for n in range(130)])
    async with serving(FakeQueries([many]), keys=None) as served:
        path, seen = f"/console/orders/{many.order_id}", []
        while path:
            page = (await served.get(path)).text
            seen += re.findall(r'id="fact-(\d+)"', page)
            path = next(iter(re.findall(r'href="([^"#]+)#timeline" rel="next"', page)), "").replace("&amp;", "&")
    assert seen == [str(number) for number in range(1, 131)]


ACK = f"/console/orders/{BUSY.order_id}/gaps/order.opened/ack"


async def test_a_gap_is_set_aside_with_a_reason(open_console: Served, queries: FakeQueries) -> None:
    page = f"/console/orders/{BUSY.order_id}"
    assert f'action="{ACK}"' in (await open_console.get(page)).text
    answer = await open_console.post(ACK, {"reason": " asked <NewStore> "})
    assert (answer.status, answer.location) == (303, page)
    assert queries.asked[-1] == ("acknowledge", "anybody", BUSY.order_id, "order.opened", "asked <NewStore>")
    shown = (await open_console.get(page)).text
    assert "order.opened: asked &lt;NewStore&gt;" in shown
    assert ACK not in shown


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_not_without_one(open_console: Served, queries: FakeQueries, reason: str) -> None:
    assert (await open_console.post(ACK, {"reason": reason})).status == 400
    assert not queries.asked


async def test_what_is_no_gap_stays(open_console: Served) -> None:
    answer = await open_console.post(ACK.replace("opened", "created"), {"reason": "r"})
    assert answer.status == 404
    assert "no gap of that name" in answer.text


async def test_only_one_s_own_page_sets_aside_and_only_for_who_is_in(console: Served, queries: FakeQueries) -> None:
    assert (await console.post(ACK, {"reason": "r"})).location.startswith("/console/login")
    await console.log_in()
    assert (await console.post(ACK, {"reason": "r"}, Origin="https://evil.example")).status == 403
    assert not queries.asked


@pytest.mark.parametrize("asked", ["r-1", "EX-7"])
async def test_a_return_of_no_order_is_found_by_its_ids(open_console: Served, asked: str) -> None:
    page = (await open_console.get(f"/console/search?q={asked}")).text
    assert "r-1" in page
    assert "EX-7" in page
    assert "has the id" not in page


async def test_a_return_that_an_exchange_settles_names_it() -> None:
    returns = {key: done | {"settled_by_exchange": [HELD.order_id]} for key, done in WHOLE.document["returns"].items()}
    async with serving(FakeQueries([WHOLE.but(returns=returns)]), keys=None) as served:
        page = (await served.get(f"/console/orders/{WHOLE.order_id}")).text
    assert f'href="/console/orders/{HELD.order_id}"' in page
    assert "settled by exchange" in page
