"""One webhook call, and what has to come of it."""

from dataclasses import dataclass

from schemas.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """`kind`: what must become of it, counted over all of them whatever their order of arrival.

    `event`: its name, and `number`: its place in the order of publishing; None where the body is broken. `correction` 0
    is the event's own payload; every other one contradicts it, and all the others, under the same key.
    """

    kind: Outcome
    body: bytes
    event: str | None = None
    number: int | None = None
    correction: int = 0
