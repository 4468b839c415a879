"""What must be in the output topics, given the raw topic and what the sender meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.programs.checker.by_operator import accepted_by
from tests.programs.checker.meaning import Meaning, Meanings
from tests.programs.checker.names import CONFLICTS, QUARANTINE
from tests.programs.checker.record import Record


@dataclass(frozen=True, slots=True)
class Expected:
    """A record that must be there: the body of `source` in `dataset`.

    `first`: the raw record that it is in conflict with. `accepted`: by it an operator accepted a conflict.
    """

    dataset: str
    key: bytes | None
    source: Record
    meaning: Meaning | None
    first: Record | None = None
    accepted: bool = False


def expected_outputs(raw: Iterable[Record], meanings: Meanings) -> Iterator[Expected]:
    """Every record that must be there. `raw` is in the order of processing; `meanings` must have every body in it."""
    first: dict[str, Record] = {}
    seen: set[tuple[str, int]] = set()
    accepted: set[str] = set()
    for record in raw:
        meaning = meanings[record.value or b""]
        if meaning is None:
            yield Expected(QUARANTINE, None, record, None)
            continue
        if (place := accepted_by(record)) is not None:
            if meaning.key_documented and place not in accepted:
                yield Expected(meaning.dataset, meaning.key.encode(), record, meaning, accepted=True)
            accepted.add(place)
            continue
        if meaning.event not in first:
            first[meaning.event] = record
            yield Expected(meaning.dataset, meaning.key.encode(), record, meaning)
        elif (meaning.event, meaning.payload) not in seen:
            yield from _conflict(record, meaning, first[meaning.event])
        seen.add((meaning.event, meaning.payload))


def _conflict(record: Record, meaning: Meaning, first: Record) -> Iterator[Expected]:
    yield Expected(CONFLICTS, record.key, record, meaning, first)
    if not meaning.key_documented:
        yield Expected(meaning.dataset, meaning.key.encode(), record, meaning, first)
