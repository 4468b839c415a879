"""What people do: log in, move by keys, look at bodies, and find the page up to date."""

import json

import pytest

from tests.browser.chromium import Browser, Tab
from tests.browser.conftest import BUSY, HELD, WHOLE
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import KEY, Served, serving
from tests.unit.processors.worker.console.told import Told

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's

ORDER = f"/console/orders/{BUSY.order_id}"
HOSTILE = "\"><img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


async def enter(tab: Tab, text: str, field: str = "key") -> None:
    """Type into the field once it has the cursor, and load the next page."""
    await tab.until(f"document.activeElement?.id === '{field}'")
    await tab.command("Input.insertText", text=text)
    tab.leaving()
    await tab.press("Enter")
    await tab.loaded()


async def test_one_logs_in_and_out_without_a_script(chromium: Browser, queries: FakeQueries) -> None:
    async with serving(queries) as console, chromium.tab(script=False) as tab:
        await tab.go(f"{console.origin}{ORDER}")
        await enter(tab, KEY)
        assert await tab.run("location.pathname") == ORDER
        assert await tab.run("document.cookie") == ""
        tab.leaving()
        await tab.run("document.querySelector('form[action=\"/console/logout\"] button').click()")
        await tab.loaded()
        assert await tab.run("location.pathname") == "/console/login"
        await tab.go(f"{console.origin}{ORDER}")
        assert await tab.run("location.pathname") == "/console/login"
        assert tab.complaints == []


async def test_a_wrong_key_is_told(chromium: Browser, queries: FakeQueries) -> None:
    async with serving(queries) as console, chromium.tab() as tab:
        await tab.go(f"{console.origin}/console/")
        await enter(tab, "wrong")
        assert "not in force" in await tab.run("document.querySelector('[role=alert]').innerText")


async def test_keys_move_and_open(chromium: Browser, console: Served) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        for key, row in (("j", "fact-1"), ("j", "fact-2"), ("k", "fact-1")):
            await tab.press(key)
            assert await tab.run("document.activeElement.id") == row
        await tab.press("Enter")
        await tab.until("document.getElementById('raw').open")
        body = json.loads(await tab.run("document.querySelector('#raw pre').innerText"))
        assert body == BUSY.bodies[BUSY.entries[0]["source"]]
        await tab.press("Escape")
        await tab.until("!document.getElementById('raw').open")
        assert await tab.run("document.activeElement.id") == "fact-1"
        await tab.press("/")
        assert await tab.run("document.activeElement.id") == "q"
        await tab.press("j")
        assert await tab.run("document.activeElement.value") == "j"


async def test_a_fact_lights_up_wherever_it_is(chromium: Browser, console: Served) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        place = "document.getElementById('fact-3')"
        await tab.run(f"{place}.scrollIntoView({{block: 'center'}})")
        x, y = await tab.run(f"(({{x, y}}) => [x + 200, y + 5])({place}.getBoundingClientRect())")
        await tab.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        hot = await tab.run("[...document.querySelectorAll('.hot')].map((each) => each.dataset.fact)")
        assert hot == ["3", "3", "3"]  # the row, the line, the dots


async def test_the_page_follows_the_order(chromium: Browser, console: Served, queries: FakeQueries) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        await tab.run("document.querySelector('main').dataset.kept = 'yes'")
        queries.orders[BUSY.order_id] = BUSY.but(missing=[], incomplete=False, provisional=False)
        await tab.until("document.querySelector('.verdict').innerText.includes('nothing missing')")
        assert await tab.run("document.querySelector('main').dataset.kept") == "yes", "it was not loaded anew"
        assert tab.complaints == []


async def test_what_is_not_true_any_more_does_not_stay(
    chromium: Browser, console: Served, queries: FakeQueries
) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        erased = queries.orders.pop(BUSY.order_id)
        await tab.until("document.querySelector('main').innerText.includes('Unknown order')")
        queries.orders[BUSY.order_id] = erased
        await tab.until("document.querySelector('main .verdict')")
        queries.away = True
        await tab.until("document.querySelector('main').innerText.includes('partition 3 has no owner')")


async def test_it_says_as_of_when_it_was_looked_at_last(chromium: Browser, console: Served) -> None:
    """Also if nothing is new."""
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        first = await tab.run("document.getElementById('as-of').innerText")
        await tab.until(f"document.getElementById('as-of').innerText > '{first}'")


async def test_it_leads_to_the_login_once_the_session_is_over(chromium: Browser, queries: FakeQueries) -> None:
    async with serving(queries) as console, chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        await enter(tab, KEY)
        tab.leaving()
        await tab.command("Network.clearBrowserCookies")
        await tab.loaded()
        await tab.until("location.pathname === '/console/login'")


async def test_a_reason_that_somebody_types_stays(chromium: Browser, queries: FakeQueries) -> None:
    """Even if the order changes or the session ends, and wherever the cursor is."""
    typed = "document.querySelector('.aside input').value"
    asked_again = "performance.getEntriesByType('resource').filter((each) => each.name.includes('fragment')).length"
    async with serving(queries) as console, chromium.tab() as tab:
        await tab.go(f"{console.origin}{ORDER}")
        await enter(tab, KEY)
        await tab.run("document.querySelector('.aside').open = true")
        await tab.run("document.querySelector('.aside input').focus()")
        await tab.command("Input.insertText", text="NewStore has it no more")
        await tab.run("document.activeElement.blur()")
        queries.orders[BUSY.order_id] = BUSY.but(status="on_hold")
        for change in ("Network.enable", "Network.clearBrowserCookies"):
            await tab.command(change)
            looks = await tab.run(asked_again)
            await tab.until(f"{asked_again} >= {looks + 2}")
            assert await tab.run(typed) == "NewStore has it no more"
        await tab.run(f"{typed} = ''")
        await tab.until("location.pathname === '/console/login'")


async def test_what_is_found_is_shown(chromium: Browser, console: Served) -> None:
    async with chromium.tab() as tab:
        await tab.go(f"{console.origin}/console/")
        await tab.press("/")
        await enter(tab, HELD.document["order"]["external_id"], "q")
        assert await tab.run("location.pathname") == f"/console/orders/{HELD.order_id}"


async def test_hostile_data_does_nothing(chromium: Browser) -> None:
    fields = {"order": WHOLE.document["order"] | {"external_id": HOSTILE}, "suspected": [HOSTILE]}
    entries = [entry | {"event": HOSTILE, "key": HOSTILE} for entry in WHOLE.entries]
    hostile = Told(
        WHOLE.document | fields, entries, {source: {"name": HOSTILE, "x": HOSTILE} for source in WHOLE.bodies}
    )
    async with serving(FakeQueries([hostile], {("incomplete", "true"): [hostile]}), keys=None) as console:
        for path in ("/console/", f"/console/orders/{hostile.order_id}", "/console/lists/incomplete"):
            async with chromium.tab() as tab:
                await tab.go(f"{console.origin}{path}")
                assert HOSTILE in await tab.run("document.body.innerText")
                assert await tab.run("document.images.length") == 0
                assert await tab.run("document.title") != "hacked"
                assert tab.complaints == []
