"""Lists of one partition. A worker looks through a list step by step, and does something else in between."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from processors.orders.blind import BLIND
from processors.orders.ids import EXCHANGE_RETURN
from processors.orders.index import Since, id_prefix, list_prefix
from processors.orders.older_rows import summary_of
from processors.orders.row import Summary
from processors.orders.standing import LISTS, ONLY_REFUNDS
from processors.orders.table import ORDER, TOTALS_KEY

AT_ONCE: Final = 50
"""Rows that one step looks at."""
_PORTION: Final = 10
"""Orders' rows that are read together: each may have megabytes."""
SEEN_BYTES: Final = 2 << 20
"""A step ends early once it has read more than this of orders' rows."""


class Rows(Protocol):
    """A table's partition."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """At most ``limit`` rows whose keys start with ``prefix`` and are after ``after``, in the order of keys."""


class Found(NamedTuple):
    """An entry of a list. `key`: of the row that shows it; `since`: when it entered the list (ms), where the list has
    that; `standing`: which list of `standing.LISTS` it is, None for other lists."""

    place: bytes
    key: bytes
    since: int | None = None
    standing: int | None = None

    def is_shown_by(self, row: bytes) -> bool:
        """Whether the order's row agrees with the list. If not, code that does not know the list left the index as it
        was."""
        if self.standing is None:
            return True
        summary = summary_of(row)
        return summary is not None and summary.standing.get(self.standing) == self.since


class Step(NamedTuple):
    """What a step found, in the order of places. It looked at everything up to `upto`; None: to the end."""

    found: Sequence[Found]
    upto: bytes | None


class Listing(Protocol):
    """A list of one partition."""

    def step(self, rows: Rows, after: bytes) -> Step:
        """The entries of the next rows behind this place."""


class Indexed:
    """What an index's keys with this prefix name. The rest of a key is the place; `of` and the place are the key of the
    row that shows the entry."""

    def __init__(self, prefix: bytes, of: bytes = ORDER) -> None:
        self._prefix, self._of = prefix, of

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        places = [key.removeprefix(self._prefix) for key, _ in rows.scan(self._prefix, self._prefix + after, AT_ONCE)]
        return Step([Found(place, self._of + place) for place in places], _end(places))


class One:
    """The row with this key, if there is one, at this place."""

    def __init__(self, place: bytes, key: bytes) -> None:
        self._place, self._key = place, key

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        is_there = self._place > after and rows.get_many([self._key]) != [None]
        return Step([Found(self._place, self._key)] if is_there else [], None)


class InExchange:
    """Orders in exchange for a return. Places are whole index keys: they hold the return's id and the order's."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        keys = [key for key, _ in rows.scan(self._prefix, after, AT_ONCE)]
        return Step([Found(key, ORDER + key.removeprefix(self._prefix)) for key in keys], _end(keys))


class StandingIn:
    """Orders that stand in a list, oldest first; `status`: only those that have it. Places are `Since`s."""

    def __init__(self, name: str, status: str | None = None) -> None:
        self._prefix, self._list, self._status = list_prefix(name), LISTS.index(name), status

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        keys = [key for key, _ in rows.scan(self._prefix, self._prefix + after, AT_ONCE)]
        places = [Since.read(key.removeprefix(self._prefix)) for key in keys]
        found = [Found(each.packed, ORDER + each.id, each.at, self._list) for each in places]
        step = Step(found, _end([each.place for each in found]))
        return step if self._status is None else self._of_status(rows, step)

    def _of_status(self, rows: Rows, step: Step) -> Step:
        chosen, size = list[Found](), 0
        for start in range(0, len(step.found), _PORTION):
            if size > SEEN_BYTES:
                return Step(chosen, step.found[start - 1].place)
            portion = step.found[start : start + _PORTION]
            for each, row in zip(portion, rows.get_many([each.key for each in portion]), strict=True):
                if row is not None and (summary := summary_of(row)) is not None and summary.status == self._status:
                    chosen.append(each)
                size += len(row or b"")
        return Step(chosen, step.upto)


class All:
    """All orders, in the order of their ids, the places. `has`: only those whose summary passes this test."""

    def __init__(self, has: Callable[[Summary], bool] | None = None) -> None:
        self._has = has

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        found, size = list[Found](), 0
        for _ in range(0, AT_ONCE, _PORTION):
            if size > SEEN_BYTES:
                break
            scanned = rows.scan(ORDER, ORDER + after, _PORTION)
            for key, row in scanned:
                after, size = key.removeprefix(ORDER), size + len(row)
                if self._has is None or ((summary := summary_of(row)) is not None and self._has(summary)):
                    found.append(Found(after, key))
            if not scanned:
                return Step(found, None)
        return Step(found, after)


def having_status(status: str) -> Listing:
    """Orders of a status that has no list."""
    return All(lambda summary: summary.status == status)


def provisional() -> Listing:
    """Orders that miss something. No list has them: most orders are provisional, but only for a moment."""
    return All(lambda summary: summary.provisional)


class Dated:
    """Rows whose keys say since when they exist."""

    def __init__(self, prefix: bytes) -> None:
        self._prefix = prefix

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        keys = [key for key, _ in rows.scan(self._prefix, self._prefix + after, AT_ONCE)]
        places = [Since.read(key.removeprefix(self._prefix)) for key in keys]
        found = [Found(place.packed, key, place.at) for place, key in zip(places, keys, strict=True)]
        return Step(found, _end([place.packed for place in places]))


class Together:
    """Several lists as one, each place once."""

    def __init__(self, *listings: Listing) -> None:
        self._listings = listings

    def step(self, rows: Rows, after: bytes) -> Step:
        """See `Listing`."""
        steps = [each.step(rows, after) for each in self._listings]
        upto = min((each.upto for each in steps if each.upto is not None), default=None)
        found = {each.place: each for step in steps for each in step.found if upto is None or each.place <= upto}
        return Step([found[place] for place in sorted(found)], upto)


def named(order_id: str) -> Listing:
    """The order with this id."""
    place = order_id.encode()
    return One(place, ORDER + place)


def totals() -> Listing:
    """A partition's totals. Every partition has them at the same place, so they cannot be paged."""
    return One(TOTALS_KEY, TOTALS_KEY)


def blind_returns() -> Listing:
    """Returns of no order, and orders of which only refunds are known; oldest first."""
    return Together(Dated(BLIND), StandingIn(ONLY_REFUNDS))


def in_exchange(return_ids: Sequence[str]) -> Listing:
    """Orders in exchange for one of these returns."""
    return Together(*(InExchange(id_prefix(EXCHANGE_RETURN, each)) for each in return_ids))


def _end(places: Sequence[bytes]) -> bytes | None:
    """How far a scan of `AT_ONCE` rows has looked; None: to the end."""
    return places[-1] if len(places) == AT_ONCE else None
