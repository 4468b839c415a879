"""Raw records that an operator published again. Each must be the only copy of the kept record that it names."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.programs.checker.names import CONFLICTS, QUARANTINE, RAW
from tests.programs.checker.record import Record

_ACCEPT, _REPLAY = "bridge_accept", "bridge_replay"
_PLACE = re.compile(r"(0|[1-9]\d*):(0|[1-9]\d*)", re.ASCII)


def accepted_by(raw: Record) -> str | None:
    """The place of the conflict that this raw record accepts; None: it is an ordinary record."""
    place = raw.header(_ACCEPT)
    return place if place and _PLACE.fullmatch(place) else None


def replayed(raw: Sequence[Record]) -> set[str]:
    """The places of the quarantined records that were published again."""
    return {place for record in raw if (place := record.header(_REPLAY)) is not None}


def wrong_copies(records: Mapping[str, Sequence[Record]]) -> Iterator[str]:
    """Counter-examples: a record published twice, or with other bytes than the kept record."""
    for header, dataset in ((_ACCEPT, CONFLICTS), (_REPLAY, QUARANTINE)):
        kept = {str(record.source): record for record in records[dataset]}
        copies: dict[str, Record] = {}
        for record in records[RAW]:
            place = record.header(header)
            if place is None or (header == _ACCEPT and _REPLAY in record.headers):
                continue  # a replayed acceptance: a handler had failed on it
            if place in copies:
                yield f"{record}: {header} {place} a second time, as {copies[place]}"
            elif place not in kept or kept[place].value != record.value:
                yield f"{record}: not the bytes of {place} in {dataset}"
            copies[place] = record
