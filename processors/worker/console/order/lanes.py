"""Positions of the timeline's figure: events happen above, arrive below, and a line connects both. The template draws
it.

Each entity has a row of its own above the upper axis, so that events of one instant stand side by side. A slanted line
is a late event; a line that crosses others is an event out of order.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from processors.worker.console.order.axis import ARRIVED, HAPPENED, Axis, Break, Moment, axis_of
from processors.worker.console.order.facts import Fact, Group
from processors.worker.console.order.ghosts import Ghost

_LABELS: Final = 132.0
"""Pixels for the names of the rows."""
_MARGIN: Final = 16.0
WIDTH: Final = 1120.0
"""Pixels for the figure on a page of 1,280."""
_APART: Final = 23.0
"""Pixels between the centres of two dots of a lane: their diameter and a little air."""
_ROW: Final = 26.0
_TOP: Final = 40.0
_LANES_APART: Final = 96.0
_MOST_ROWS: Final = 8
_LABEL_APART: Final = 84.0
_YEAR: Final = 34.0
"""Pixels by which a label with a year is wider."""
_ORDER_OF_GROUPS: Final = [*Group]


class EntityRow(NamedTuple):
    """The row of an entity; `name` is that of a group, or a request's id."""

    name: str
    group: Group
    y: float


class Dot(NamedTuple):
    """A fact in the figure: at `x` above, at `to_x` below; `y` is that of its row."""

    fact: Fact
    x: float
    to_x: float
    y: float


class Shade(NamedTuple):
    """A missing event in the figure."""

    ghost: Ghost
    x: float
    y: float


class Figure(NamedTuple):
    """All positions, in pixels. `happened` and `arrived` are the `y` of the two axes; `labels` are times along them."""

    rows: Sequence[EntityRow]
    dots: Sequence[Dot]
    shades: Sequence[Shade]
    breaks: Sequence[Break]
    labels: Sequence[tuple[float, str]]
    left: float
    width: float
    happened: float
    arrived: float
    height: float

    @property
    def is_wide(self) -> bool:
        """Whether the figure has to be scrolled on a page of 1,280 pixels."""
        return self.width > WIDTH + 1


class _Place(NamedTuple):
    """One moment of the axis: a fact's or a ghost's."""

    at: datetime
    lane: int
    arrived: datetime
    number: int
    rank: int
    ghost: Ghost | None


def figure_of(facts: Sequence[Fact], ghosts: Sequence[Ghost]) -> Figure:
    """Return the positions of all facts and ghosts."""
    rows = _rows(facts, ghosts)
    places = _in_time(facts, ghosts)
    left = _LABELS + _MARGIN
    axis = axis_of(_moments(places), WIDTH - left - _MARGIN)
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    shades = []
    for place, x in zip(places, axis.places, strict=True):
        if place.ghost is not None:
            shades.append(Shade(place.ghost, left + x, _y(rows, place.ghost.entity, place.ghost.group)))
        else:
            (above if place.lane == HAPPENED else below)[place.number] = left + x
    dots = [Dot(fact, above[fact.number], below[fact.number], _y(rows, fact.entity, fact.group)) for fact in facts]
    happened = _TOP + _ROW * len(rows)
    return Figure(
        rows=list(rows.values()),
        dots=dots,
        shades=shades,
        breaks=_shifted(axis, left),
        labels=_labels(places, axis, left),
        left=left,
        width=left + axis.width + _MARGIN,
        happened=happened,
        arrived=happened + _LANES_APART,
        height=happened + _LANES_APART + 62,
    )


def _in_time(facts: Sequence[Fact], ghosts: Sequence[Ghost]) -> list[_Place]:
    """Return all moments in the order of time. Facts of one instant are in the order of arrival, so that lines cross
    only where something is out of order. A ghost is right before the fact that proves it."""
    proofs: dict[int, list[Ghost]] = {}
    for ghost in ghosts:
        proofs.setdefault(ghost.before, []).append(ghost)
    found = []
    for fact in facts:
        happened = fact.happened or fact.arrived
        above = [*proofs.get(fact.number, ()), None]
        found += [
            _Place(happened, HAPPENED, fact.arrived, fact.number, rank, ghost) for rank, ghost in enumerate(above)
        ]
        found.append(_Place(fact.arrived, ARRIVED, fact.arrived, fact.number, 0, None))
    return sorted(found, key=lambda place: place[:-1])


def _moments(places: Sequence[_Place]) -> list[Moment]:
    """Return the moments for the axis. No fact arrives left of where it happened, unless a clock is behind."""
    happened: dict[int, int] = {}
    found = []
    for index, place in enumerate(places):
        if place.lane == HAPPENED:
            happened[place.number] = index
        found.append(Moment(place.at, place.lane, _APART, happened.get(place.number) if place.lane else None))
    return found


def _rows(facts: Sequence[Fact], ghosts: Sequence[Ghost]) -> Mapping[str, EntityRow]:
    """Return a row for each entity, by group and then by its first fact. More than `_MOST_ROWS` become a row for each
    group."""
    named: dict[str, Group] = {}
    entities = [(each.group, each.entity) for each in facts] + [(each.group, each.entity) for each in ghosts]
    for group, entity in sorted(entities, key=lambda each: _ORDER_OF_GROUPS.index(each[0])):
        named.setdefault(entity, group)
    if len(named) > _MOST_ROWS:
        named = {str(group): group for group in named.values()}
    return {name: EntityRow(name, group, _TOP + _ROW * at) for at, (name, group) in enumerate(named.items())}


def _y(rows: Mapping[str, EntityRow], entity: str, group: Group) -> float:
    return (rows.get(entity) or rows[group]).y


def _labels(places: Sequence[_Place], axis: Axis, left: float) -> list[tuple[float, str]]:
    """Return a time for the first moment and for each after a break, where there is room; with the year if there are
    several years."""
    after = {each.right for each in axis.breaks}
    spans_years = len({place.at.astimezone(UTC).year for place in places}) > 1
    form, apart = ("%d %b %Y %H:%M", _LABEL_APART + _YEAR) if spans_years else ("%d %b %H:%M", _LABEL_APART)
    found: list[tuple[float, str]] = []
    for place, x in zip(places, axis.places, strict=True):
        at = min(left + x, left + axis.width + _MARGIN - apart)
        if not found or (x in after and at - found[-1][0] > apart):
            found.append((at, place.at.astimezone(UTC).strftime(form)))
    return found


def _shifted(axis: Axis, left: float) -> list[Break]:
    return [Break(each.left + left, each.right + left, each.lasted) for each in axis.breaks]
