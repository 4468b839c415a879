"""What a deployment adds to the rules by which orders are made and judged."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol, Self

import orjson

from processors.orders.untold import Untold, untold
from schemas.instant import instant_of, sort_key

_MS: Final = timedelta(milliseconds=1)
_LATE_AFTER_MS: Final = timedelta(minutes=15) // _MS
_DAY: Final = timedelta(days=1)


class History(NamedTuple):
    """An order is from before the bridge if it was placed before `placed`. Where nobody knows when it was placed, it is
    so if its first fact is from before `first_fact`. Both are instants as places have them."""

    placed: str
    first_fact: str

    @classmethod
    def before(cls, since: datetime, window: timedelta) -> Self:
        """Make it for a bridge that listens since `since`. `window`: how long after an order was placed its events may
        still come."""
        latest = datetime.max.replace(tzinfo=UTC)  # a later sum would raise OverflowError
        return cls(_text(since), _text(since + window if window < latest - since else latest))


def _text(moment: datetime) -> str:
    return sort_key(instant_of(moment.isoformat()))


class Patience(NamedTuple):
    """How long (ms) the next event of an order may take before the order is stalled; 0: no limit."""

    opened: int = _DAY // _MS
    captured: int = _DAY // _MS
    refunded: int = 5 * _DAY // _MS
    completed: int = _DAY // _MS
    handed_over: int = 7 * _DAY // _MS


_PATIENCE: Final = Patience()


class HistorySource(Protocol):
    """Knows since when the bridge listens, if no setting says so."""

    @property
    def history(self) -> History | None:
        """What is from before; None while that is not known."""

    def recall(self, row: bytes | None) -> None:
        """Learn what a partition's row says, if it has one."""


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What a deployment adds to the contract.

    `events`: the event names it is subscribed to; None: all. `late_after_ms`: after how long an event is late.
    `history`: which orders it does not know from their beginning; None: no setting says so, and `beginning` may know.
    `patience`: how long what comes next may take. `retention_ms`: how long an order is kept after its last event; 0:
    for ever. `withholds_customer`: the topic has documents without personal data. `document_bytes`: how large these may
    be; 0: any size. `writes_lines`: items go to a topic of their own, too. `untold` follows from `events`.
    """

    events: frozenset[str] | None = None
    late_after_ms: int = _LATE_AFTER_MS
    history: History | None = None
    patience: Patience = _PATIENCE
    beginning: HistorySource | None = None
    retention_ms: int = 0
    withholds_customer: bool = False
    document_bytes: int = 0
    writes_lines: bool = False
    untold: Untold = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "untold", untold(self.events))

    @property
    def before(self) -> History | None:
        """What is from before the bridge, as far as that is known by now."""
        return self.history if self.history or self.beginning is None else self.beginning.history

    @property
    def judged_by(self) -> bytes:
        """A hash (16 bytes) of what decides, besides time, whether an order is late, stalled or in a list. Of
        `patience` only whether each wait is watched counts: a longer wait does not undo that an order was stalled."""
        before, is_watched = self.before, [after > 0 for after in self.patience]
        events = None if self.events is None else sorted(self.events)
        return blake2b(orjson.dumps((events, before and [*before], is_watched)), digest_size=16).digest()

    def recall(self, began: bytes | None) -> None:
        """Learn since when the bridge listens, from the row `beginning.BEGAN` of an order's partition."""
        if self.beginning is not None:
            self.beginning.recall(began)

    def expects(self, event: str) -> bool:
        """Tell whether the event would come at all; if not, it is never missing."""
        return self.events is None or event in self.events
