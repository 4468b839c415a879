"""One webhook call, and what has to come of it."""

from dataclasses import dataclass

from schemas.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """`kind`: what must become of it, counted over all of them whatever their order of arrival.

    `event`: its name, None where the body is broken.
    """

    kind: Outcome
    body: bytes
    event: str | None = None
