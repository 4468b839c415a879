"""A list as CSV: what a spreadsheet makes of it, whatever the data."""

import csv
from io import StringIO

import pytest

from processors.worker.console import orders
from processors.worker.console.list_csv import COLUMNS, as_csv
from schemas.order_answers import ListedOrder
from tests.unit.processors.orders.facts import Json
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.serving import serving
from tests.unit.processors.worker.console.told import HELD, life, told

ORDER: Json = {
    "order_id": "o-1",
    "external_id": "0042",
    "since": "2026-01-01T00:00:00.000Z",
    "provisional": True,
    "incomplete": False,
    "stalled": ["order.opened", "order.completed"],
    "attention": [{"kind": "over_captured", "subject": "EUR"}],
    "grand_total": "100",
    "balance": "-20.5",
}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_each_order_is_a_row_and_what_is_not_known_is_empty() -> None:
    [row] = rows(as_csv([ORDER]))
    assert {name: value for name, value in row.items() if value} == {
        "order_id": "o-1",
        "external_id": "0042",
        "since": "2026-01-01T00:00:00.000Z",
        "provisional": "true",
        "incomplete": "false",
        "stalled": "order.opened; order.completed",
        "attention": "over_captured: EUR",
        "grand_total": "100",
        "balance": "-20.5",
    }


def test_columns_are_fields_of_listed_orders() -> None:
    assert set(COLUMNS) <= ListedOrder.model_fields.keys()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", "\uff1d1+1", "\uff20A1"])
def test_what_data_holds_is_never_computed(text: str) -> None:
    assert rows(as_csv([{**ORDER, "external_id": text}]))[0]["external_id"] == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1;=2+3;x", "1;'=2+3;x"),
        ("1\t@SUM(A1)", "1\t'@SUM(A1)"),
        ("1\n-2\r+3", "1\n'-2\r'+3"),
        ("\t=1", "'\t'=1"),
        ("=1;;\uff1d1", "'=1;;'\uff1d1"),
    ],
)
def test_nor_where_a_cell_begins_for_another_country_s_spreadsheet(text: str, written: str) -> None:
    """German spreadsheets end a cell at `;`, and take quotes within a cell for text."""
    assert rows(as_csv([{**ORDER, "external_id": text}]))[0]["external_id"] == written


@pytest.mark.parametrize("between", [";", "\t", "\n"])
@pytest.mark.parametrize("quotes", ['"', '""', '"""'])
def test_nor_behind_quotes_with_which_such_a_cell_begins(quotes: str, between: str) -> None:
    """Each quote is written twice. Such spreadsheets see an empty text in quotes, with the formula behind it."""
    text = as_csv([{**ORDER, "external_id": f"1{between}{quotes}=2+3{between}x"}], is_first=False)
    rows_there = csv.reader(StringIO(text, newline=""), delimiter=between.strip("\n") or ";")
    assert [cell for row in rows_there for cell in row if cell.lstrip('"').startswith("=")] == []


@pytest.mark.parametrize("text", ['say "so", and\nso', "a,b;c", "ü", "1-2=3", "1; -2"])
def test_what_data_holds_stays_in_its_cell(text: str) -> None:
    assert rows(as_csv([{**ORDER, "external_id": text}, ORDER]))[0]["external_id"] == text


async def test_a_list_has_all_of_its_orders_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def counting(page: list[Json], *, is_first: bool) -> str:
        written.append(len(page))
        return as_csv(page, is_first=is_first)

    monkeypatch.setattr(orders, "MOST", 2)
    monkeypatch.setattr(orders, "as_csv", counting)
    held = [told(life(HELD, seed=seed)) for seed in range(5)]
    async with serving(FakeQueries(held, {("status", "on_hold"): held})) as console:
        assert (await console.get("/console/lists/on-hold.csv")).status == 303
        await console.log_in()
        page = await console.get("/console/lists/on-hold.csv")
        assert [row["order_id"] for row in rows(page.text)] == [each.order_id for each in held]
        assert written == [2, 2, 1], "10,000 at once would hold up all else for long"
        assert page.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert page.answer.headers["Content-Disposition"] == 'attachment; filename="on-hold.csv"'
        assert "/console/lists/on-hold.csv" in (await console.get("/console/lists/on-hold")).text
        for name in ("unknown", "blind-returns"):
            assert (await console.get(f"/console/lists/{name}.csv")).status == 404
        monkeypatch.setattr(orders, "MOST", 5)
        for most, status in ((5, 200), (4, 413)):
            monkeypatch.setattr(orders, "MOST_ROWS", most)
            assert (await console.get("/console/lists/on-hold.csv")).status == status


async def test_an_order_that_comes_back_into_its_list_meanwhile_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    first, back, last = (told(life(HELD, seed=seed)) for seed in range(3))
    monkeypatch.setattr(orders, "MOST", 2)
    monkeypatch.setattr(orders, "MOST_ROWS", 3)
    lines = [first, back, back, last]
    async with serving(FakeQueries(lists={("status", "on_hold"): lines}), keys=None) as console:
        page = await console.get("/console/lists/on-hold.csv")
    assert [row["order_id"] for row in rows(page.text)] == [each.order_id for each in (first, back, last)]


async def test_a_list_that_lacks_a_worker_is_no_file() -> None:
    queries = FakeQueries()
    queries.away = True
    async with serving(queries) as console:
        await console.log_in()
        assert (await console.get("/console/lists/stalled.csv")).status == 503
