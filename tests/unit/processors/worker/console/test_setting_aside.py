"""Gaps are set aside on an order's page, with a reason."""

import re

import pytest

from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.known import BUSY
from tests.unit.processors.worker.console.serving import KEY, Served

pytestmark = pytest.mark.thorough  # over a socket

ACK = f"/console/orders/{BUSY.order_id}/gaps/order.opened/ack"


async def test_a_gap_is_set_aside_with_a_reason(open_console: Served, queries: FakeQueries) -> None:
    page = f"/console/orders/{BUSY.order_id}"
    assert f'action="{ACK}"' in (await open_console.get(page)).text
    answer = await open_console.post(ACK, {"reason": " asked\0 <NewStore> "})
    assert (answer.status, answer.location) == (303, page)
    assert queries.asked[-1] == ("acknowledge", "anybody", BUSY.order_id, "order.opened", "asked <NewStore>")
    shown = (await open_console.get(page)).text
    assert "order.opened: asked &lt;NewStore&gt;" in shown
    assert ACK not in shown


async def test_an_order_whose_id_is_in_braces_has_its_pages(open_console: Served, queries: FakeQueries) -> None:
    queries.orders["{9f1c}"] = BUSY
    page = "/console/orders/%7B9f1c%7D"
    assert (await open_console.get(page)).status == 200
    assert (await open_console.get(f"{page}/events/{BUSY.entries[0]['source']}")).status == 200
    assert (await open_console.post(f"{page}/gaps/order.opened/ack", {"reason": "lost"})).location == page


@pytest.mark.parametrize("order_id", [".", "..", "~.", "~~.."])
async def test_an_order_whose_id_is_dots_has_its_pages(
    order_id: str, open_console: Served, queries: FakeQueries
) -> None:
    """Browsers make `/console/` of `/console/orders/..`, however it is escaped."""
    queries.orders = {order_id: BUSY.but(order_id=order_id)}
    page = (await open_console.get(f"/console/search?q={order_id}")).location
    assert page == f"/console/orders/~{order_id}"
    shown = await open_console.get(page)
    assert shown.status == 200
    assert f'action="{page}/gaps/order.opened/ack"' in shown.text
    raw = await open_console.get(f"{page}/events/{BUSY.entries[0]['source']}")
    assert f'href="{page}"' in raw.text
    assert (await open_console.post(f"{page}/gaps/order.opened/ack", {"reason": "lost"})).location == page
    assert {asked[2] for asked in queries.asked if asked[0] != "search"} == {order_id}


async def test_blanks_around_a_reason_do_not_count(open_console: Served, queries: FakeQueries) -> None:
    assert (await open_console.post(ACK, {"reason": f"{'x' * 500} "})).status == 303
    assert queries.asked[-1][-1] == "x" * 500


@pytest.mark.parametrize("reason", ["", "  ", "\0", "x" * 501])
async def test_not_without_one(open_console: Served, queries: FakeQueries, reason: str) -> None:
    assert (await open_console.post(ACK, {"reason": reason})).status == 400
    assert not queries.asked


async def test_what_is_no_gap_stays(open_console: Served) -> None:
    answer = await open_console.post(ACK.replace("opened", "created"), {"reason": "r"})
    assert answer.status == 404
    assert "no gap of that name" in answer.text


async def test_where_it_cannot_be_done_now_that_is_worth_doing_again(
    open_console: Served, queries: FakeQueries
) -> None:
    queries.away = True
    answer = await open_console.post(ACK, {"reason": "r"})
    assert (answer.status, answer.answer.headers["Retry-After"]) == (503, "1")


async def test_a_session_that_ended_meanwhile_leads_back_to_the_order(console: Served) -> None:
    login = await console.get((await console.post(ACK, {"reason": "r"})).location)
    [field] = re.findall(r'name="next" value="([^"]*)"', login.text)
    page = (await console.post("/console/login", {"key": KEY, "next": field})).location
    assert page == f"/console/orders/{BUSY.order_id}"
    assert (await console.get(page)).status == 200


async def test_only_one_s_own_page_sets_aside_and_only_for_who_is_in(console: Served, queries: FakeQueries) -> None:
    assert (await console.post(ACK, {"reason": "r"})).location.startswith("/console/login")
    await console.log_in()
    assert (await console.post(ACK, {"reason": "r"}, Origin="https://evil.example")).status == 403
    assert not queries.asked
