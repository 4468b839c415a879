"""What people see: no barriers, wide and narrow, light and dark, with and without a script."""

import pytest

from tests.browser.accessible import barriers
from tests.browser.chromium import Browser
from tests.browser.conftest import BUSY, CONTRADICTED, CROWDED, HELD, WHOLE
from tests.unit.processors.orders.facts import clock, fact, request
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import Served, serving
from tests.unit.processors.worker.console.told import of_facts

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's

PAGES = {
    "home": "/console/",
    "busy": f"/console/orders/{BUSY.order_id}",
    "whole": f"/console/orders/{WHOLE.order_id}",
    "held": f"/console/orders/{HELD.order_id}",
    "contradicted": f"/console/orders/{CONTRADICTED.order_id}",
    "crowded": f"/console/orders/{CROWDED.order_id}",
    "event": f"/console/orders/{BUSY.order_id}/events/{BUSY.entries[0]['source']}",
    "list": "/console/lists/attention",
    "blind": "/console/lists/blind-returns",
    "nothing": "/console/search?q=nothing",
    "unknown": "/console/orders/unknown",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_no_page_has_a_barrier_or_a_complaint(
    chromium: Browser, console: Served, width: int, *, dark: bool
) -> None:
    async with chromium.tab(width=width, dark=dark) as tab:
        for name, path in PAGES.items():
            await tab.go(f"{console.origin}{path}")
            await tab.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")
            assert await barriers(tab) == [], name
            assert await tab.run("document.documentElement.scrollWidth") == width, name
            is_missing = name == "unknown"
            assert tab.complaints == [] or is_missing, name
            tab.complaints.clear()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nor_has_the_login(chromium: Browser, queries: FakeQueries, *, dark: bool) -> None:
    async with serving(queries) as console, chromium.tab(width=360, dark=dark) as tab:
        await tab.go(f"{console.origin}/console/")
        assert await barriers(tab) == []
        assert tab.complaints == []


async def test_a_narrow_page_has_a_list_in_place_of_the_figure(chromium: Browser, console: Served) -> None:
    for width, is_drawn in ((1280, True), (360, False)):
        async with chromium.tab(width=width) as tab:
            await tab.go(f"{console.origin}{PAGES['busy']}")
            assert await tab.run("document.querySelector('.lanes').checkVisibility()") is is_drawn
            assert await tab.run("document.getElementById('fact-1').checkVisibility()")


@pytest.mark.parametrize("request_id", ["437241d711a3852d2003" * 3, "7077b81d-18db-40c1-a24a-000000000001"])
async def test_long_names_of_what_is_missing_break_on_a_narrow_page(chromium: Browser, request_id: str) -> None:
    done = request("items_completed", 60, "A", request_id=request_id)
    told = of_facts([fact("order.created", clock(0)), fact("order.opened", "tomorrow", n=1), done])
    async with serving(FakeQueries([told]), keys=None) as console, chromium.tab(width=360) as tab:
        await tab.go(f"{console.origin}/console/orders/{told.order_id}")
        assert f"assigned:{request_id}" in await tab.run("document.querySelector('.verdict strong').innerText")
        assert "not known; arrived" in await tab.run("document.querySelector('.facts').innerText")
        assert await tab.run("document.documentElement.scrollWidth") == 360


async def test_a_reader_of_screens_hears_what_an_item_has_still_before_it(chromium: Browser, console: Served) -> None:
    """A dashed border is silent, and the mark of what is done has no words, either."""
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{PAGES['held']}")
        said = await tab.run("document.querySelector('.stages').textContent")
        assert said.startswith("ordered")
        assert "not yet shipped" in said
        assert "not yet ordered" not in said


async def test_without_a_script_everything_is_there(chromium: Browser, console: Served) -> None:
    said = {}
    for script in (True, False):
        async with chromium.tab(script=script) as tab:
            await tab.go(f"{console.origin}{PAGES['busy']}")
            said[script] = await tab.run("document.body.innerText.replace(/as of.*/, '')")
    assert said[True] == said[False]
    assert all(entry["event"] in said[False] for entry in BUSY.entries)


async def test_dots_that_contradict_each_other_are_diamonds(chromium: Browser, console: Served) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{PAGES['contradicted']}")
        diamonds = await tab.run("document.querySelectorAll('.lanes .dot path').length")
        assert diamonds == 2 * await tab.run("document.querySelectorAll('tr.contradicted').length") > 0
