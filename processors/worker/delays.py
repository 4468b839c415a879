"""How late NewStore's events come, from a few records of each transaction: all of them only the ingress knows."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from schemas import headers as header

MOST: Final = 5
"""Records of a transaction that are looked at: 2 µs each."""


class Record(Protocol):
    """What is read of a raw record."""

    headers: Sequence[tuple[str, bytes]]


def delays(records: Sequence[Record]) -> Iterator[float]:
    """Yield seconds from publishing to receipt of some of these records, spread over them; those whose headers do not
    tell both are left out. A clock that is ahead makes no delay less than 0."""
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
    except ValueError:  # headers of a record that no ingress wrote
        return None
    return None if moment.tzinfo is None else moment
