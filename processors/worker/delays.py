"""How late NewStore's events come, by a few records of each transaction. Only the ingress knows the delays of all."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from schemas import headers as header

MOST: Final = 5
"""Records of a transaction that are looked at; each takes 2 µs."""


class Record(Protocol):
    """What is read of a raw record."""

    headers: Sequence[tuple[str, bytes]]


def delays(records: Sequence[Record]) -> Iterator[float]:
    """Yield the seconds from publishing to receipt for some of these records, spread evenly. Records whose headers lack
    either time are left out. A delay is never less than 0, even if a clock is ahead."""
    step = max(1, -(-len(records) // MOST))
    for record in records[::step]:
        said = dict(record.headers)
        published, received = (_moment(said.get(name)) for name in (header.CE_TIME, header.RECEIVED_AT))
        if published is not None and received is not None:
            yield max(0.0, (received - published).total_seconds())


def _moment(text: bytes | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.decode())
    except ValueError:  # no ingress wrote this record
        return None
    return None if moment.tzinfo is None else moment
