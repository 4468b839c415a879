"""The figure: lines cross only where one is out of order, and each of those is marked."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from processors.worker.console.order.facts import Fact, Group, facts_of
from processors.worker.console.order.ghosts import ghosts_of
from processors.worker.console.order.lanes import WIDTH, Figure, figure_of
from tests.unit.processors.orders.facts import clock, fact, items, request
from tests.unit.processors.worker.console.told import REFUNDED, SLA, Told, life, of_facts, told

EVENTS = life(REFUNDED, seed=4, lines=(3,))


def facts(of: Told) -> list[Fact]:
    return facts_of(of.entries, of.state, SLA)


def figure(of: Told) -> Figure:
    found = facts(of)
    return figure_of(found, ghosts_of(found, of.state))


@given(st.dictionaries(st.integers(0, len(EVENTS) - 1), st.floats(0, 200_000), max_size=6))
def test_lines_cross_only_where_one_of_them_is_marked(late: dict[int, float]) -> None:
    dots = figure(told(EVENTS, late=late)).dots
    for one, other in combinations(dots, 2):
        if (one.x - other.x) * (one.to_x - other.to_x) < 0:
            assert one.fact.arrived_as is not None or other.fact.arrived_as is not None


@given(st.dictionaries(st.integers(0, len(EVENTS) - 1), st.floats(0, 200_000), max_size=6))
def test_what_is_marked_crosses_some_line(late: dict[int, float]) -> None:
    dots = figure(told(EVENTS, late=late)).dots
    for dot in dots:
        if dot.fact.arrived_as is not None:
            assert any((dot.x - other.x) * (dot.to_x - other.to_x) < 0 for other in dots)


def test_dots_of_one_instant_stand_beside_each_other() -> None:
    found = figure(of_facts([fact("order.created", clock(0), n=n, id="order-1", colour=n) for n in range(5)]))
    assert len({dot.x for dot in found.dots}) == 5


def test_a_ghost_stands_between_what_came_before_it_and_what_proves_it() -> None:
    found = figure(told(EVENTS, lost=["order.opened"]))
    [shade] = found.shades
    places = {dot.fact.number: dot.x for dot in found.dots}
    assert places[2] < shade.x < places[3]
    assert shade.y == found.rows[0].y


def test_each_request_has_a_row_unless_there_are_too_many() -> None:
    assert [row.group for row in figure(told(EVENTS)).rows].count(Group.FULFILMENT) == 2
    many = [request("assigned", second, "A", request_id=f"request-{second}") for second in range(20)]
    rows = figure(of_facts([fact("order.opened", clock(0), items=items("A")), *many])).rows
    assert [row.name for row in rows] == ["order", "fulfilment"]


def test_a_fact_without_a_time_stands_where_it_arrived() -> None:
    found = figure(of_facts([fact("order.created", clock(0), n=0), fact("order.opened", "some day", n=5)]))
    [untimed] = [dot for dot in found.dots if dot.fact.happened is None]
    assert untimed.fact.event == "order.opened"
    assert untimed.x <= untimed.to_x


def test_it_is_as_wide_as_the_page_unless_it_has_to_be_wider() -> None:
    assert figure(told(EVENTS)).width <= WIDTH + 1
    crowded = [fact("order.created", "1970-01-01T00:00:00Z", n=n, id="order-1", colour=n) for n in range(60)]
    assert WIDTH < figure(of_facts(crowded)).width < 60 * 24 + 200


def test_times_have_their_year_where_the_axis_spans_several() -> None:
    """An order and its return a year later looked like one day."""
    created = fact("order.created", "1970-01-01T00:00:00Z", n=0)
    later = [fact("order.opened", f"{date}T00:00:00Z", n=n) for date, n in (("1970-01-02", 1), ("1971-01-01", 2))]
    texts = [[text for _, text in figure(of_facts([created, each])).labels] for each in later]
    assert texts == [["01 Jan 00:00", "02 Jan 00:00"], ["01 Jan 1970 00:00", "01 Jan 1971 00:00"]]
