"""What pages show and searches find, and what they say where they cannot."""

import re
from urllib.parse import quote

import pytest

from processors.worker.console.order_paths import order_path
from tests.unit.processors.orders.facts import clock, fact, request
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.known import BUSY, HELD, PAGES, WHOLE, blind_return
from tests.unit.processors.worker.console.serving import Served, serving
from tests.unit.processors.worker.console.told import Told, of_facts

pytestmark = pytest.mark.thorough


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
    assert answer.answer.headers["Retry-After"] == "1"
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


async def test_the_first_page_says_as_of_when_it_is(open_console: Served) -> None:
    """The page's worker may be gone, and old numbers look like new ones."""
    assert re.search(r'workers\. As of <time id="as-of">\d{4}-\d\d-\d\dT', (await open_console.get("/console/")).text)


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


async def test_an_order_of_a_later_version_is_not_half_shown(queries: FakeQueries) -> None:
    later = WHOLE.but(items=["a list"])
    async with serving(FakeQueries([later]), keys=None) as served:
        answer = await served.get(f"/console/orders/{later.order_id}")
    assert answer.status == 501
    assert "cannot show the order" in answer.text


async def test_a_request_that_no_key_names_has_a_deadline_too() -> None:
    """The key hashes a long id, so the worker tells which fact needs the request's assignment."""
    long = of_facts([fact("order.opened", clock(1)), request("items_completed", 60, "A", request_id="r" * 199, n=1)])
    async with serving(FakeQueries([long]), keys=None) as served:
        page = (await served.get(f"/console/orders/{long.order_id}")).text
    assert "counts as late after" in page
    assert "when it was published is not known" not in page


async def test_what_a_worker_of_before_this_field_does_not_tell_is_not_said_to_be_nowhere() -> None:
    before = of_facts([fact("order.created", clock(1)), request("items_completed", 60, "A", n=1)]).but(awaited={})
    async with serving(FakeQueries([before]), keys=None) as served:
        page = (await served.get(f"/console/orders/{before.order_id}")).text
    assert "when it was published is not known" in page
    assert "counts as late after" not in page


async def test_a_timeline_goes_on_where_the_page_before_ended(queries: FakeQueries) -> None:
    many = Told(BUSY.document, [BUSY.entries[n % 19] | {"source": f"9:{n}"} for n in range(130)])
    async with serving(FakeQueries([many]), keys=None) as served:
        path, seen = f"/console/orders/{many.order_id}", []
        while path:
            page = (await served.get(path)).text
            seen += re.findall(r'id="fact-(\d+)"', page)
            path = next(iter(re.findall(r'href="([^"#]+)#timeline" rel="next"', page)), "").replace("&amp;", "&")
    assert seen == [str(number) for number in range(1, 131)]


@pytest.mark.parametrize("after", ["no-cursor", "%F0", "%22"])
async def test_a_place_that_the_timeline_does_not_have_is_none(after: str) -> None:
    """An address of another version may name that place, though the worker gives the timeline."""
    many = Told(BUSY.document, [BUSY.entries[n % 19] | {"source": f"9:{n}"} for n in range(70)])
    async with serving(FakeQueries([many]), keys=None) as served:
        answer = await served.get(f"/console/orders/{many.order_id}?after={after}")
    assert answer.status == 200
    assert "Facts 1 to 60 of 70" in answer.text
    assert "does not give" not in answer.text
    assert re.findall(r'href="[^"]*[?]after=([^"&#]*)', answer.text) == ["60"]


async def test_who_turns_a_page_of_one_list_stays_where_they_are_in_the_others() -> None:
    lists = {"items": 70, "payments": 120}
    many = {name: {f"n-{n}": next(iter(BUSY.document[name].values())) for n in range(lists[name])} for name in lists}
    of = Told(BUSY.document | many, [BUSY.entries[n % 19] | {"source": f"9:{n}"} for n in range(200)])
    path = f"/console/orders/{of.order_id}"
    async with serving(FakeQueries([of]), keys=None) as served:
        page = (await served.get(f"{path}?after=60&items=2&payments=2&requests=x")).text.replace("&amp;", "&")
    links = set(re.findall(rf'href="{path}([?#][^"]*)"', page))
    assert links == {
        "?items=2&payments=2#timeline",  # the first page
        "?after=120&items=2&payments=2#timeline",
        "?after=60&payments=2#items",
        "?after=60&items=2#payments",
        "?after=60&items=2&payments=3#payments",
    }


async def test_facts_are_counted_by_the_answer_whatever_came_since_the_page_before() -> None:
    entries = [BUSY.entries[n % 19] | {"source": f"9:{n}"} for n in range(70)]
    async with serving(FakeQueries([Told(BUSY.document, entries)]), keys=None) as served:
        page = (await served.get(f"/console/orders/{BUSY.order_id}?after=64&before=60")).text
    assert "Facts 65 to 70 of 70" in page


@pytest.mark.parametrize("asked", ["r-1", "EX-7"])
async def test_a_return_of_no_order_is_found_by_its_ids(open_console: Served, asked: str) -> None:
    page = (await open_console.get(f"/console/search?q={asked}")).text
    assert "r-1" in page
    assert "EX-7" in page
    assert "has the id" not in page


@pytest.mark.parametrize(("returns", "is_more"), [(50, False), (51, True)])
async def test_of_more_returns_than_a_page_has_it_is_told_where_they_are(returns: int, is_more: bool) -> None:
    blind = [blind_return(f"r-{n}", "X&1") for n in range(returns)]
    async with serving(FakeQueries(blind=blind), keys=None) as served:
        page = (await served.get("/console/search?q=X%261")).text
    assert page.count("data-row") == 50
    assert ("There are more" in page, '"/blind-returns?external_id=X%261"' in page) == (is_more, is_more)


@pytest.mark.parametrize("order_id", [" blank", "blank ", "blank"])
async def test_blanks_are_what_was_typed_first_and_then_nothing(order_id: str) -> None:
    """Ids may begin or end with blanks, but most blanks were copied along."""
    async with serving(FakeQueries([WHOLE.but(order_id=order_id)]), keys=None) as served:
        assert (await served.get(f"/console/search?q={quote(order_id)}")).location == order_path(order_id)
        shown = await served.get(f"/console/search?q={quote(f' {order_id} ')}")
    assert shown.status == (303 if order_id == "blank" else 200)


async def test_a_return_of_no_order_is_found_with_its_blanks() -> None:
    async with serving(FakeQueries(blind=[blind_return(" r-2", "EX-2")]), keys=None) as served:
        assert "EX-2" in (await served.get("/console/search?q=+r-2")).text


async def test_a_return_that_an_exchange_settles_names_it() -> None:
    returns = {key: done | {"settled_by_exchange": [HELD.order_id]} for key, done in WHOLE.document["returns"].items()}
    async with serving(FakeQueries([WHOLE.but(returns=returns)]), keys=None) as served:
        page = (await served.get(f"/console/orders/{WHOLE.order_id}")).text
    assert f'href="/console/orders/{HELD.order_id}"' in page
    assert "settled by exchange" in page
