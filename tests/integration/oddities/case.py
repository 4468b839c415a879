"""What a case is: an oddity, the deliveries that show it, and what the contract makes of each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An event: one record in the cleaned topic `dataset`, under the record key `key`.

    `event_key` is the part of `ce_id` behind tenant and name. `time`: `ce_time`, None if there must be none.
    """

    dataset: str
    key: str
    event_key: str
    time: str | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Another payload under the guessed key of the event before it: in `conflicts`, and marked in its cleaned topic."""

    like: Cleaned


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Another payload under the documented key of the event before it: in `conflicts` only."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A duplicate of the event before it: in the raw topic only."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """No event of this tenant: answered 200 and kept byte for byte in `quarantine`, never in the raw topic."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Answered 400; a stub of it in `quarantine`."""


Outcome = Cleaned | Passed | HeldBack | Dropped | Quarantined | Rejected


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook call. `chunked`: without a Content-Length. `gains`: headers that its record must have."""

    body: bytes
    outcome: Outcome
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False
    gains: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return 400 if isinstance(self.outcome, Rejected) else 200


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """`oddity` and `effect` are for people. `rule` names the sentence that the case holds to. C: contract; ES:
    NewStore's event-stream documentation.

    `orders`: by order id, what its state must contain in the end; None: there must be no such order."""

    oddity: str
    rule: str
    effect: str
    deliveries: tuple[Delivery, ...]
    orders: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.oddity
